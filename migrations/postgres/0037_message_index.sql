-- The index of searches: which texts have which grams (platform/grams.rs, platform/db/text_index.rs).
CREATE TABLE search_documents (
    id UUID PRIMARY KEY, -- of the message
    grams TEXT NOT NULL -- separated by spaces
);
-- Its cost is high, so that the planner reads the index and not the table. In another language than SQL the planner keeps the cost.
CREATE FUNCTION gram_set(grams TEXT) RETURNS TEXT[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$ BEGIN RETURN string_to_array(grams, ' '); END $$;
-- New texts wait in a list of at most 1 MB, which searches read too: a longer one makes them slower, a shorter one writing.
CREATE INDEX search_documents_grams ON search_documents USING gin (gram_set(grams)) WITH (gin_pending_list_limit = 1024);

-- How far a job has indexed the messages from before. Without a row, all are indexed.
CREATE TABLE message_index_progress (
    id BIGINT PRIMARY KEY,
    before_id UUID NOT NULL, -- this message and newer ones are indexed
    indexed BIGINT NOT NULL, -- messages
    total BIGINT NOT NULL -- messages when the job began
);
INSERT INTO message_index_progress (id, before_id, indexed, total)
SELECT 1, 'ffffffff-ffff-ffff-ffff-ffffffffffff', 0, count(*) FROM messages HAVING count(*) > 0;

-- The names that SQLite has for them. Statements send a list of ids as JSON.
CREATE FUNCTION json_each(list TEXT) RETURNS TABLE (value TEXT)
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE AS $$ SELECT json_array_elements_text(list::json) $$;
CREATE FUNCTION unhex(id TEXT) RETURNS UUID LANGUAGE SQL IMMUTABLE PARALLEL SAFE AS $$ SELECT id::uuid $$;
