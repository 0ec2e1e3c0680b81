-- Files are found by their own names, and by the words of the messages that have them, as those are now.
UPDATE attachments SET search_text = split_part(search_text, chr(10), 1) WHERE strpos(search_text, chr(10)) > 0;

-- The message's channel, where that is another than the file was first sent to: there it is found too.
ALTER TABLE message_attachments ADD COLUMN elsewhere_id UUID REFERENCES channels (id);
UPDATE message_attachments SET elsewhere_id = (
    SELECT NULLIF(m.channel_id, a.channel_id) FROM messages m CROSS JOIN attachments a
    WHERE m.id = message_attachments.message_id AND a.id = message_attachments.attachment_id);
CREATE INDEX message_attachments_elsewhere ON message_attachments (elsewhere_id, message_id DESC, attachment_id)
    WHERE elsewhere_id IS NOT NULL;

-- A token may post as a bot. What a removed one has posted keeps its name; another may have that then.
ALTER TABLE bots ADD COLUMN removed_at BIGINT;
ALTER TABLE bots DROP CONSTRAINT bots_organization_id_name_key;
CREATE UNIQUE INDEX bots_name ON bots (organization_id, name) WHERE removed_at IS NULL;
ALTER TABLE access_tokens ADD COLUMN bot_id UUID REFERENCES bots (id);
