//! Who did what with files: entries that are written with what they tell of, and the page that shows them to who manages the
//! organisation. It stands below all that handles files and knows none of their rules.

pub mod api;
pub mod components;
#[cfg(feature = "server")]
pub mod csv;
pub mod filter;
pub mod model;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
pub(crate) mod store;
