//! `GET /attachments/{id}/download`, and the same for everybody

use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::Response;

use crate::attachments::model::AttachmentId;
use crate::attachments::serve::{begins_download, respond_public, serve};
use crate::attachments::service::prepare_public;
use crate::audit::model::Action;
use crate::audit::service::{self as audit, By};
use crate::platform::Platform;
use crate::platform::client_address::client_network;
use crate::platform::error::Result;
use crate::rest::body::Path;
use crate::rest::caller::Caller;
use crate::rest::error::ErrorBody;

/// The bytes of a file, under the name that says whose it is.
///
/// Takes ranges and conditions. On an S3 store the answer is a redirect to where the bytes are, for five minutes: follow it
/// (`curl -L`).
#[utoipa::path(
    get,
    path = "/attachments/{id}/download",
    tag = "Attachments",
    params(("id" = AttachmentId, Path, description = "Of the file.")),
    responses(
        (status = 200, description = "The bytes.", content_type = "*/*"),
        (status = 206, description = "The part that Range asked for.", content_type = "*/*"),
        (status = 302, description = "Where the store has them."),
        (status = 304, description = "They are those that you have."),
        (status = 412, description = "They are others than If-Match names.", body = ErrorBody),
        (status = 416, description = "There is no such part.", body = ErrorBody)
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

/// The bytes of a public file, for whoever asks: one in a message of a bucket with public downloads, or the icon of one.
///
/// Asked anew each time: what is turned off is off at once. Takes ranges and conditions.
#[utoipa::path(
    get,
    path = "/attachments/{id}/download/public",
    tag = "Attachments",
    params(("id" = AttachmentId, Path, description = "Of the file.")),
    responses(
        (status = 200, description = "The bytes.", content_type = "*/*"),
        (status = 206, description = "The part that Range asked for.", content_type = "*/*"),
        (status = 304, description = "They are those that you have."),
        (status = 404, description = "There is no such file, or it is not public.", body = ErrorBody),
        (status = 412, description = "They are others than If-Match names.", body = ErrorBody),
        (status = 416, description = "There is no such part.", body = ErrorBody)
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
