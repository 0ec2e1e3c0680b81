-- What people look for files by: image, video, audio, document or other; and names and words, folded (attachments/search.rs).
ALTER TABLE attachments ADD COLUMN kind TEXT NOT NULL DEFAULT 'other';
ALTER TABLE attachments ADD COLUMN search_text TEXT NOT NULL DEFAULT '';

UPDATE attachments SET
    kind = CASE
        WHEN media_type IN ('IMAGE', 'GIF') OR content_type LIKE 'image/%' THEN 'image'
        WHEN media_type = 'VIDEO' THEN 'video'
        WHEN media_type = 'AUDIO' THEN 'audio'
        WHEN content_type = 'application/pdf' OR content_type LIKE 'text/%' THEN 'document'
        ELSE 'other'
    END,
    search_text = lower(file_name) || COALESCE((SELECT char(10) || lower(m.body) FROM messages m WHERE m.id = attachments.message_id), '');

-- Sent files in the order in which lists show them, with all that filters and sums read, so that a filter that finds little
-- does not visit the rows.
CREATE INDEX attachments_sent ON attachments (organization_id, message_id DESC, id, kind, channel_id, uploaded_by, file_size)
    WHERE status = 'complete' AND deleted_at IS NULL AND message_id IS NOT NULL;
CREATE INDEX attachments_sent_channel ON attachments (channel_id, message_id DESC, id, kind, uploaded_by, file_size)
    WHERE status = 'complete' AND deleted_at IS NULL AND message_id IS NOT NULL;
