//! The pages about stored files: how much they use, and the deleted ones.

mod deleted_files_page;
mod photo_location_field;
mod retention_field;
mod storage_page;
mod usage_table;

pub use deleted_files_page::DeletedFilesPage;
pub use photo_location_field::PhotoLocationField;
pub use storage_page::StoragePage;
