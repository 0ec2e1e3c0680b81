//! How much an organization keeps, how much it may keep, and how long what was deleted is kept.

pub mod api;
pub mod components;
pub mod model;
#[cfg(feature = "server")]
pub mod reservation;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
pub mod store;
