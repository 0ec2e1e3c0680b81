-- Tables whose texts an older version has folded: a job folds them as searches compare them now, and deletes the row at the end.
CREATE TABLE refolds (
    table_name TEXT PRIMARY KEY,
    after_id UUID NOT NULL -- the last row that is done
);
INSERT INTO refolds (table_name, after_id) VALUES
    ('users', '00000000-0000-0000-0000-000000000000'),
    ('contacts', '00000000-0000-0000-0000-000000000000'),
    ('messages', '00000000-0000-0000-0000-000000000000'),
    ('attachments', '00000000-0000-0000-0000-000000000000'),
    ('audit_entries', '00000000-0000-0000-0000-000000000000');

-- By bytes, as SQLite sorts, whatever the database's own order is.
ALTER TABLE contacts ALTER COLUMN search_text TYPE TEXT COLLATE "C";
