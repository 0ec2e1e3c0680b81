//! The files view: all sent files of an organization, a conversation or a message, searched, shown, and downloaded as a
//! zip. Only reads.

pub mod api;
#[cfg(feature = "server")]
mod archive;
pub mod components;
#[cfg(feature = "server")]
pub mod entry_names;
pub mod model;
#[cfg(feature = "server")]
mod search;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod store;
#[cfg(feature = "server")]
pub mod zip;
#[cfg(feature = "server")]
pub mod zip_stream;
