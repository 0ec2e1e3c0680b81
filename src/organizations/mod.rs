//! What people may do: organisations, members, roles, permissions, invites. Handlers take a [`service::Member`], never a
//! bare user.

pub mod api;
pub mod components;
pub mod model;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod store;
