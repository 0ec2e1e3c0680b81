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

/// A report of an event stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamSignal {
    Open,
    /// The browser reconnects, unless the stream is closed.
    Lost {
        is_closed: bool,
    },
    Event {
        name: &'static str,
        /// The id of the last event that had one.
        id: String,
        data: String,
    },
}

/// How to get a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockMode {
    /// Wait until the tab that has it releases it.
    Queue,
    /// Take it from the tab that has it.
    Steal,
}

/// Whether a page may show notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotificationPermission {
    /// This browser has none, or none for pages on plain http.
    Unsupported,
    /// The person was not asked yet.
    Undecided,
    Granted,
    Denied,
}

/// A notification of the desktop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesktopNotification {
    pub title: String,
    pub body: String,
    /// One with the same tag is replaced.
    pub tag: String,
    /// Stays until it is clicked or closed.
    pub stays: bool,
}

#[cfg(not(feature = "web"))]
mod server;
#[cfg(feature = "web")]
mod web;

#[cfg(not(feature = "web"))]
pub use server::*;
#[cfg(feature = "web")]
pub use web::*;
