-- The installation itself: one row.
CREATE TABLE installation (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    secret BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE organizations (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE users (
    id UUID PRIMARY KEY,
    email TEXT NOT NULL UNIQUE, -- lower case
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL, -- a PHC string
    created_at BIGINT NOT NULL
);

-- A named set of permissions. `built_in` is owner, admin, member or guest, null for an organisation's own.
CREATE TABLE roles (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL REFERENCES organizations (id),
    name TEXT NOT NULL,
    built_in TEXT,
    permissions TEXT NOT NULL, -- names, separated by spaces
    created_at BIGINT NOT NULL,
    UNIQUE (organization_id, name)
);

CREATE TABLE members (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL REFERENCES organizations (id),
    user_id UUID NOT NULL REFERENCES users (id),
    role_id UUID NOT NULL REFERENCES roles (id),
    created_at BIGINT NOT NULL,
    UNIQUE (organization_id, user_id)
);
CREATE INDEX members_user ON members (user_id);

CREATE TABLE sessions (
    id UUID PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    user_id UUID NOT NULL REFERENCES users (id),
    organization_id UUID REFERENCES organizations (id), -- the one chosen; null: the user's first
    user_agent TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE invites (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL REFERENCES organizations (id),
    role_id UUID NOT NULL REFERENCES roles (id),
    token_hash BYTEA NOT NULL UNIQUE,
    created_by UUID NOT NULL REFERENCES members (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    accepted_at BIGINT
);

CREATE TABLE rate_limits (
    key TEXT PRIMARY KEY,
    window_start BIGINT NOT NULL, -- Unix milliseconds
    tries BIGINT NOT NULL
);

CREATE TABLE contacts (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL REFERENCES organizations (id),
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    search_text TEXT NOT NULL, -- names, then phone digits, lower case; lists sort by it
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX contacts_organization ON contacts (organization_id, search_text, id);

CREATE TABLE contact_phones (
    contact_id UUID NOT NULL REFERENCES contacts (id),
    position INTEGER NOT NULL,
    number TEXT NOT NULL,
    preferred BOOLEAN NOT NULL,
    PRIMARY KEY (contact_id, position)
);

CREATE TABLE contact_members (
    contact_id UUID NOT NULL REFERENCES contacts (id),
    member_id UUID NOT NULL REFERENCES members (id),
    PRIMARY KEY (contact_id, member_id)
);
CREATE INDEX contact_members_member ON contact_members (member_id);

-- One conversation, one feed. `kind` is team, contact or bucket.
CREATE TABLE channels (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL REFERENCES organizations (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL, -- of team channels; of a contact's channel the contact has the name
    private BOOLEAN NOT NULL,
    contact_id UUID UNIQUE REFERENCES contacts (id),
    last_message_id UUID, -- for lists; no reference, it is written with the message
    created_at BIGINT NOT NULL
);
CREATE INDEX channels_organization ON channels (organization_id, kind);
CREATE UNIQUE INDEX channels_team_name ON channels (organization_id, name) WHERE kind = 'team';

CREATE TABLE channel_members (
    channel_id UUID NOT NULL REFERENCES channels (id),
    member_id UUID NOT NULL REFERENCES members (id),
    PRIMARY KEY (channel_id, member_id)
);
CREATE INDEX channel_members_member ON channel_members (member_id);

CREATE TABLE channel_reads (
    channel_id UUID NOT NULL REFERENCES channels (id),
    member_id UUID NOT NULL REFERENCES members (id),
    last_read_id UUID NOT NULL, -- the newest message that was seen
    PRIMARY KEY (channel_id, member_id)
);

-- Written by a member or, inbound, by the channel's contact.
CREATE TABLE messages (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL REFERENCES organizations (id),
    channel_id UUID NOT NULL REFERENCES channels (id),
    member_id UUID REFERENCES members (id),
    contact_id UUID REFERENCES contacts (id),
    body TEXT NOT NULL,
    idempotency_key TEXT,
    created_at BIGINT NOT NULL,
    CHECK ((member_id IS NULL) <> (contact_id IS NULL))
);
CREATE INDEX messages_channel ON messages (channel_id, id);
CREATE UNIQUE INDEX messages_idempotency ON messages (member_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE TABLE attachments (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL REFERENCES organizations (id),
    channel_id UUID NOT NULL REFERENCES channels (id),
    uploaded_by UUID REFERENCES members (id), -- null when a contact sent it
    file_name TEXT NOT NULL,
    file_size BIGINT NOT NULL,
    declared_type TEXT NOT NULL, -- the client's word
    content_type TEXT NOT NULL, -- what the bytes say, once complete
    media_type TEXT NOT NULL,
    status TEXT NOT NULL,
    failure_reason TEXT,
    attempt_id UUID NOT NULL, -- of the upload under way: part of its staging key
    leased_until BIGINT, -- while a request changes the upload, others wait; null: none does
    message_id UUID REFERENCES messages (id), -- the first message that it was sent with; null: not sent
    width INTEGER,
    height INTEGER,
    created_at BIGINT NOT NULL,
    uploaded_at BIGINT,
    deleted_at BIGINT,
    CHECK (status IN ('uploading', 'complete', 'failed'))
);
CREATE INDEX attachments_organization ON attachments (organization_id, id);
CREATE INDEX attachments_channel ON attachments (channel_id, id);
CREATE INDEX attachments_message ON attachments (message_id, uploaded_at);
CREATE INDEX attachments_uploader ON attachments (uploaded_by);
CREATE INDEX attachments_status ON attachments (status, created_at);
CREATE INDEX attachments_live ON attachments (channel_id, uploaded_at) WHERE deleted_at IS NULL;

-- The link, in order, from a message to what it carries.
CREATE TABLE message_attachments (
    message_id UUID NOT NULL REFERENCES messages (id),
    position INTEGER NOT NULL,
    attachment_id UUID NOT NULL REFERENCES attachments (id),
    PRIMARY KEY (message_id, position)
);
CREATE INDEX message_attachments_attachment ON message_attachments (attachment_id);
