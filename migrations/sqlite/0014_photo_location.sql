ALTER TABLE organizations ADD COLUMN keep_photo_location BOOLEAN NOT NULL DEFAULT FALSE; -- else it is cut out of new photos
ALTER TABLE attachments ADD COLUMN location TEXT; -- removed: it was cut out; left: it may be in a format that is not cut; null: neither
