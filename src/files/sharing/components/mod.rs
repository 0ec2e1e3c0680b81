//! Making share links from the feed, and the lists of those that there are.

mod lazy;
pub(crate) mod link_table;
mod share_dialog;

pub use share_dialog::{ShareMessage, SharingDialog, use_sharing};
