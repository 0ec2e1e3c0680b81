//! The remaining storage, for the composer.

mod room;

pub use room::use_storage_room;
