-- By what two names are the same (platform/name_key.rs); null: written by an older version, and filled in when the server starts.
ALTER TABLE channels ADD COLUMN name_key TEXT;
ALTER TABLE roles ADD COLUMN name_key TEXT;
ALTER TABLE bots ADD COLUMN name_key TEXT;
DROP INDEX channels_team_name;
DROP INDEX channels_bucket_name;
DROP INDEX bots_name;
CREATE UNIQUE INDEX channels_team_name ON channels (organization_id, name_key) WHERE kind = 'team';
CREATE UNIQUE INDEX channels_bucket_name ON channels (organization_id, name_key) WHERE kind = 'bucket' AND deleted_at IS NULL;
CREATE UNIQUE INDEX roles_name ON roles (organization_id, name_key);
CREATE UNIQUE INDEX bots_name ON bots (organization_id, name_key) WHERE removed_at IS NULL;

-- The name as searches compare it, folded (platform/search.rs); of a contact's channel the contact has it.
ALTER TABLE channels ADD COLUMN search_text TEXT NOT NULL DEFAULT '';
