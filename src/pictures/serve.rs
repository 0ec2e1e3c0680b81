//! `GET /api/pictures/{id}`: the bytes of a small picture, from disk and store alike, kept by the browser for good.

use axum::extract::Path;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::model::PictureId;
use super::service;
use crate::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::Result;

/// A changed picture has another id, so what this one names stays what it is.
const CACHE_CONTROL_PICTURE: &str = "private, max-age=31536000, immutable";
/// Whatever the bytes are, in a page of their own they can run nothing and load nothing.
const CSP_FILE: &str = "sandbox; default-src 'none'";

pub async fn serve_picture(
    platform: Platform,
    member: Member,
    Path(id): Path<PictureId>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    let picture = service::prepare(&platform, &member, id).await?;
    let etag = format!("\"{id}\"");
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let mut response = if known.is_some_and(|known| known.contains(&etag)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else if method == Method::HEAD {
        [(header::CONTENT_LENGTH, picture.bytes.len())].into_response()
    } else {
        picture.bytes.into_response()
    };
    let text = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let set = [
        (header::CONTENT_TYPE, text(&picture.content_type)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("inline")),
        (header::ETAG, text(&etag)),
        (header::CACHE_CONTROL, HeaderValue::from_static(CACHE_CONTROL_PICTURE)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP_FILE)),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    ];
    for (name, value) in set {
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}
