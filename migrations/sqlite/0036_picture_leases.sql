-- The holder of the lease of a picture's upload, as for attachments.
ALTER TABLE pictures ADD COLUMN lease_id BLOB;
