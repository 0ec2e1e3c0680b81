-- Links by which the operator lets somebody create an organization. A used one is deleted.
CREATE TABLE organization_invitations (
    id UUID PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
