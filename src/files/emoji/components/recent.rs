//! The emoji that were chosen last on this device.

use super::kept::{keep, kept};

/// As many as two rows hold.
const KEPT: usize = 16;
const KEY: &str = "recent-emoji";

/// Latest first.
pub fn recent() -> Vec<String> {
    kept(KEY).split(' ').filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

/// Notes that one was chosen.
pub fn note_recent(value: &str) {
    let others = recent().into_iter().filter(|known| known != value);
    let all: Vec<_> = std::iter::once(value.to_owned()).chain(others).take(KEPT).collect();
    keep(KEY, &all.join(" "));
}
