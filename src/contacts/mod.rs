//! People outside the organisation: names, phones, and which members are assigned to them.

pub mod api;
pub mod components;
pub mod model;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod store;
