//! Uploads, from a picked file to a stored object: presign, complete, fail, retry; and the browser's queue.

pub mod api;
pub mod components;
pub mod crop;
pub mod draft;
#[cfg(feature = "web")]
mod folder;
pub mod image_file;
#[cfg(feature = "web")]
mod lazy;
pub mod model;
#[cfg(feature = "server")]
pub mod multipart;
#[cfg(feature = "server")]
pub mod presign;
pub mod queue;
#[cfg(feature = "server")]
pub mod receive;
#[cfg(feature = "web")]
mod run;
#[cfg(feature = "web")]
mod run_parts;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "web")]
mod slots;
#[cfg(feature = "web")]
mod stored_drafts;
#[cfg(feature = "web")]
mod transfer;
#[cfg(feature = "server")]
pub mod unsent;
#[cfg(feature = "server")]
pub mod uploader;
#[cfg(feature = "web")]
mod worker;
