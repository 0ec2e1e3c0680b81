//! Unicode's normal forms. The browser brings its own tables, which would else be a large part of the bundle.

/// Returns a text in form C, in which `é` is one character. Emails and passwords are compared in it.
#[cfg(any(feature = "server", fuzzing))]
pub fn composed(text: &str) -> String {
    unicode_normalization::UnicodeNormalization::nfc(text).collect()
}

/// Returns a text in form KD, in which `é` is two characters, and a full-width letter or a ligature is the usual letters.
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
