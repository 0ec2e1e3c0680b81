//! Import of contacts from a CSV file, and their export. A file is read and planned for a preview, which changes nothing;
//! the browser then sends its rows in batches, and each is planned again in its transaction.

pub mod api;
#[cfg(feature = "server")]
mod columns;
#[cfg(feature = "server")]
pub mod export;
pub mod model;
#[cfg(feature = "server")]
mod plan;
#[cfg(feature = "server")]
mod read;
#[cfg(feature = "server")]
mod service;
#[cfg(feature = "server")]
mod store;
#[cfg(feature = "server")]
pub mod upload;
