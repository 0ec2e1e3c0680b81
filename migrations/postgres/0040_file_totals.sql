-- Number and size of the sent files of each conversation, so that totals read no file. Triggers add a row for each change, which waits for
-- no other; a job adds those rows up.
CREATE TABLE file_totals (
    channel_id UUID NOT NULL,
    kind TEXT NOT NULL, -- attachments.kind
    from_contact BOOLEAN NOT NULL,
    files BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    PRIMARY KEY (channel_id, kind, from_contact)
);
CREATE TABLE file_total_changes (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    channel_id UUID NOT NULL,
    kind TEXT NOT NULL,
    from_contact BOOLEAN NOT NULL,
    files BIGINT NOT NULL, -- 1 more or 1 less
    bytes BIGINT NOT NULL
);

CREATE FUNCTION total_attachment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO file_total_changes (channel_id, kind, from_contact, files, bytes)
        SELECT OLD.channel_id, OLD.kind, OLD.uploaded_by IS NULL, -1, -OLD.file_size
        WHERE OLD.status = 'complete' AND OLD.deleted_at IS NULL AND OLD.message_id IS NOT NULL AND OLD.channel_id IS NOT NULL;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO file_total_changes (channel_id, kind, from_contact, files, bytes)
        SELECT NEW.channel_id, NEW.kind, NEW.uploaded_by IS NULL, 1, NEW.file_size
        WHERE NEW.status = 'complete' AND NEW.deleted_at IS NULL AND NEW.message_id IS NOT NULL AND NEW.channel_id IS NOT NULL;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER attachments_total AFTER INSERT OR DELETE OR UPDATE OF status, deleted_at, message_id, channel_id, kind, uploaded_by, file_size ON attachments
FOR EACH ROW EXECUTE FUNCTION total_attachment();

-- Last, because from here on no change is missed.
INSERT INTO file_totals (channel_id, kind, from_contact, files, bytes)
SELECT a.channel_id, a.kind, a.uploaded_by IS NULL, count(*), sum(a.file_size) FROM attachments a
WHERE a.status = 'complete' AND a.deleted_at IS NULL AND a.message_id IS NOT NULL AND a.channel_id IS NOT NULL
GROUP BY a.channel_id, a.kind, a.uploaded_by IS NULL;
