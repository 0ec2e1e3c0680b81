//! Files in the feed.

mod attachment_list;
mod deleted_files;
mod file_card;
mod file_menu;
mod file_tools;
mod image_grid;
mod lightbox_kind;
mod media;
mod remote_files;

pub use attachment_list::AttachmentList;
pub use deleted_files::DeletedFiles;
pub use file_card::FileCard;
pub use file_menu::{FileActions, FileMenu};
pub use file_tools::FileTools;
pub use image_grid::{AttachmentTile, ImageGrid, ThumbnailDownloadLink};
pub use lightbox_kind::{FileText, lightbox_kind, shown_order};
pub use media::{VideoPlayer, VoiceNote};
pub use remote_files::RemoteFiles;
