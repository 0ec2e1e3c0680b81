-- The last back-ups by target, and which one is running.
CREATE TABLE backup_runs (
    target TEXT PRIMARY KEY, -- a folder, or the URL of a bucket
    lease_id BLOB, -- of the run that is under way
    leased_until INTEGER, -- null: none is
    begun_at INTEGER, -- when the last one began that was completed
    succeeded_at INTEGER,
    failed_at INTEGER,
    error TEXT -- of the last failure
);
