//! People outside the organization: names, phones, and which members are assigned to them.

pub mod api;
pub mod components;
pub mod import;
pub mod model;
pub mod phone;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
pub(crate) mod store;
