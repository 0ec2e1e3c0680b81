//! Emoji: custom ones, by name, and those of Unicode.

pub mod api;
pub mod components;
pub mod model;
pub mod search;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod store;
pub mod text;
