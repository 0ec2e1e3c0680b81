//! Attaché: a self-hosted team inbox for files in conversations.
//!
//! One crate, two sides: with the `web` feature it is the browser app, with `server` the binary that renders the
//! pages, answers the server functions and serves the files. `model.rs` files are the types that both sides share.
//! docs/architecture.md is the map of the rooms.

pub mod admin;
pub mod app;
pub mod channels;
pub mod conversations;
pub mod event_log;
pub mod files;
pub mod ids;
#[cfg(feature = "server")]
pub mod jobs;
pub mod live_event;
pub mod pages;
pub mod people;
pub mod platform;
pub mod programs;
#[cfg(feature = "server")]
pub mod rest;
#[cfg(feature = "server")]
pub mod server;
pub mod shell;
pub mod ui;
