//! What the composer knows of the storage that is left.

mod room;

pub use room::use_storage_room;
