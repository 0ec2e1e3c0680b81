//! Incoming URLs of buckets: they make messages of what other programs send in their own formats. Each is an access
//! token with the right to post to its bucket. The HTTP side of the URLs is `rest::hooks`.

pub mod api;
pub mod components;
pub mod model;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
pub mod shapes;
#[cfg(feature = "server")]
mod store;
