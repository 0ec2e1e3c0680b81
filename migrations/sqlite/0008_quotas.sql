-- How much an organisation keeps, and may keep.
ALTER TABLE organizations ADD COLUMN used_bytes INTEGER NOT NULL DEFAULT 0; -- kept by the triggers below
ALTER TABLE organizations ADD COLUMN quota_bytes INTEGER; -- null: the installation's ORGANIZATION_QUOTA
ALTER TABLE organizations ADD COLUMN retention_days INTEGER; -- of deleted files; null: kept until somebody purges them

UPDATE organizations SET used_bytes = (
    SELECT COALESCE(SUM(a.file_size), 0) FROM attachments a
    WHERE a.organization_id = organizations.id AND a.status <> 'failed' AND a.purged_at IS NULL
);

-- A file counts from the moment its upload is announced, so that many at once cannot get past the quota, until it failed or
-- was purged. By triggers, so that no way to change an attachment can forget it.
CREATE TRIGGER attachments_count_new AFTER INSERT ON attachments WHEN NEW.status <> 'failed'
BEGIN
    UPDATE organizations SET used_bytes = used_bytes + NEW.file_size WHERE id = NEW.organization_id;
END;

CREATE TRIGGER attachments_count_changed AFTER UPDATE OF status, purged_at, file_size ON attachments
WHEN (CASE WHEN NEW.status <> 'failed' AND NEW.purged_at IS NULL THEN NEW.file_size ELSE 0 END)
  <> (CASE WHEN OLD.status <> 'failed' AND OLD.purged_at IS NULL THEN OLD.file_size ELSE 0 END)
BEGIN
    UPDATE organizations SET used_bytes = used_bytes
        + (CASE WHEN NEW.status <> 'failed' AND NEW.purged_at IS NULL THEN NEW.file_size ELSE 0 END)
        - (CASE WHEN OLD.status <> 'failed' AND OLD.purged_at IS NULL THEN OLD.file_size ELSE 0 END)
    WHERE id = NEW.organization_id;
END;

CREATE TRIGGER attachments_count_removed AFTER DELETE ON attachments
WHEN OLD.status <> 'failed' AND OLD.purged_at IS NULL
BEGIN
    UPDATE organizations SET used_bytes = used_bytes - OLD.file_size WHERE id = OLD.organization_id;
END;
