-- Programs: tokens that act for a member, within scopes. Of the secret only the hash is kept.
CREATE TABLE access_tokens (
    id BLOB PRIMARY KEY,
    organization_id BLOB NOT NULL REFERENCES organizations (id),
    member_id BLOB NOT NULL REFERENCES members (id),
    name TEXT NOT NULL,
    token_hash BLOB NOT NULL UNIQUE,
    start TEXT NOT NULL, -- the first characters, to tell tokens apart
    scopes TEXT NOT NULL, -- names, separated by spaces
    channel_id BLOB REFERENCES channels (id), -- the only one that it reaches; null: all that its member does
    created_at INTEGER NOT NULL,
    expires_at INTEGER, -- null: never
    last_used_at INTEGER,
    revoked_at INTEGER
);
CREATE INDEX access_tokens_member ON access_tokens (member_id, id);

-- Refresh tokens that were exchanged already. One that comes again was stolen: its session ends.
CREATE TABLE used_refresh_tokens (
    token_hash BLOB PRIMARY KEY,
    session_id BLOB NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    used_at INTEGER NOT NULL
);
CREATE INDEX used_refresh_tokens_session ON used_refresh_tokens (session_id);

-- What a request with an Idempotency-Key was answered, for who sends it again.
CREATE TABLE idempotent_requests (
    caller_id BLOB NOT NULL, -- an access token or a member
    key TEXT NOT NULL,
    fingerprint BLOB, -- SHA-256 of method, path and body; null: still being read
    status INTEGER, -- null: still being answered
    location TEXT,
    answer BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (caller_id, key)
);
CREATE INDEX idempotent_requests_age ON idempotent_requests (created_at);

ALTER TABLE messages ADD COLUMN title TEXT;
ALTER TABLE messages ADD COLUMN subtitle TEXT;
ALTER TABLE messages ADD COLUMN delivery_type TEXT NOT NULL DEFAULT 'NORMAL'; -- or CRITICAL, SILENT, NO_PUSH
ALTER TABLE messages ADD COLUMN access_token_id BLOB REFERENCES access_tokens (id); -- by which it was sent; null: by a person
ALTER TABLE messages ADD COLUMN edited_at INTEGER;

-- What a message carries is a stored file or, from here on, a URL elsewhere.
CREATE TABLE new_message_attachments (
    message_id BLOB NOT NULL REFERENCES messages (id),
    position INTEGER NOT NULL,
    attachment_id BLOB REFERENCES attachments (id),
    url TEXT,
    name TEXT, -- as this message calls it
    media_type TEXT, -- of a URL
    PRIMARY KEY (message_id, position),
    CHECK ((attachment_id IS NULL) <> (url IS NULL))
);
INSERT INTO new_message_attachments (message_id, position, attachment_id)
SELECT message_id, position, attachment_id FROM message_attachments;
DROP TABLE message_attachments;
ALTER TABLE new_message_attachments RENAME TO message_attachments;
CREATE INDEX message_attachments_attachment ON message_attachments (attachment_id);
