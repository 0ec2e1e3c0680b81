//! Stored files: types, names, verification, links to messages, serving and removal.

pub mod api;
#[cfg(feature = "server")]
pub mod clean_up;
pub mod components;
#[cfg(feature = "server")]
pub mod disposition;
#[cfg(feature = "server")]
pub mod download_url;
pub mod file_name;
#[cfg(feature = "server")]
pub mod intake;
#[cfg(feature = "server")]
pub mod linking;
pub mod media_type;
#[cfg(feature = "server")]
pub mod message_files;
pub mod model;
#[cfg(feature = "server")]
pub mod photo_location;
#[cfg(feature = "server")]
pub mod range;
#[cfg(feature = "server")]
pub mod remote_preview;
#[cfg(feature = "server")]
pub mod removal;
#[cfg(feature = "server")]
pub mod serve;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod sniff;
#[cfg(feature = "server")]
pub mod store;
#[cfg(feature = "server")]
mod text;
#[cfg(feature = "server")]
pub(crate) mod type_recheck;
#[cfg(feature = "server")]
pub mod upload_failure;
#[cfg(feature = "server")]
pub mod verify;
