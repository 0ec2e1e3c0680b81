//! A picked file on its way.

mod chip_list;
mod upload_chip;

pub use chip_list::ChipList;
pub use upload_chip::{UploadButtons, UploadChip, UploadStateLine};
