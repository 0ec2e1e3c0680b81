-- What was changed, in words, where it is no file; and the access token that acted for the member.
ALTER TABLE audit_entries ADD COLUMN detail TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_entries ADD COLUMN token_id BLOB;
