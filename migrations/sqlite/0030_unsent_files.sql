-- For lists of a member's own files that no message has.
CREATE INDEX attachments_unsent ON attachments (uploaded_by, id) WHERE message_id IS NULL AND deleted_at IS NULL;
