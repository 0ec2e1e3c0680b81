-- Where a user of several organisations was last: the next log-in leads there.
ALTER TABLE users ADD COLUMN organization_id BLOB REFERENCES organizations (id);
