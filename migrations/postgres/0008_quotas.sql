-- How much an organisation keeps, and may keep.
ALTER TABLE organizations ADD COLUMN used_bytes BIGINT NOT NULL DEFAULT 0; -- kept by the trigger below
ALTER TABLE organizations ADD COLUMN quota_bytes BIGINT; -- null: the installation's ORGANIZATION_QUOTA
ALTER TABLE organizations ADD COLUMN retention_days INTEGER; -- of deleted files; null: kept until somebody purges them

UPDATE organizations SET used_bytes = (
    SELECT COALESCE(SUM(a.file_size), 0) FROM attachments a
    WHERE a.organization_id = organizations.id AND a.status <> 'failed' AND a.purged_at IS NULL
);

-- A file counts from the moment its upload is announced, so that many at once cannot get past the quota, until it failed or
-- was purged. By triggers, so that no way to change an attachment can forget it.
CREATE FUNCTION count_attachment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change BIGINT := 0;
BEGIN
    IF TG_OP <> 'DELETE' AND NEW.status <> 'failed' AND NEW.purged_at IS NULL THEN
        change := change + NEW.file_size;
    END IF;
    IF TG_OP <> 'INSERT' AND OLD.status <> 'failed' AND OLD.purged_at IS NULL THEN
        change := change - OLD.file_size;
    END IF;
    IF change <> 0 THEN
        UPDATE organizations SET used_bytes = used_bytes + change
        WHERE id = COALESCE(NEW.organization_id, OLD.organization_id);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER attachments_count AFTER INSERT OR DELETE OR UPDATE OF status, purged_at, file_size ON attachments
FOR EACH ROW EXECUTE FUNCTION count_attachment();
