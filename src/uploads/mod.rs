//! From a picked file to a stored object: presign, complete, fail, retry; and the browser's upload queue.

pub mod api;
pub mod components;
pub mod draft;
pub mod model;
#[cfg(feature = "server")]
pub mod multipart;
pub mod queue;
#[cfg(feature = "server")]
pub mod receive;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "web")]
mod transfer;
