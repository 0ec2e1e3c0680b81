//! Conversations: who can view them, their members, unread counts, and the stream of live events.

#[cfg(feature = "server")]
pub mod access;
pub mod api;
#[cfg(feature = "server")]
mod changes;
pub mod conversations;
#[cfg(feature = "server")]
pub mod event_stream;
pub mod indexing_note;
#[cfg(feature = "server")]
mod marks;
#[cfg(feature = "server")]
pub mod mentioning;
pub mod mentions;
pub mod model;
#[cfg(feature = "server")]
pub mod numbering;
#[cfg(feature = "server")]
pub mod search_index;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
pub mod store;
