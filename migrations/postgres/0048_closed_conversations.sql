-- Conversations that are done: they leave the list, and return with the next message of the contact.
ALTER TABLE channels ADD COLUMN closed BOOLEAN NOT NULL DEFAULT FALSE;
DROP INDEX channels_latest;
CREATE INDEX channels_latest ON channels (organization_id, kind, closed, (COALESCE(last_message_id, id)) DESC);
