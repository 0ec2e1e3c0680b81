//! Identity: users, passwords, sessions. `organizations` decides what they may do.

pub mod api;
#[cfg(feature = "server")]
pub mod bearer;
pub mod components;
pub mod model;
#[cfg(feature = "server")]
pub mod password;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
pub mod store;
