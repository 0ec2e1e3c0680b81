-- Number and size of the stored files of each conversation, member and type, so that the page of the storage reads no file. Triggers add a row
-- for each change, which waits for no other; a job adds those rows up.
CREATE TABLE storage_by_channel (
    organization_id UUID NOT NULL,
    channel_id UUID NOT NULL,
    files BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    PRIMARY KEY (organization_id, channel_id)
);
CREATE TABLE storage_by_member (
    organization_id UUID NOT NULL,
    member_id UUID NOT NULL, -- zero: contacts
    files BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    PRIMARY KEY (organization_id, member_id)
);
CREATE TABLE storage_by_type (
    organization_id UUID NOT NULL,
    kind TEXT NOT NULL, -- image, video, audio, other
    deleted BOOLEAN NOT NULL,
    files BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    PRIMARY KEY (organization_id, kind, deleted)
);
CREATE TABLE storage_changes (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id UUID NOT NULL,
    channel_id UUID,
    member_id UUID NOT NULL, -- zero: contacts
    kind TEXT NOT NULL,
    deleted BOOLEAN NOT NULL,
    files BIGINT NOT NULL, -- 1 more or 1 less
    bytes BIGINT NOT NULL
);
CREATE INDEX storage_changes_organization ON storage_changes (organization_id);
CREATE INDEX attachments_largest ON attachments (organization_id, file_size DESC, id DESC) WHERE status = 'complete' AND purged_at IS NULL;

CREATE FUNCTION count_stored_attachment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.status = 'failed', OLD.deleted_at IS NULL, OLD.purged_at IS NULL, OLD.content_type, OLD.file_size)
        = (NEW.status = 'failed', NEW.deleted_at IS NULL, NEW.purged_at IS NULL, NEW.content_type, NEW.file_size)
        AND OLD.channel_id IS NOT DISTINCT FROM NEW.channel_id AND OLD.uploaded_by IS NOT DISTINCT FROM NEW.uploaded_by THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO storage_changes (organization_id, channel_id, member_id, kind, deleted, files, bytes)
        SELECT OLD.organization_id, OLD.channel_id, COALESCE(OLD.uploaded_by, '00000000-0000-0000-0000-000000000000'),
            CASE WHEN OLD.content_type LIKE 'image/%' THEN 'image' WHEN OLD.content_type LIKE 'video/%' THEN 'video'
                 WHEN OLD.content_type LIKE 'audio/%' THEN 'audio' ELSE 'other' END,
            OLD.deleted_at IS NOT NULL, -1, -OLD.file_size
        WHERE OLD.status <> 'failed' AND OLD.purged_at IS NULL;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO storage_changes (organization_id, channel_id, member_id, kind, deleted, files, bytes)
        SELECT NEW.organization_id, NEW.channel_id, COALESCE(NEW.uploaded_by, '00000000-0000-0000-0000-000000000000'),
            CASE WHEN NEW.content_type LIKE 'image/%' THEN 'image' WHEN NEW.content_type LIKE 'video/%' THEN 'video'
                 WHEN NEW.content_type LIKE 'audio/%' THEN 'audio' ELSE 'other' END,
            NEW.deleted_at IS NOT NULL, 1, NEW.file_size
        WHERE NEW.status <> 'failed' AND NEW.purged_at IS NULL;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER attachments_stored AFTER INSERT OR DELETE OR UPDATE OF status, deleted_at, purged_at, channel_id, content_type, uploaded_by, file_size ON attachments
FOR EACH ROW EXECUTE FUNCTION count_stored_attachment();

-- Last, because from here on no change is missed.
INSERT INTO storage_by_channel (organization_id, channel_id, files, bytes)
SELECT a.organization_id, a.channel_id, count(*), sum(a.file_size) FROM attachments a
WHERE a.status <> 'failed' AND a.purged_at IS NULL AND a.channel_id IS NOT NULL
GROUP BY a.organization_id, a.channel_id;
INSERT INTO storage_by_member (organization_id, member_id, files, bytes)
SELECT a.organization_id, COALESCE(a.uploaded_by, '00000000-0000-0000-0000-000000000000'), count(*), sum(a.file_size) FROM attachments a
WHERE a.status <> 'failed' AND a.purged_at IS NULL
GROUP BY 1, 2;
INSERT INTO storage_by_type (organization_id, kind, deleted, files, bytes)
SELECT a.organization_id, CASE WHEN a.content_type LIKE 'image/%' THEN 'image' WHEN a.content_type LIKE 'video/%' THEN 'video'
         WHEN a.content_type LIKE 'audio/%' THEN 'audio' ELSE 'other' END,
    a.deleted_at IS NOT NULL, count(*), sum(a.file_size) FROM attachments a
WHERE a.status <> 'failed' AND a.purged_at IS NULL
GROUP BY 1, 2, 3;
