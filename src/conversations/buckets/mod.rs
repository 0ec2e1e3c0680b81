//! Buckets: channels that programs post to. Their appearance, public files, and deletion.

pub mod api;
pub mod components;
pub mod model;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
pub(crate) mod store;
