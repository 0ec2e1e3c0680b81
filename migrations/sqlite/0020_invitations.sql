-- Links by which the operator lets somebody create an organization. A used one is deleted.
CREATE TABLE organization_invitations (
    id BLOB PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);
