//! `GET /api/messages/attachments/{id}` and its previews: the bytes from local disk, or a redirect to a presigned URL
//! of the store.

use axum::body::Body;
use axum::extract::Path;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::{StreamExt, stream};
use metrics::counter;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::range::{Extent, extent};
use super::remote_preview;
use super::service::{self, Served};
use crate::ids::{AttachmentId, MessageId, RemotePreviewId};
use crate::people::audit::model::Action;
use crate::people::audit::service as audit;
use crate::people::audit::service::By;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::file_response::{confine, is_known, make_public, wants_another};
use crate::platform::parsing::Query;
use crate::platform::prefetch::reject_prefetch;
use crate::platform::storage::local_disk::ObjectBytes;
use crate::platform::storage::{Derived, R2, Storage};

/// Cache-Control for private files: stored by the browser, but checked each time, because permissions can change.
const CACHE_CONTROL_PRIVATE_FILE: &str = "private, no-cache";

pub const DOWNLOADED: &str = "attache_downloaded_bytes_total";

#[derive(Debug, Default, Deserialize)]
pub struct ServeAttachmentQuery {
    /// When `1` or `true`, serves as attachment download.
    download: Option<String>,
    /// The message to use, if several have the file.
    message: Option<MessageId>,
}

impl ServeAttachmentQuery {
    pub fn is_download(&self) -> bool {
        matches!(self.download.as_deref(), Some("1" | "true"))
    }
}

pub async fn serve_attachment(
    platform: Platform,
    member: Member,
    Path(id): Path<AttachmentId>,
    Query(query): Query<ServeAttachmentQuery>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    serve(&platform, &member, id, query.message, query.is_download(), &method, &headers).await
}

/// Serves a file inline, or as a download, which is logged.
pub async fn serve(
    platform: &Platform,
    member: &Member,
    id: AttachmentId,
    message: Option<MessageId>,
    download: bool,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Response> {
    let (file, subject) = service::prepare(platform, member, id, message, download).await?;
    if download {
        reject_prefetch(headers)?;
    }
    let response = respond(platform, &file, method, headers).await?;
    if download && begins_download(method, headers, &response) {
        audit::note(platform, &By::member(member), Action::Downloaded, &subject).await;
    }
    Ok(response)
}

/// Returns whether a request begins a download. A browser that continues one, or requests it in parts, sends further
/// requests. A 304 is not a download.
pub fn begins_download(method: &Method, headers: &HeaderMap, response: &Response) -> bool {
    let range = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    // Download managers request one byte to learn the size.
    is_sent(method, response) && range.is_none_or(|range| range.starts_with("bytes=0-") && range != "bytes=0-0")
}

/// Returns whether bytes of a file are sent, by this server or the store.
pub fn is_sent(method: &Method, response: &Response) -> bool {
    let has_bytes = matches!(response.status(), StatusCode::OK | StatusCode::PARTIAL_CONTENT | StatusCode::FOUND);
    method == Method::GET && has_bytes
}

#[derive(Debug, Deserialize)]
pub struct ThumbnailQuery {
    size: String,
}

impl ThumbnailQuery {
    pub fn derived(&self) -> Result<Derived> {
        match self.size.as_str() {
            "feed" => Ok(Derived::Feed),
            "view" => Ok(Derived::View),
            "poster" => Ok(Derived::Poster),
            _ => Err(AppError::invalid("size", "The size must be feed, view or poster.")),
        }
    }
}

/// `GET /api/messages/attachments/{id}/thumbnail?size=feed|view|poster`: the preview of a file.
pub async fn serve_thumbnail(
    platform: Platform,
    member: Member,
    Path(id): Path<AttachmentId>,
    Query(query): Query<ThumbnailQuery>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    let file = service::prepare_derived(&platform, &member, id, query.derived()?).await?;
    respond(&platform, &file, &method, &headers).await
}

/// `GET /api/messages/remote-previews/{id}`: the preview of a picture on another server.
pub async fn serve_remote_preview(
    platform: Platform,
    member: Member,
    Path(id): Path<RemotePreviewId>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    let preview = remote_preview::prepare(&platform, &member, id).await?;
    respond(&platform, &preview, &method, &headers).await
}

/// `GET /api/messages/attachments/{id}/pages/{number}`: one page of a PDF, as a picture.
pub async fn serve_page(
    platform: Platform,
    member: Member,
    Path((id, number)): Path<(AttachmentId, u32)>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    let file = service::prepare_derived(&platform, &member, id, Derived::Page(number)).await?;
    respond(&platform, &file, &method, &headers).await
}

/// Serves a file publicly. With an S3 store the bytes pass through this server too, because a signed URL would stay
/// valid after the file is no longer public. Caches revalidate it each time; other sites may embed it.
pub async fn respond_public(
    platform: &Platform,
    file: &Served,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Response> {
    let mut response = guarded(bytes(&platform.storage, file, method, headers).await?);
    make_public(response.headers_mut());
    Ok(response)
}

/// Who can receive a response, for `Cache-Control`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    Public,
    Private,
}

/// Serves a small picture that the server has drawn.
pub fn respond_with_drawing(drawing: String, headers: &HeaderMap, visibility: Visibility) -> Response {
    let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(&drawing)[..16]));
    let mut response = if is_known(headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, "image/svg+xml")], drawing).into_response()
    };
    response.headers_mut().insert(header::ETAG, HeaderValue::from_str(&etag).expect("base64 makes a valid header"));
    let mut response = guarded(response);
    if visibility == Visibility::Public {
        make_public(response.headers_mut());
    }
    response
}

/// Serves a file: the whole or a range, or 304 if the client has it.
pub async fn respond(platform: &Platform, file: &Served, method: &Method, headers: &HeaderMap) -> Result<Response> {
    Ok(guarded(match &platform.storage {
        Storage::LocalDisk(_) => bytes(&platform.storage, file, method, headers).await?,
        Storage::R2(store) => from_store(store, file, method).await?,
    }))
}

fn guarded(mut response: Response) -> Response {
    confine(response.headers_mut());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(CACHE_CONTROL_PRIVATE_FILE));
    response
}

/// Redirects to the store. A presigned GET does not accept HEAD, so that is handled here, from known metadata.
async fn from_store(store: &R2, file: &Served, method: &Method) -> Result<Response> {
    if method == Method::HEAD {
        return Ok(with_file_headers(StatusCode::OK, file, file.size, Body::empty()));
    }
    let url = store
        .presign_get_with_response_content_disposition(
            &file.key,
            file.url_lifetime,
            &file.disposition,
            &file.content_type,
        )
        .await?;
    counter!(DOWNLOADED, "by" => "store").increment(file.size);
    Ok((StatusCode::FOUND, Redirect::temporary(&url)).into_response())
}

async fn bytes(storage: &Storage, file: &Served, method: &Method, headers: &HeaderMap) -> Result<Response> {
    let etag = &file.etag;
    if wants_another(headers, etag) {
        let message = "The file's ETag doesn't match If-Match. Leave the header out, or request the current version.";
        return Err(AppError::new(ErrorKind::PreconditionFailed, message));
    }
    if is_known(headers, etag) {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        response.headers_mut().insert(header::ETAG, HeaderValue::from_str(etag).expect("an id makes a valid header"));
        return Ok(response);
    }
    // Only GET has ranges (RFC 9110 §14.2).
    let extent = if method == Method::HEAD { Extent::Whole } else { extent(headers, etag, file.size) };
    let (status, first, length) = match extent {
        Extent::Whole => (StatusCode::OK, 0, file.size),
        Extent::Part { first, last } => (StatusCode::PARTIAL_CONTENT, first, last - first + 1),
        Extent::Unsatisfiable => {
            let range = format!("bytes */{}", file.size);
            let message = format!("The file has {} bytes. The requested range is outside it.", file.size);
            let refused = AppError::new(ErrorKind::RangeNotSatisfiable, message);
            return Ok(([(header::CONTENT_RANGE, range)], refused).into_response());
        }
    };
    let body = if method == Method::HEAD {
        Body::empty()
    } else {
        counter!(DOWNLOADED, "by" => "server").increment(length);
        match storage {
            Storage::LocalDisk(disk) => match disk.open_object(&file.key, first, length).await? {
                ObjectBytes::Whole(bytes) => Body::from(bytes),
                ObjectBytes::Start(start, rest) => {
                    Body::from_stream(stream::once(async { Ok(start) }).chain(rest.stream()))
                }
            },
            Storage::R2(store) => Body::from_stream(store.read(&file.key, first, first + length).await?),
        }
    };
    let mut response = with_file_headers(status, file, length, body);
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {first}-{}/{}", first + length - 1, file.size);
        response
            .headers_mut()
            .insert(header::CONTENT_RANGE, HeaderValue::from_str(&range).expect("digits make a valid header"));
    }
    Ok(response)
}

fn with_file_headers(status: StatusCode, file: &Served, length: u64, body: Body) -> Response {
    let header =
        |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header(&file.content_type));
    headers.insert(header::CONTENT_DISPOSITION, header(&file.disposition));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(header::ETAG, header(&file.etag));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    response
}
