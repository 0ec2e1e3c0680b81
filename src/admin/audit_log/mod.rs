//! The audit log as administrators read it: searched, paged, and as CSV.

pub mod api;
pub mod components;
#[cfg(feature = "server")]
pub mod csv;
pub mod filter;
pub mod model;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod store;
