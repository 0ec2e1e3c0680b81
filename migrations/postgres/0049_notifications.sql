-- What each member is notified about: all, mentions (with assigned conversations) or nothing.
ALTER TABLE members ADD COLUMN notify TEXT NOT NULL DEFAULT 'all';
-- Conversations that a member has muted.
CREATE TABLE muted_channels (
    channel_id UUID NOT NULL REFERENCES channels (id),
    member_id UUID NOT NULL REFERENCES members (id),
    PRIMARY KEY (channel_id, member_id)
);
-- The member has marked messages as unread. Their own can be among those after the mark, so unread ones are counted one by one.
ALTER TABLE channel_reads ADD COLUMN counted BOOLEAN NOT NULL DEFAULT FALSE;
