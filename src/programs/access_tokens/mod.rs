//! Tokens by which programs act for a member: within scopes, in one bucket or in all. No token makes or widens another.

pub mod api;
pub mod model;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod store;
