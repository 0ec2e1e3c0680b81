//! All that is stored of a contact: its deletion.

pub mod api;
pub mod components;
#[cfg(feature = "server")]
mod deletion;
pub mod model;
#[cfg(feature = "server")]
pub mod removal;
#[cfg(feature = "server")]
mod store;
