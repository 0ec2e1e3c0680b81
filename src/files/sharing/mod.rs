//! Share links: a file, or the files of a message, for anyone who has the link. They require no account, and are valid
//! until they expire or are revoked.

pub mod api;
pub mod components;
pub mod model;
#[cfg(feature = "server")]
pub mod public;
#[cfg(feature = "server")]
mod service;
#[cfg(feature = "server")]
mod store;
