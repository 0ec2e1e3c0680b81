-- Secrets of webhooks that were replaced, and still sign until a time.
CREATE TABLE webhook_previous_secrets (
    webhook_id BLOB NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    secret BLOB NOT NULL,
    valid_until INTEGER NOT NULL,
    PRIMARY KEY (webhook_id, secret)
);
INSERT INTO webhook_previous_secrets (webhook_id, secret, valid_until)
SELECT id, previous_secret, previous_until FROM webhooks WHERE previous_secret IS NOT NULL AND previous_until IS NOT NULL;
ALTER TABLE webhooks DROP COLUMN previous_secret;
ALTER TABLE webhooks DROP COLUMN previous_until;

-- The request that runs under a key, and until when it does unless it says so again. Null: none.
ALTER TABLE idempotent_requests ADD COLUMN claim_id BLOB;
ALTER TABLE idempotent_requests ADD COLUMN claimed_until INTEGER;
-- Responses are encrypted from now on, and then have no fingerprint. Links and secrets of before are removed.
DELETE FROM idempotent_requests
WHERE instr(answer, CAST('"secret":' AS BLOB)) > 0 OR instr(answer, CAST('/r/' AS BLOB)) > 0;

-- Films of these types are searched for a location now.
UPDATE attachments SET judged = 0
WHERE content_type IN ('video/x-msvideo', 'video/mp2t', 'video/mpeg') AND location IS NULL;
