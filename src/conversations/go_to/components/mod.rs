//! The dialogs "Go to" and "Keyboard shortcuts", and the keys that open them.

mod dialog;
mod entries;
mod host;
mod lazy;
mod recent;
mod shortcuts_dialog;

pub use host::{GoToButton, GoToHost, use_go_to};
pub use lazy::fetch as fetch_go_to;
