-- Secrets of webhooks that were replaced, and still sign until a time.
CREATE TABLE webhook_previous_secrets (
    webhook_id UUID NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    secret BYTEA NOT NULL,
    valid_until BIGINT NOT NULL,
    PRIMARY KEY (webhook_id, secret)
);
INSERT INTO webhook_previous_secrets (webhook_id, secret, valid_until)
SELECT id, previous_secret, previous_until FROM webhooks WHERE previous_secret IS NOT NULL AND previous_until IS NOT NULL;
ALTER TABLE webhooks DROP COLUMN previous_secret;
ALTER TABLE webhooks DROP COLUMN previous_until;

-- The request that runs under a key, and until when it does unless it says so again. Null: none.
ALTER TABLE idempotent_requests ADD COLUMN claim_id UUID;
ALTER TABLE idempotent_requests ADD COLUMN claimed_until BIGINT;
-- Responses are encrypted from now on, and then have no fingerprint. Links and secrets of before are removed.
DELETE FROM idempotent_requests
WHERE position('"secret":'::bytea IN answer) > 0 OR position('/r/'::bytea IN answer) > 0;

-- Films of these types are searched for a location now.
UPDATE attachments SET judged = 0
WHERE content_type IN ('video/x-msvideo', 'video/mp2t', 'video/mpeg') AND location IS NULL;
