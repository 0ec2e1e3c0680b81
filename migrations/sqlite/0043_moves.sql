-- The move of this installation to another database or storage, or of another database to this one.
CREATE TABLE moves (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    state TEXT NOT NULL CHECK (state IN ('copying', 'moved', 'arrived', 'target')),
    installation TEXT NOT NULL, -- a hash that identifies the one that is moved
    run_id BLOB, -- of the command that is running
    leased_until INTEGER, -- how long it is considered running; null: none is
    read_only_until INTEGER, -- until then, every write is refused
    from_database TEXT NOT NULL,
    from_storage TEXT NOT NULL,
    to_database TEXT, -- null: the database stays
    to_storage TEXT -- null: the storage stays
);

-- Files that the move has copied and compared.
CREATE TABLE moved_objects (
    key TEXT PRIMARY KEY,
    version TEXT NOT NULL -- changes with the bytes
);
