-- Searches of files use the index of messages: messages with files have terms of their own there. A job indexes all again.
DELETE FROM message_index_progress;
INSERT INTO search_grams (search_grams) VALUES ('delete-all');
DELETE FROM search_documents;
INSERT INTO message_index_progress (id, before_id, indexed, total)
SELECT 1, x'ffffffffffffffffffffffffffffffff', 0, count(*) FROM messages HAVING count(*) > 0;
