//! Reading of the audit log, for administrators: search, pages, and CSV.

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
