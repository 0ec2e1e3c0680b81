-- Who is removed from an organisation keeps the row: what they wrote still names them, and an invite makes them a member again.
ALTER TABLE members ADD COLUMN removed_at INTEGER;

-- Links that let somebody choose a new password. Used ones are deleted.
CREATE TABLE password_resets (
    id BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id),
    token_hash BLOB NOT NULL UNIQUE,
    created_by BLOB REFERENCES members (id), -- null: whoever runs the installation
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);
CREATE INDEX password_resets_user ON password_resets (user_id);
