-- Of one conversation or one file, latest first.
CREATE INDEX audit_entries_channel ON audit_entries (organization_id, channel_id, id);
CREATE INDEX audit_entries_attachment ON audit_entries (organization_id, attachment_id, id);
