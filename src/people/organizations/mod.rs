//! Permissions: organizations, members, roles, invites. Handlers take a [`service::Member`], never a bare user.

pub mod api;
pub mod components;
#[cfg(feature = "server")]
mod invites;
pub mod model;
#[cfg(feature = "server")]
pub mod password_resets;
#[cfg(feature = "server")]
mod removal;
#[cfg(feature = "server")]
pub mod rights;
#[cfg(feature = "server")]
mod roles;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
pub mod sign_up;
#[cfg(feature = "server")]
pub mod store;
