//! Responses with an entity tag, for clients that ask again and again.

use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, ETAG, HeaderMap};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::platform::error::{AppError, Result};
use crate::platform::file_response::is_known;

/// Returns JSON with its entity tag, or 304 if the client has it. The tag is weak, because compression changes the bytes.
pub fn tagged(asked: &HeaderMap, body: &impl Serialize) -> Result<Response> {
    let bytes = serde_json::to_vec(body).map_err(|error| AppError::unexpected("failed to write a response", error))?;
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(&bytes)[..16]));
    let headers = [(ETAG, format!("W/{tag}")), (CACHE_CONTROL, "private, no-cache".to_owned())];
    if is_known(asked, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let content_type = [(axum::http::header::CONTENT_TYPE, "application/json")];
    Ok((headers, content_type, bytes).into_response())
}
