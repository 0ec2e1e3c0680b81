//! Making share links from the feed, and the lists of those that there are.

mod lazy;
mod link_table;
mod share_dialog;
mod share_links_page;

pub use share_dialog::{ShareMessage, SharingDialog, use_sharing};
pub use share_links_page::ShareLinksPage;
