//! Writing of audit entries: each is written in the transaction of the change it describes. `admin::audit_log` reads
//! them.

pub mod model;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
pub(crate) mod store;
