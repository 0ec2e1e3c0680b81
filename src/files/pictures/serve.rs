//! `GET /api/pictures/{id}`: the bytes of a small picture, from disk and store alike, cached by the browser forever.

use axum::extract::Path;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::service::{self, Served};
use crate::ids::PictureId;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::platform::file_response::{confine, is_known};

/// A changed picture has another id, so this one never changes.
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
    } else {
        picture.into_response(&method)
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, HeaderValue::from_str(&etag).expect("an id makes a valid header"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(CACHE_CONTROL_PICTURE));
    confine(headers);
    Ok(response)
}

impl Served {
    /// Builds the response without Cache-Control.
    pub fn into_response(self, method: &Method) -> Response {
        let content_type = HeaderValue::from_str(&self.content_type);
        let mut response = if method == Method::HEAD {
            [(header::CONTENT_LENGTH, self.bytes.len())].into_response()
        } else {
            self.bytes.into_response()
        };
        let headers = response.headers_mut();
        let unknown = HeaderValue::from_static("application/octet-stream");
        headers.insert(header::CONTENT_TYPE, content_type.unwrap_or(unknown));
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
        confine(headers);
        response
    }
}
