//! `POST /file-requests`

use axum::response::IntoResponse;

use crate::conversations::file_requests::service;
use crate::files::requests::model::{CreatedFileRequest, NewFileRequest};
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::platform::http::BaseUrl;
use crate::rest::body::Json;
use crate::rest::caller::Caller;
use crate::rest::created::created;
use crate::rest::error::ErrorBody;

/// Requests files in a conversation by a link. Only this response contains the link.
///
/// Anyone with the link can upload files without an account, until it expires or is revoked. What they send becomes an
/// inbound message of the conversation. Requires the permission `File:Request`.
#[utoipa::path(
    post,
    path = "/file-requests",
    tag = "File requests",
    request_body = NewFileRequest,
    responses(
        (status = 201, description = "Created.", body = CreatedFileRequest, headers(("Location", description = "The URL."))),
        (status = 403, description = "The role can't request files or send messages.", body = ErrorBody),
        (status = 404, description = "The conversation doesn't exist, or you don't have access to it.", body = ErrorBody)
    )
)]
pub async fn create_file_request(
    platform: Platform,
    caller: Caller,
    BaseUrl(base): BaseUrl,
    Json(new): Json<NewFileRequest>,
) -> Result<impl IntoResponse> {
    let request = service::create(&platform, &caller.member, &base, new).await?;
    Ok(created("file-requests", request))
}
