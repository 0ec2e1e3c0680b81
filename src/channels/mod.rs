//! Conversations: who may see them, their members, what is unread, and the stream of events to open browsers.

#[cfg(feature = "server")]
pub mod access;
pub mod api;
pub mod conversations;
#[cfg(feature = "server")]
pub mod event_stream;
pub mod model;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
pub mod store;
