//! Webhooks: URLs that are sent events, signed by the Standard Webhooks specification. Deliveries are durable and logged.
//!
//! The log of events is `event_log`, and `rest` renders the data of a delivery.

pub mod api;
pub mod components;
#[cfg(feature = "server")]
pub mod delivery;
#[cfg(feature = "server")]
pub mod dispatch;
pub mod model;
#[cfg(feature = "server")]
pub mod sample;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod signature;
#[cfg(feature = "server")]
mod store;
