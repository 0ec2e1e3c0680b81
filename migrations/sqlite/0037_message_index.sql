-- The index of searches: which texts have which grams (platform/grams.rs, platform/db/text_index.rs). FTS5 keeps no text, and sorts by number.
CREATE TABLE search_documents (
    number INTEGER PRIMARY KEY, -- the order of the ids
    id BLOB NOT NULL UNIQUE -- of the message
);
CREATE VIRTUAL TABLE search_grams USING fts5 (grams, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii');

-- How far a job has indexed the messages from before. Without a row, all are indexed.
CREATE TABLE message_index_progress (
    id INTEGER PRIMARY KEY,
    before_id BLOB NOT NULL, -- this message and newer ones are indexed
    indexed INTEGER NOT NULL, -- messages
    total INTEGER NOT NULL -- messages when the job began
);
INSERT INTO message_index_progress (id, before_id, indexed, total)
SELECT 1, x'ffffffffffffffffffffffffffffffff', 0, count(*) FROM messages HAVING count(*) > 0;
