-- Work to be done after a request, or again and again. `subject` is what the work is about: nil for recurring jobs.
CREATE TABLE jobs (
    name TEXT NOT NULL,
    subject BLOB NOT NULL,
    due_at INTEGER, -- null: given up
    attempts INTEGER NOT NULL,
    leased_until INTEGER, -- while a worker runs it, others leave it; null: none does
    last_error TEXT,
    done_at INTEGER, -- of recurring jobs: when it last ran through
    done_count INTEGER, -- and how many things it then changed
    PRIMARY KEY (name, subject)
);
CREATE INDEX jobs_due ON jobs (due_at) WHERE due_at IS NOT NULL;
