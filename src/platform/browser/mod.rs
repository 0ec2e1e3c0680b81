//! Browser functions for components: the page, its fields, and waiting. `web.rs` documents them.
//!
//! Components call them on both sides. Code for the browser alone belongs here and not in components.

/// How far an element is scrolled, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scroll {
    /// Negative in a reversed column, which begins at its end.
    pub top: i32,
    /// The height of the whole content.
    pub height: i32,
    /// The height of the view.
    pub view: i32,
}

#[cfg(not(feature = "web"))]
mod server;
#[cfg(feature = "web")]
mod web;

#[cfg(not(feature = "web"))]
pub use server::*;
#[cfg(feature = "web")]
pub use web::*;
