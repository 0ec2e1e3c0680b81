-- What happened in an organization, for programs: webhooks and the event stream of the REST API read it. Kept for a day.
CREATE TABLE events (
    organization_id BLOB NOT NULL,
    number INTEGER NOT NULL, -- without gaps, in the order of commits
    kind TEXT NOT NULL,
    channel_id BLOB NOT NULL,
    subject_id BLOB NOT NULL, -- the message, attachment, contact or file request
    message_id BLOB, -- the message of an attachment, and the one that a file request received
    created_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, number)
);
CREATE INDEX events_subject ON events (organization_id, subject_id);
CREATE INDEX events_age ON events (created_at);

-- The last number of each organization. Its row is locked until a transaction that writes events ends.
CREATE TABLE event_positions (
    organization_id BLOB PRIMARY KEY,
    last_number INTEGER NOT NULL
);

-- URLs of programs that are sent events.
CREATE TABLE webhooks (
    id BLOB PRIMARY KEY,
    organization_id BLOB NOT NULL REFERENCES organizations (id),
    member_id BLOB NOT NULL REFERENCES members (id), -- the owner, whose permissions decide what is sent
    url TEXT NOT NULL,
    events TEXT NOT NULL, -- names, separated by spaces
    channel_id BLOB REFERENCES channels (id), -- the only one; null: all that the owner can view
    kinds TEXT, -- names of file kinds, separated by spaces; null: any
    secret BLOB NOT NULL, -- signs each delivery
    previous_secret BLOB, -- signs too, until
    previous_until INTEGER,
    base_url TEXT NOT NULL, -- of links, where PUBLIC_URL is not set
    last_number INTEGER NOT NULL, -- the last event that was checked for deliveries
    disabled_at INTEGER,
    disabled_reason TEXT,
    created_at INTEGER NOT NULL
);
CREATE INDEX webhooks_organization ON webhooks (organization_id, id);
CREATE INDEX webhooks_member ON webhooks (member_id);

-- An event for a webhook, with its latest attempt.
CREATE TABLE webhook_deliveries (
    id BLOB PRIMARY KEY, -- sent as webhook-id with each attempt
    webhook_id BLOB NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    number INTEGER, -- of the event; null: a test
    kind TEXT, -- null: a test
    channel_id BLOB,
    subject_id BLOB,
    message_id BLOB,
    created_at INTEGER NOT NULL, -- when the event happened
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    failures INTEGER NOT NULL, -- since it was created or last resent
    next_at INTEGER, -- the next attempt of a pending delivery
    attempted_at INTEGER,
    request TEXT, -- the body that was sent
    status INTEGER, -- of the response; null: there was none
    response TEXT, -- the start of its body
    error TEXT,
    duration_ms INTEGER
);
CREATE UNIQUE INDEX webhook_deliveries_event ON webhook_deliveries (webhook_id, number) WHERE number IS NOT NULL;
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_attempted ON webhook_deliveries (webhook_id, attempted_at);
CREATE INDEX webhook_deliveries_age ON webhook_deliveries (created_at);

-- For the messages of all conversations, newest first.
CREATE INDEX messages_organization ON messages (organization_id, id);
