-- What was changed, in words, where it is no file; and the access token that acted for the member.
ALTER TABLE audit_entries ADD COLUMN detail TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_entries ADD COLUMN token_id BLOB;
-- Sessions end 90 days after their log-in, also those from before this rule.
UPDATE sessions SET expires_at = created_at + 7776000000 WHERE expires_at > created_at + 7776000000;
