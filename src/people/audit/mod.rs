//! The record of who did what: each entry is written in the transaction of what it tells of. Reading it is `admin::audit_log`.

pub mod model;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
pub(crate) mod store;
