-- The request that runs under a key, and until when it does unless it says so again. Null: none.
ALTER TABLE idempotent_requests ADD COLUMN claim_id BLOB;
ALTER TABLE idempotent_requests ADD COLUMN claimed_until INTEGER;
-- Responses are encrypted from now on, and then have no fingerprint. Links and secrets of before are removed.
DELETE FROM idempotent_requests
WHERE instr(answer, CAST('"secret":' AS BLOB)) > 0 OR instr(answer, CAST('/r/' AS BLOB)) > 0;
