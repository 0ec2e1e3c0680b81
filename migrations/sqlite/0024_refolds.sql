-- Tables whose texts an older version has folded: a job folds them as searches compare them now, and deletes the row at the end.
CREATE TABLE refolds (
    table_name TEXT PRIMARY KEY,
    after_id BLOB NOT NULL -- the last row that is done
);
INSERT INTO refolds (table_name, after_id) VALUES
    ('users', x'00000000000000000000000000000000'),
    ('contacts', x'00000000000000000000000000000000'),
    ('messages', x'00000000000000000000000000000000'),
    ('attachments', x'00000000000000000000000000000000'),
    ('audit_entries', x'00000000000000000000000000000000');
