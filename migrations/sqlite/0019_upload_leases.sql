-- Who holds the lease of an upload, so that it can be renewed: `leased_until` alone said both.
ALTER TABLE attachments ADD COLUMN lease_id BLOB;
