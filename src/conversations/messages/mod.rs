//! The feed: messages with their files, sending, and their components.

pub mod api;
pub mod components;
#[cfg(feature = "server")]
pub mod delivery;
#[cfg(feature = "server")]
pub mod edit;
pub mod forward;
pub mod model;
pub mod outbox;
#[cfg(feature = "server")]
pub mod polling;
#[cfg(feature = "server")]
pub mod post;
pub mod quote;
#[cfg(feature = "server")]
mod quotes;
#[cfg(feature = "server")]
pub mod reactions;
#[cfg(feature = "server")]
pub mod removal;
#[cfg(feature = "server")]
mod search;
#[cfg(feature = "server")]
mod search_store;
#[cfg(feature = "server")]
pub mod sending;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
pub(crate) mod store;
