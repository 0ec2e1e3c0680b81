//! All sent files of an organization, a conversation or a message: found again, looked through, taken along as a zip.
//! Reads what others have stored and changes nothing.

pub mod api;
#[cfg(feature = "server")]
mod archive;
pub mod components;
#[cfg(feature = "server")]
mod entry_names;
pub mod model;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod store;
#[cfg(feature = "server")]
pub mod zip;
#[cfg(feature = "server")]
pub mod zip_stream;
