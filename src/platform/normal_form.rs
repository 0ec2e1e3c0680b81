//! Unicode normalization. The browser has its own tables, which would otherwise be a large part of the bundle.

/// Normalizes to form C, in which `é` is one character. Emails and passwords are compared in it.
#[cfg(any(feature = "server", fuzzing))]
pub fn composed(text: &str) -> String {
    unicode_normalization::UnicodeNormalization::nfc(text).collect()
}

/// Normalizes to form KD, in which `é` is two characters, and a full-width letter or a ligature becomes ordinary
/// letters.
#[cfg(any(feature = "server", fuzzing))]
pub fn decomposed(text: &str) -> String {
    unicode_normalization::UnicodeNormalization::nfkd(text).collect()
}

#[cfg(not(any(feature = "server", fuzzing)))]
pub fn composed(text: &str) -> String {
    js_sys::JsString::from(text).normalize("NFC").into()
}

#[cfg(not(any(feature = "server", fuzzing)))]
pub fn decomposed(text: &str) -> String {
    js_sys::JsString::from(text).normalize("NFKD").into()
}
