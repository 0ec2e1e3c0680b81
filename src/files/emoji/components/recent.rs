//! Recently used emoji on this device.

use crate::platform::browser;

/// Two rows.
const MAX_RECENT: usize = 16;
const KEY: &str = "recent-emoji";

/// Returns them, latest first.
pub fn recent() -> Vec<String> {
    browser::kept_in_browser(KEY).split(' ').filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

/// Adds one.
pub fn note_recent(value: &str) {
    let others = recent().into_iter().filter(|known| known != value);
    let all: Vec<_> = std::iter::once(value.to_owned()).chain(others).take(MAX_RECENT).collect();
    browser::keep_in_browser(KEY, &all.join(" "));
}
