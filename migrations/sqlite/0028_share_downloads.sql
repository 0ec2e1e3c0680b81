-- Downloads by a share link that their visitor may still go on with. A row is of use for an hour.
CREATE TABLE share_downloads (
    link_id BLOB NOT NULL REFERENCES share_links (id) ON DELETE CASCADE,
    visitor TEXT NOT NULL, -- a keyed hash: neither cookie nor address can be read from it
    file_id BLOB NOT NULL, -- all zeros: the zip of all files
    begun_at INTEGER NOT NULL,
    PRIMARY KEY (link_id, visitor, file_id)
);
CREATE INDEX share_downloads_begun ON share_downloads (begun_at);
