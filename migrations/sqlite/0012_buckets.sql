-- Buckets: channels that programs feed, with a look and a rule of their own.
ALTER TABLE channels ADD COLUMN color TEXT; -- of buckets: the name of a tint
ALTER TABLE channels ADD COLUMN icon_id BLOB REFERENCES attachments (id); -- of buckets; null: one is drawn from name and color
ALTER TABLE channels ADD COLUMN public_files BOOLEAN NOT NULL DEFAULT FALSE; -- what is posted can be fetched by anybody who has the URL
ALTER TABLE channels ADD COLUMN deleted_at INTEGER; -- of buckets: from then on nobody sees it, and a job removes its files
CREATE UNIQUE INDEX channels_bucket_name ON channels (organization_id, name) WHERE kind = 'bucket' AND deleted_at IS NULL;
CREATE INDEX channels_icon ON channels (icon_id) WHERE icon_id IS NOT NULL;

ALTER TABLE attachments ADD COLUMN object_key TEXT; -- of files that came through the server; null: the id

-- A file that was uploaded ahead belongs to no channel until a message takes it.
ALTER TABLE attachments ADD COLUMN home_id BLOB REFERENCES channels (id);
UPDATE attachments SET home_id = channel_id;
DROP INDEX attachments_channel;
DROP INDEX attachments_live;
DROP INDEX attachments_sent;
DROP INDEX attachments_sent_channel;
ALTER TABLE attachments DROP COLUMN channel_id;
ALTER TABLE attachments RENAME COLUMN home_id TO channel_id;
CREATE INDEX attachments_channel ON attachments (channel_id, id);
CREATE INDEX attachments_live ON attachments (channel_id, uploaded_at) WHERE deleted_at IS NULL;
CREATE INDEX attachments_sent ON attachments (organization_id, message_id DESC, id, kind, channel_id, uploaded_by, file_size)
    WHERE status = 'complete' AND deleted_at IS NULL AND message_id IS NOT NULL;
CREATE INDEX attachments_sent_channel ON attachments (channel_id, message_id DESC, id, kind, uploaded_by, file_size)
    WHERE status = 'complete' AND deleted_at IS NULL AND message_id IS NOT NULL;
