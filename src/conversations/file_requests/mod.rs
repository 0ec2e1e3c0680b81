//! Asking for files in a conversation, and what is received by the link: the page behind it, and the messages that come of it.

pub mod api;
pub mod components;
#[cfg(feature = "server")]
pub mod public;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
pub mod submission;
