-- The critical ones among the unread are counted for every list of conversations.
CREATE INDEX messages_critical ON messages (channel_id, id) WHERE delivery_type = 'CRITICAL';
