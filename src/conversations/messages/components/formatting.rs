//! Bold and italic by keyboard, in the fields where messages are written.

use dioxus::prelude::*;

use crate::platform::browser;
use crate::ui::{Shortcut, ShortcutGroup};

/// Marks the selection in a text area if the key is a shortcut for that. `on_text` receives the whole text. Returns
/// whether it is one.
pub fn format(event: &KeyboardEvent, field: &'static str, on_text: Callback<String>) -> bool {
    let mark = match ShortcutGroup::Writing.of(event) {
        Some(Shortcut::Bold) => "**",
        Some(Shortcut::Italic) => "_",
        _ => return false,
    };
    event.prevent_default();
    // After the current event, because typing causes another one.
    spawn(async move {
        if let Some(text) = browser::toggle_mark(field, mark) {
            on_text(text);
        }
    });
    true
}
