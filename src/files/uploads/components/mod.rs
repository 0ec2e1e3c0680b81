//! Components for uploads.

mod chip_list;
mod unsent_files;
mod upload_chip;

pub use chip_list::ChipList;
pub use unsent_files::UnsentFiles;
pub use upload_chip::{UploadButtons, UploadChip, UploadStateLine};
