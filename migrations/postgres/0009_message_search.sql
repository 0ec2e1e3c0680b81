-- Title and words as searches compare them, folded (platform/search.rs).
ALTER TABLE messages ADD COLUMN search_text TEXT NOT NULL DEFAULT '';
UPDATE messages SET search_text = lower(body);
