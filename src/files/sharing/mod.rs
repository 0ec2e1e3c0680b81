//! Share links: a file, or the files of a message, for whoever has the link. They work without an account, until they expire or are
//! revoked.

pub mod api;
pub mod components;
pub mod model;
#[cfg(feature = "server")]
pub mod public;
#[cfg(feature = "server")]
mod service;
#[cfg(feature = "server")]
mod store;
