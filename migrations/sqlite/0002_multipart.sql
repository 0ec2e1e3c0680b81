-- Uploads in parts, checksums, and when an upload was last heard of.
ALTER TABLE attachments ADD COLUMN multipart_id TEXT; -- the storage's name for the upload in parts; null: one PUT
ALTER TABLE attachments ADD COLUMN checksum_sha256 TEXT; -- base64; of an upload in parts `{base64}-{parts}`; null: not told
ALTER TABLE attachments ADD COLUMN signed_at INTEGER NOT NULL DEFAULT 0; -- when an upload URL was last signed
