//! Small pictures: of people, bots and organizations, and of custom emoji. From presign to serving, with the rate
//! limit.

pub mod api;
#[cfg(feature = "server")]
pub mod bots;
pub mod changes;
#[cfg(feature = "server")]
pub mod complete;
pub mod model;
#[cfg(feature = "server")]
pub mod presign;
#[cfg(feature = "server")]
pub mod serve;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
pub mod store;
