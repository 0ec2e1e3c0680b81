//! What every feature stands on: configuration, database, storage, events, errors, clock. Knows no feature.

pub mod address;
pub mod byte_size;
pub mod error;
pub mod id;
pub mod timestamp;

#[cfg(feature = "server")]
pub mod client_address;
#[cfg(feature = "server")]
pub mod clock;
#[cfg(feature = "server")]
pub mod config;
#[cfg(feature = "server")]
pub mod content_disposition;
#[cfg(feature = "server")]
pub mod db;
#[cfg(feature = "server")]
pub mod events;
#[cfg(feature = "server")]
pub mod fair;
#[cfg(feature = "server")]
pub mod file_response;
#[cfg(feature = "server")]
pub mod http;
#[cfg(feature = "server")]
pub mod jobs;
pub mod json;
#[cfg(feature = "server")]
mod linger;
pub mod lists;
pub mod live;
pub mod named_enum;
pub mod picture_url;
#[cfg(feature = "server")]
pub mod rate_limit;
#[cfg(feature = "server")]
pub mod readiness;
#[cfg(feature = "server")]
pub mod reading;
#[cfg(feature = "server")]
pub mod remote_fetch;
#[cfg(feature = "server")]
pub mod reserved;
pub mod routes;
#[cfg(feature = "server")]
pub mod sandbox;
#[cfg(feature = "server")]
pub mod search;
#[cfg(feature = "server")]
pub mod search_slots;
#[cfg(feature = "server")]
pub mod secret;
#[cfg(feature = "server")]
pub mod serve;
#[cfg(feature = "server")]
pub mod storage;
#[cfg(feature = "server")]
pub mod sweep;
#[cfg(feature = "server")]
pub mod turns;

#[cfg(feature = "server")]
mod handle;
#[cfg(feature = "server")]
pub use handle::Platform;
