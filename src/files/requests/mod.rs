//! File requests: links by which somebody without an account uploads files into one conversation, until they expire or are revoked.
//! What the link of a file request allows. The messages that ask and that are received are `conversations::file_requests`.

pub mod model;
#[cfg(feature = "server")]
pub mod store;
#[cfg(feature = "server")]
pub mod visit;
