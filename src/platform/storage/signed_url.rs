//! The signed URLs of local disk: what a presigned S3 URL is, made by ourselves.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Deserialize;

use super::{ObjectKey, PutTerms};
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::secret::Secret;
use crate::platform::timestamp::Timestamp;

/// Where local disk takes uploads: `PUT {UPLOAD_PATH}/{key}?…`.
pub const UPLOAD_PATH: &str = "/api/storage";

const QUERY_VALUE: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'&').add(b'+').add(b'<').add(b'>').add(b'?');

/// The query of a signed upload URL.
#[derive(Debug, Clone, Deserialize)]
pub struct SignedQuery {
    /// Unix milliseconds.
    expires: i64,
    pub size: u64,
    #[serde(rename = "type")]
    pub content_type: String,
    signature: String,
}

fn message(key: &ObjectKey, expires: i64, size: u64, content_type: &str) -> String {
    format!("PUT\n{key}\n{expires}\n{size}\n{content_type}")
}

/// Path and query of a URL that is bound to key, size, type and time.
pub fn sign(secret: &Secret, key: &ObjectKey, terms: &PutTerms) -> (String, Timestamp) {
    let expires = terms.now.plus(terms.expires_in);
    let signature = secret.sign(&message(key, expires.0, terms.size, &terms.content_type));
    let content_type = utf8_percent_encode(&terms.content_type, QUERY_VALUE);
    let url = format!(
        "{UPLOAD_PATH}/{key}?expires={}&size={}&type={content_type}&signature={signature}",
        expires.0, terms.size
    );
    (url, expires)
}

/// Refuses a URL that was altered or is too old.
pub fn verify(secret: &Secret, key: &ObjectKey, query: &SignedQuery, now: Timestamp) -> Result<()> {
    if !secret.verify(&message(key, query.expires, query.size, &query.content_type), &query.signature) {
        return Err(AppError::new(
            ErrorKind::InvalidSignature,
            "This upload URL was altered. Ask for a new one with presign or retry.",
        ));
    }
    if now.0 > query.expires {
        return Err(AppError::new(ErrorKind::UrlExpired, "This upload URL is too old. Ask for a new one with retry."));
    }
    Ok(())
}
