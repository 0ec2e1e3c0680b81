-- Buckets: channels that programs feed, with a look and a rule of their own.
ALTER TABLE channels ADD COLUMN color TEXT; -- of buckets: the name of a tint
ALTER TABLE channels ADD COLUMN icon_id UUID REFERENCES attachments (id); -- of buckets; null: one is drawn from name and color
ALTER TABLE channels ADD COLUMN public_files BOOLEAN NOT NULL DEFAULT FALSE; -- what is posted can be fetched by anybody who has the URL
ALTER TABLE channels ADD COLUMN deleted_at BIGINT; -- of buckets: from then on nobody sees it, and a job removes its files
CREATE UNIQUE INDEX channels_bucket_name ON channels (organization_id, name) WHERE kind = 'bucket' AND deleted_at IS NULL;
CREATE INDEX channels_icon ON channels (icon_id) WHERE icon_id IS NOT NULL;

ALTER TABLE attachments ADD COLUMN object_key TEXT; -- of files that came through the server; null: the id

-- A file that was uploaded ahead belongs to no channel until a message takes it.
ALTER TABLE attachments ALTER COLUMN channel_id DROP NOT NULL;
