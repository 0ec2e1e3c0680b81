//! Emoji preferences in the browser's storage.

#[cfg(feature = "web")]
fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

#[cfg(feature = "web")]
pub fn kept(key: &str) -> String {
    storage().and_then(|storage| storage.get_item(key).ok().flatten()).unwrap_or_default()
}

#[cfg(feature = "web")]
pub fn keep(key: &str, value: &str) {
    // A browser without storage forgets it.
    let _ = storage().map(|storage| storage.set_item(key, value));
}

#[cfg(not(feature = "web"))]
pub fn kept(_: &str) -> String {
    String::new()
}

#[cfg(not(feature = "web"))]
pub fn keep(_: &str, _: &str) {}
