//! How a file looks in the feed.

mod attachment_list;
mod file_card;
mod image_grid;
mod media;

pub use attachment_list::AttachmentList;
pub use file_card::FileCard;
pub use image_grid::{AttachmentTile, ImageGrid, ThumbnailDownloadLink};
pub use media::{VideoPlayer, VoiceNote};
