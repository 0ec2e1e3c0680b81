//! Storage quotas, usage, and the retention of deleted files.

pub mod api;
pub mod components;
pub mod model;
#[cfg(feature = "server")]
pub mod reservation;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
pub mod store;
#[cfg(feature = "server")]
mod sums;
