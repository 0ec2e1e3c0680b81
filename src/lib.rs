//! Attaché: a self-hosted team inbox whose heart is files in conversations.
//!
//! One crate, two sides: with the `web` feature it is the browser app, with `server` the binary that renders the
//! pages, answers the server functions and serves the files. `model.rs` files are the types that both sides share.

pub mod access_tokens;
pub mod app;
pub mod attachments;
pub mod audit;
pub mod auth;
pub mod buckets;
pub mod channels;
pub mod contacts;
#[cfg(feature = "server")]
pub mod demo;
#[cfg(feature = "server")]
pub mod doctor;
pub mod emoji;
pub mod files;
#[cfg(feature = "server")]
pub mod jobs;
pub mod messaging;
pub mod organizations;
pub mod pages;
pub mod pictures;
pub mod platform;
pub mod quotas;
#[cfg(feature = "server")]
mod refold;
#[cfg(feature = "server")]
pub mod rest;
#[cfg(feature = "server")]
pub mod server;
pub mod settings;
pub mod sharing;
pub mod shell;
pub mod ui;
pub mod uploads;
