//! Administration: settings pages, audit log, storage, and the commands beside `serve`.

pub mod access_tokens;
#[cfg(feature = "server")]
pub mod accounts_command;
pub mod audit_log;
#[cfg(feature = "server")]
pub mod backup;
#[cfg(feature = "server")]
pub mod demo;
#[cfg(feature = "server")]
pub mod doctor;
pub mod members;
#[cfg(feature = "server")]
pub mod metrics;
#[cfg(feature = "server")]
pub mod moving;
#[cfg(feature = "server")]
pub mod quota_command;
#[cfg(feature = "server")]
pub mod refold;
pub mod settings;
pub mod storage;
#[cfg(feature = "server")]
mod stored_objects;
#[cfg(feature = "server")]
pub mod verify;
pub mod webhooks;
