-- What happened in an organization, for programs: webhooks and the event stream of the REST API read it. Kept for a day.
CREATE TABLE events (
    organization_id UUID NOT NULL,
    number BIGINT NOT NULL, -- without gaps, in the order of commits
    kind TEXT NOT NULL,
    channel_id UUID NOT NULL,
    subject_id UUID NOT NULL, -- the message, attachment, contact or file request
    message_id UUID, -- the message of an attachment, and the one that a file request received
    created_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, number)
);
CREATE INDEX events_subject ON events (organization_id, subject_id);
CREATE INDEX events_age ON events (created_at);

-- The last number of each organization. Its row is locked until a transaction that writes events ends.
CREATE TABLE event_positions (
    organization_id UUID PRIMARY KEY,
    last_number BIGINT NOT NULL
);

-- URLs of programs that are sent events.
CREATE TABLE webhooks (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL REFERENCES organizations (id),
    member_id UUID NOT NULL REFERENCES members (id), -- the owner, whose permissions decide what is sent
    url TEXT NOT NULL,
    events TEXT NOT NULL, -- names, separated by spaces
    channel_id UUID REFERENCES channels (id), -- the only one; null: all that the owner can view
    kinds TEXT, -- names of file kinds, separated by spaces; null: any
    secret BYTEA NOT NULL, -- signs each delivery
    previous_secret BYTEA, -- signs too, until
    previous_until BIGINT,
    base_url TEXT NOT NULL, -- of links, where PUBLIC_URL is not set
    last_number BIGINT NOT NULL, -- the last event that was checked for deliveries
    disabled_at BIGINT,
    disabled_reason TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX webhooks_organization ON webhooks (organization_id, id);
CREATE INDEX webhooks_member ON webhooks (member_id);

-- An event for a webhook, with its latest attempt.
CREATE TABLE webhook_deliveries (
    id UUID PRIMARY KEY, -- sent as webhook-id with each attempt
    webhook_id UUID NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    number BIGINT, -- of the event; null: a test
    kind TEXT, -- null: a test
    channel_id UUID,
    subject_id UUID,
    message_id UUID,
    created_at BIGINT NOT NULL, -- when the event happened
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    failures INTEGER NOT NULL, -- since it was created or last resent
    next_at BIGINT, -- the next attempt of a pending delivery
    attempted_at BIGINT,
    request TEXT, -- the body that was sent
    status INTEGER, -- of the response; null: there was none
    response TEXT, -- the start of its body
    error TEXT,
    duration_ms BIGINT
);
CREATE UNIQUE INDEX webhook_deliveries_event ON webhook_deliveries (webhook_id, number) WHERE number IS NOT NULL;
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_attempted ON webhook_deliveries (webhook_id, attempted_at);
CREATE INDEX webhook_deliveries_age ON webhook_deliveries (created_at);

-- For the messages of all conversations, newest first.
CREATE INDEX messages_organization ON messages (organization_id, id);
