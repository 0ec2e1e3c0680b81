//! The emoji that were chosen last on this device.

/// As many as two rows hold.
const KEPT: usize = 16;
#[cfg(feature = "web")]
const KEY: &str = "recent-emoji";

/// Latest first.
pub fn recent() -> Vec<String> {
    kept().split(' ').filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

/// Notes that one was chosen.
pub fn note_recent(value: &str) {
    let others = recent().into_iter().filter(|known| known != value);
    let all: Vec<_> = std::iter::once(value.to_owned()).chain(others).take(KEPT).collect();
    keep(&all.join(" "));
}

#[cfg(feature = "web")]
fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

#[cfg(feature = "web")]
fn kept() -> String {
    storage().and_then(|storage| storage.get_item(KEY).ok().flatten()).unwrap_or_default()
}

#[cfg(feature = "web")]
fn keep(values: &str) {
    // A browser that keeps nothing has no recent ones.
    let _ = storage().map(|storage| storage.set_item(KEY, values));
}

#[cfg(not(feature = "web"))]
fn kept() -> String {
    String::new()
}

#[cfg(not(feature = "web"))]
fn keep(_: &str) {}
