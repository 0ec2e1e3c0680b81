-- Programs: tokens that act for a member, within scopes. Of the secret only the hash is kept.
CREATE TABLE access_tokens (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL REFERENCES organizations (id),
    member_id UUID NOT NULL REFERENCES members (id),
    name TEXT NOT NULL,
    token_hash BYTEA NOT NULL UNIQUE,
    start TEXT NOT NULL, -- the first characters, to tell tokens apart
    scopes TEXT NOT NULL, -- names, separated by spaces
    channel_id UUID REFERENCES channels (id), -- the only one that it reaches; null: all that its member does
    created_at BIGINT NOT NULL,
    expires_at BIGINT, -- null: never
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX access_tokens_member ON access_tokens (member_id, id);

-- Refresh tokens that were exchanged already. One that comes again was stolen: its session ends.
CREATE TABLE used_refresh_tokens (
    token_hash BYTEA PRIMARY KEY,
    session_id UUID NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    used_at BIGINT NOT NULL
);
CREATE INDEX used_refresh_tokens_session ON used_refresh_tokens (session_id);

-- What a request with an Idempotency-Key was answered, for who sends it again.
CREATE TABLE idempotent_requests (
    caller_id UUID NOT NULL, -- an access token or a member
    key TEXT NOT NULL,
    fingerprint BYTEA, -- SHA-256 of method, path and body; null: still being read
    status INTEGER, -- null: still being answered
    location TEXT,
    answer BYTEA,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (caller_id, key)
);
CREATE INDEX idempotent_requests_age ON idempotent_requests (created_at);

ALTER TABLE messages ADD COLUMN title TEXT;
ALTER TABLE messages ADD COLUMN subtitle TEXT;
ALTER TABLE messages ADD COLUMN delivery_type TEXT NOT NULL DEFAULT 'NORMAL'; -- or CRITICAL, SILENT, NO_PUSH
ALTER TABLE messages ADD COLUMN access_token_id UUID REFERENCES access_tokens (id); -- by which it was sent; null: by a person
ALTER TABLE messages ADD COLUMN edited_at BIGINT;

-- What a message carries is a stored file or, from here on, a URL elsewhere.
ALTER TABLE message_attachments ALTER COLUMN attachment_id DROP NOT NULL;
ALTER TABLE message_attachments ADD COLUMN url TEXT;
ALTER TABLE message_attachments ADD COLUMN name TEXT; -- as this message calls it
ALTER TABLE message_attachments ADD COLUMN media_type TEXT; -- of a URL
ALTER TABLE message_attachments ADD CHECK ((attachment_id IS NULL) <> (url IS NULL));
