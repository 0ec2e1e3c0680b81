-- Messages are numbered within their channel, from 1 without gaps, so that unread ones are a difference.
ALTER TABLE messages ADD COLUMN sequence BIGINT; -- null: from before there were numbers
-- The number of the newest message; null: messages from before are not numbered yet.
ALTER TABLE channels ADD COLUMN last_sequence BIGINT DEFAULT 0;
UPDATE channels SET last_sequence = NULL WHERE last_message_id IS NOT NULL;
CREATE INDEX channels_unnumbered ON channels (id) WHERE last_sequence IS NULL;
-- Messages that do not count as unread.
CREATE INDEX messages_deleted ON messages (channel_id, sequence) WHERE deleted_at IS NOT NULL AND sequence IS NOT NULL;
