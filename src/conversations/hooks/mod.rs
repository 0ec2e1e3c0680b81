//! Incoming URLs of buckets: they make messages of what other programs send in their own formats.

pub mod model;
#[cfg(feature = "server")]
pub mod shapes;
