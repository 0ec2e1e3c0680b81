//! A picked file on its way.

mod upload_chip;

pub use upload_chip::{UploadButtons, UploadChip, UploadStateLine};
