//! Recently used emoji on this device.

use super::kept::{keep, kept};

/// Two rows.
const KEPT: usize = 16;
const KEY: &str = "recent-emoji";

/// Returns them, latest first.
pub fn recent() -> Vec<String> {
    kept(KEY).split(' ').filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

/// Adds one.
pub fn note_recent(value: &str) {
    let others = recent().into_iter().filter(|known| known != value);
    let all: Vec<_> = std::iter::once(value.to_owned()).chain(others).take(KEPT).collect();
    keep(KEY, &all.join(" "));
}
