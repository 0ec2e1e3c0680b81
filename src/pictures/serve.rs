//! `GET /api/pictures/{id}`: the bytes of a small picture, from disk and store alike, kept by the browser for good.

use axum::extract::Path;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::model::PictureId;
use super::service;
use crate::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::platform::file_response::{confine, is_known};

/// A changed picture has another id, so what this one names stays what it is.
const CACHE_CONTROL_PICTURE: &str = "private, max-age=31536000, immutable";

pub async fn serve_picture(
    platform: Platform,
    member: Member,
    Path(id): Path<PictureId>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    let picture = service::prepare(&platform, &member, id).await?;
    let etag = format!("\"{id}\"");
    let mut response = if is_known(&headers, &etag) {
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
    ];
    confine(response.headers_mut());
    for (name, value) in set {
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}
