//! Buckets: channels that programs feed. What one looks like, whether its files are for everybody, and its end.

pub mod api;
pub mod components;
pub mod model;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
pub(crate) mod store;
