//! Access tokens, by which programs act for a member: within scopes, in one bucket or in all. No token can create or
//! extend another.

pub mod api;
pub mod model;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod store;
