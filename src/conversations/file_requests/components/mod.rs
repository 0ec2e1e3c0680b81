//! Requesting files from a conversation, the request in the feed, and the rows of the list of requests.

mod lazy;
mod qr_code;
mod request_card;
mod request_dialog;
mod request_table;

pub use request_card::FileRequestCard;
pub use request_dialog::{RequestFilesButton, RequestFilesLink};
pub use request_table::FileRequestTable;
