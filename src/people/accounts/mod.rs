//! Who a person is: users, passwords, sessions. What they may do is told by `organizations`.

pub mod api;
#[cfg(feature = "server")]
pub mod bearer;
pub mod components;
pub mod model;
#[cfg(feature = "server")]
pub mod password;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
pub mod store;
