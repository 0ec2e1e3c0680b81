-- The preview of a picture that a message names by URL. The server fetches it once.
ALTER TABLE message_attachments ADD COLUMN preview_id BLOB; -- of the stored preview; null: none is made
ALTER TABLE message_attachments ADD COLUMN preview TEXT; -- pending, ready or none
ALTER TABLE message_attachments ADD COLUMN width INTEGER; -- pixels of the picture
ALTER TABLE message_attachments ADD COLUMN height INTEGER;
CREATE UNIQUE INDEX message_attachments_preview ON message_attachments (preview_id) WHERE preview_id IS NOT NULL;
