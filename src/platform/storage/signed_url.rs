//! Signed URLs of local disk, the counterpart of presigned S3 URLs.

use std::fmt::{Display, Write};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Deserialize;

use super::PutTerms;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::secret::Secret;
use crate::platform::timestamp::Timestamp;

/// Path of uploads to local disk: `PUT {UPLOAD_PATH}/{key}?…`.
pub const UPLOAD_PATH: &str = "/api/storage";

const QUERY_VALUE: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'&').add(b'+').add(b'<').add(b'>').add(b'?');

/// The query of a signed upload URL.
#[derive(Debug, Clone, Deserialize)]
pub struct SignedQuery {
    /// Unix milliseconds.
    expires: i64,
    pub size: u64,
    /// Empty for a part.
    #[serde(rename = "type", default)]
    pub content_type: String,
    /// Base64 of the SHA-256 of the bytes.
    pub checksum: Option<String>,
    signature: String,
}

fn message(key: &impl Display, expires: i64, size: u64, content_type: &str, checksum: Option<&str>) -> String {
    format!("PUT\n{key}\n{expires}\n{size}\n{content_type}\n{}", checksum.unwrap_or_default())
}

/// Returns path and query of a URL that is bound to key, size, type, checksum and time.
pub fn sign(secret: &Secret, key: &impl Display, terms: &PutTerms) -> (String, Timestamp) {
    let expires = terms.now.plus(terms.expires_in);
    let signature = secret.sign(&message(key, expires.0, terms.size, &terms.content_type, terms.checksum.as_deref()));
    let mut url = format!("{UPLOAD_PATH}/{key}?expires={}&size={}", expires.0, terms.size);
    let optional = [("type", Some(&terms.content_type)), ("checksum", terms.checksum.as_ref())];
    for (name, value) in optional {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let _ = write!(url, "&{name}={}", utf8_percent_encode(value, QUERY_VALUE));
        }
    }
    let _ = write!(url, "&signature={signature}");
    (url, expires)
}

/// Rejects a URL that was altered or has expired.
pub fn verify(secret: &Secret, key: &impl Display, query: &SignedQuery, now: Timestamp) -> Result<()> {
    let signed = message(key, query.expires, query.size, &query.content_type, query.checksum.as_deref());
    if !secret.verify(&signed, &query.signature) {
        return Err(AppError::new(
            ErrorKind::InvalidSignature,
            "This upload URL was changed. Get a new one with presign or retry.",
        ));
    }
    if now.0 > query.expires {
        return Err(AppError::new(ErrorKind::UrlExpired, "This upload URL has expired. Get a new one with retry."));
    }
    Ok(())
}
