-- Whose work a job is: mostly an organization's, nil for the installation's. Lanes take turns.
ALTER TABLE jobs ADD COLUMN lane UUID NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
UPDATE jobs SET lane = COALESCE(
    (SELECT a.organization_id FROM attachments a WHERE a.id = jobs.subject),
    (SELECT c.organization_id FROM channels c WHERE c.id = jobs.subject),
    lane);
DROP INDEX jobs_due;
CREATE INDEX jobs_due ON jobs (lane, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX jobs_running ON jobs (lane) WHERE leased_until IS NOT NULL;

-- Rewritten to see whether the database can be written.
CREATE TABLE write_probe (
    id INTEGER PRIMARY KEY,
    filling TEXT NOT NULL
);

-- The name that SQLite has for it. In SQL, so that the planner puts strpos in its place.
CREATE FUNCTION instr(haystack TEXT, needle TEXT) RETURNS INTEGER
    LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT strpos(haystack, needle) $$;
