-- Small pictures: of people, bots and organisations, and of custom emoji. `kind` is the type that was announced; `owner_id` the
-- user, bot or organisation in the object's key.
CREATE TABLE pictures (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL,
    owner_id UUID NOT NULL,
    organization_id UUID NOT NULL REFERENCES organizations (id), -- where it was uploaded
    uploaded_by UUID NOT NULL REFERENCES users (id), -- the limit on uploads counts by this and created_at
    emoji_name TEXT, -- of custom emoji
    file_size BIGINT NOT NULL,
    content_type TEXT NOT NULL, -- the client's word; once complete, what the bytes say
    status TEXT NOT NULL,
    attempt_id UUID NOT NULL, -- part of its staging key
    leased_until BIGINT, -- while a request looks at it, others wait; null: none does
    width INTEGER,
    height INTEGER,
    created_at BIGINT NOT NULL,
    CHECK (kind IN ('user-avatar', 'bot-avatar', 'organization-avatar', 'custom-emoji')),
    CHECK (status IN ('uploading', 'complete', 'failed', 'removed'))
);
CREATE INDEX pictures_uploader ON pictures (uploaded_by, created_at);
CREATE INDEX pictures_owner ON pictures (owner_id, kind, status);
CREATE INDEX pictures_status ON pictures (status, created_at);

ALTER TABLE users ADD COLUMN avatar_id UUID REFERENCES pictures (id);
ALTER TABLE organizations ADD COLUMN logo_id UUID REFERENCES pictures (id);

-- A program with a name and a face of its own.
CREATE TABLE bots (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL REFERENCES organizations (id),
    name TEXT NOT NULL,
    avatar_id UUID REFERENCES pictures (id),
    created_at BIGINT NOT NULL,
    UNIQUE (organization_id, name)
);

-- An organisation's own emoji: the picture of the same id, under a name.
CREATE TABLE emojis (
    id UUID PRIMARY KEY REFERENCES pictures (id),
    organization_id UUID NOT NULL REFERENCES organizations (id),
    name TEXT NOT NULL,
    created_by UUID NOT NULL REFERENCES members (id),
    created_at BIGINT NOT NULL,
    removed_at BIGINT
);
CREATE UNIQUE INDEX emojis_name ON emojis (organization_id, name) WHERE removed_at IS NULL;
CREATE INDEX emojis_removed ON emojis (organization_id, removed_at) WHERE removed_at IS NOT NULL;

-- `emoji` is a Unicode emoji, or the name of a custom one between colons.
CREATE TABLE reactions (
    message_id UUID NOT NULL REFERENCES messages (id),
    emoji TEXT NOT NULL,
    member_id UUID NOT NULL REFERENCES members (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (message_id, emoji, member_id)
);
