-- Lists of conversations are read along the order that they are shown in, and no further than they go.
CREATE INDEX channels_latest ON channels (organization_id, kind, (COALESCE(last_message_id, id)) DESC);
-- The critical ones among the unread are counted for each of them.
CREATE INDEX messages_critical ON messages (channel_id, id) WHERE delivery_type = 'CRITICAL';

-- All channels come in the order that they were made in.
DROP INDEX channels_organization;
CREATE INDEX channels_organization ON channels (organization_id, id);
