-- The last back-ups by target, and which one is running.
CREATE TABLE backup_runs (
    target TEXT PRIMARY KEY, -- a folder, or the URL of a bucket
    lease_id UUID, -- of the run that is under way
    leased_until BIGINT, -- null: none is
    begun_at BIGINT, -- when the last one began that was completed
    succeeded_at BIGINT,
    failed_at BIGINT,
    error TEXT -- of the last failure
);
