//! The dialog "Go to": finds conversations, contacts, files, pages and actions by a few letters. Not what they do.

pub mod api;
pub mod components;
pub mod model;
#[cfg(feature = "server")]
mod service;
