-- Links by which somebody without an account uploads files into one conversation. Only the hash of a link's token is stored.
CREATE TABLE file_requests (
    id BLOB PRIMARY KEY,
    organization_id BLOB NOT NULL REFERENCES organizations (id),
    channel_id BLOB NOT NULL REFERENCES channels (id),
    note TEXT NOT NULL, -- shown on the link's page
    token_hash BLOB NOT NULL UNIQUE,
    password_hash TEXT, -- null: no password
    created_by BLOB NOT NULL REFERENCES members (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    opened_at INTEGER, -- when its page was first shown
    max_files INTEGER NOT NULL,
    max_bytes INTEGER NOT NULL, -- all files together
    kinds TEXT -- names of file kinds, separated by spaces; null: any
);
CREATE INDEX file_requests_organization ON file_requests (organization_id, id);

-- The request by which a file was uploaded. It counts toward the limits of that request.
ALTER TABLE attachments ADD COLUMN file_request_id BLOB REFERENCES file_requests (id);
CREATE INDEX attachments_file_request ON attachments (file_request_id) WHERE file_request_id IS NOT NULL;

-- Of the message that asks, and of those that were received by its link. The latter have a submission key, by which a repeated
-- submission is one message; in a team channel their member is the one who asked, and not the author.
ALTER TABLE messages ADD COLUMN file_request_id BLOB REFERENCES file_requests (id);
ALTER TABLE messages ADD COLUMN submission_key TEXT;
CREATE INDEX messages_file_request ON messages (file_request_id, id) WHERE file_request_id IS NOT NULL;
CREATE UNIQUE INDEX messages_submission ON messages (file_request_id, submission_key) WHERE submission_key IS NOT NULL;

-- Organizations that exist get the permission that new ones begin with.
UPDATE roles SET permissions = trim(permissions || ' File:Request') WHERE built_in IN ('owner', 'admin', 'member');
