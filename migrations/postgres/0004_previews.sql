-- What was read out of a file after it was complete.
ALTER TABLE attachments ADD COLUMN thumbhash BYTEA; -- a blurred preview in some 25 bytes
ALTER TABLE attachments ADD COLUMN duration_ms BIGINT; -- of video and audio
ALTER TABLE attachments ADD COLUMN page_count INTEGER; -- of PDF
ALTER TABLE attachments ADD COLUMN animated BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE attachments ADD COLUMN preview TEXT; -- pending, ready or none; null: files of this type have none
ALTER TABLE attachments ADD COLUMN preview_reason TEXT; -- why there is none
