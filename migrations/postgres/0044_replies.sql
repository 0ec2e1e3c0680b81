-- The message of the same conversation that a message replies to.
ALTER TABLE messages ADD COLUMN reply_to_id UUID REFERENCES messages (id) ON DELETE SET NULL;
CREATE INDEX messages_reply_to ON messages (reply_to_id) WHERE reply_to_id IS NOT NULL;
