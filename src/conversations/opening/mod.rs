//! Opening a conversation: all that its page shows, in one response. Not what changes it.

pub mod api;
pub mod model;
#[cfg(feature = "server")]
mod service;
