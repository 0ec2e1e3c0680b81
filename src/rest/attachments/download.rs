//! `GET /attachments/{id}/download`, and the public download

use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::Response;

use crate::files::attachments::serve::{begins_download, respond_public, serve};
use crate::files::attachments::service::prepare_public;
use crate::ids::AttachmentId;
use crate::people::audit::model::Action;
use crate::people::audit::service as audit;
use crate::people::audit::service::By;
use crate::platform::Platform;
use crate::platform::client_address::client_network;
use crate::platform::error::Result;
use crate::rest::body::Path;
use crate::rest::caller::Caller;
use crate::rest::error::ErrorBody;

/// Downloads a file, named after the contact who sent it.
///
/// Supports range and conditional requests. With an S3 store, the response is a redirect to a URL that is valid for 5
/// minutes. Follow it (`curl -L`).
#[utoipa::path(
    get,
    path = "/attachments/{id}/download",
    tag = "Attachments",
    params(("id" = AttachmentId, Path, description = "The ID of the file.")),
    responses(
        (status = 200, description = "The file.", content_type = "*/*"),
        (status = 206, description = "The requested range.", content_type = "*/*"),
        (status = 302, description = "The URL of the file in the store."),
        (status = 304, description = "Not modified."),
        (status = 412, description = "The file's ETag doesn't match If-Match.", body = ErrorBody),
        (status = 416, description = "The range is outside the file.", body = ErrorBody)
    )
)]
pub async fn download_attachment(
    platform: Platform,
    caller: Caller,
    Path(id): Path<AttachmentId>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    serve(&platform, &caller.member, id, None, true, &method, &headers).await
}

/// Downloads a public file: a file in a bucket with public downloads, or the icon of such a bucket.
///
/// Turning public downloads off takes effect immediately. Supports range and conditional requests.
#[utoipa::path(
    get,
    path = "/attachments/{id}/download/public",
    tag = "Attachments",
    params(("id" = AttachmentId, Path, description = "The ID of the file.")),
    responses(
        (status = 200, description = "The file.", content_type = "*/*"),
        (status = 206, description = "The requested range.", content_type = "*/*"),
        (status = 304, description = "Not modified."),
        (status = 404, description = "The file doesn't exist or isn't public.", body = ErrorBody),
        (status = 412, description = "The file's ETag doesn't match If-Match.", body = ErrorBody),
        (status = 416, description = "The range is outside the file.", body = ErrorBody)
    )
)]
pub async fn download_public_attachment(
    platform: Platform,
    Path(id): Path<AttachmentId>,
    parts: Parts,
) -> Result<Response> {
    let file = prepare_public(&platform, id).await?;
    let response = respond_public(&platform, &file.served, &parts.method, &parts.headers).await?;
    if begins_download(&parts.method, &parts.headers, &response) {
        let by = By::anybody(file.organization, client_network(&platform, &parts));
        audit::note(&platform, &by, Action::Downloaded, &file.subject).await;
    }
    Ok(response)
}
