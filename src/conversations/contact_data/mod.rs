//! All that is stored of a contact: its deletion, and its export as a zip.

pub mod api;
pub mod components;
#[cfg(feature = "server")]
mod deletion;
#[cfg(feature = "server")]
pub mod export;
pub mod model;
#[cfg(feature = "server")]
pub mod removal;
#[cfg(feature = "server")]
mod store;
