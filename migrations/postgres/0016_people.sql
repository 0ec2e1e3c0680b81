-- Who is removed from an organisation keeps the row: what they wrote still names them, and an invite makes them a member again.
ALTER TABLE members ADD COLUMN removed_at BIGINT;

-- Links that let somebody choose a new password. Used ones are deleted.
CREATE TABLE password_resets (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id),
    token_hash BYTEA NOT NULL UNIQUE,
    created_by UUID REFERENCES members (id), -- null: whoever runs the installation
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX password_resets_user ON password_resets (user_id);
