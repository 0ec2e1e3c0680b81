//! Components of incoming URLs: their section in the panel of a bucket, and its dialogs.

mod edit_dialog;
mod incoming_urls;
mod new_dialog;
mod try_out;

pub use incoming_urls::IncomingUrls;
