//! Components for share links: the dialog in the feed, and lists of links.

mod lazy;
pub(crate) mod link_table;
mod share_dialog;

pub use share_dialog::{ShareMessage, SharingDialog, use_sharing};
