-- The version of the table of file types that judged a file; 0: one before there was a table. A job judges those again.
ALTER TABLE attachments ADD COLUMN judged INTEGER NOT NULL DEFAULT 0;
CREATE INDEX attachments_judged ON attachments (judged, id) WHERE status = 'complete' AND purged_at IS NULL;

-- Whether a program called the file an ICON in so many words. Such a file is kept though no message has it. A picture is an ICON
-- only when it was called one.
ALTER TABLE attachments ADD COLUMN is_icon BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE attachments SET is_icon = TRUE WHERE media_type = 'ICON' AND object_key IS NOT NULL
    AND content_type IN ('image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/avif', 'image/bmp');
