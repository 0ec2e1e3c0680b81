-- Removal: the row stays, the object stays until it is purged.
ALTER TABLE attachments ADD COLUMN deleted_by UUID REFERENCES members (id);
ALTER TABLE attachments ADD COLUMN deleted_with_message BOOLEAN NOT NULL DEFAULT FALSE; -- taken along by its message
ALTER TABLE attachments ADD COLUMN purged_at BIGINT; -- from then on the object is gone
CREATE INDEX attachments_deleted ON attachments (organization_id, deleted_at, id) WHERE deleted_at IS NOT NULL;

ALTER TABLE messages ADD COLUMN deleted_at BIGINT;
ALTER TABLE messages ADD COLUMN deleted_by UUID REFERENCES members (id);

-- A public link to one file or to the files of one message. Of its token only the hash is kept.
CREATE TABLE share_links (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL REFERENCES organizations (id),
    attachment_id UUID REFERENCES attachments (id),
    message_id UUID REFERENCES messages (id),
    token_hash BYTEA NOT NULL UNIQUE,
    password_hash TEXT, -- a PHC string; null: open to whoever has the link
    created_by UUID NOT NULL REFERENCES members (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    max_downloads BIGINT, -- null: any number
    download_count BIGINT NOT NULL DEFAULT 0,
    CHECK ((attachment_id IS NULL) <> (message_id IS NULL))
);
CREATE INDEX share_links_organization ON share_links (organization_id, id);
CREATE INDEX share_links_maker ON share_links (created_by, id);
CREATE INDEX share_links_attachment ON share_links (attachment_id) WHERE attachment_id IS NOT NULL;
CREATE INDEX share_links_message ON share_links (message_id) WHERE message_id IS NOT NULL;

-- Who did what with files. No references but the organisation's: an entry outlives what it is about.
CREATE TABLE audit_entries (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL REFERENCES organizations (id),
    action TEXT NOT NULL,
    member_id UUID, -- null: somebody with a share link
    attachment_id UUID,
    message_id UUID,
    channel_id UUID,
    share_link_id UUID,
    file_name TEXT NOT NULL,
    search_text TEXT NOT NULL, -- the file name, lower case
    address TEXT, -- of share links: the network that it came from
    created_at BIGINT NOT NULL
);
CREATE INDEX audit_entries_organization ON audit_entries (organization_id, id);
CREATE INDEX audit_entries_member ON audit_entries (organization_id, member_id, id);
CREATE INDEX audit_entries_action ON audit_entries (organization_id, action, id);
