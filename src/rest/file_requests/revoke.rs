//! `POST /file-requests/{id}/revoke`

use crate::conversations::file_requests::service;
use crate::files::requests::model::FileRequest;
use crate::ids::FileRequestId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Path;
use crate::rest::caller::Caller;

/// Revokes a file request. Its link stops working immediately; files that were received stay.
#[utoipa::path(
    post,
    path = "/file-requests/{id}/revoke",
    tag = "File requests",
    params(("id" = FileRequestId, Path, description = "The ID of the file request.")),
    responses((status = 200, description = "The revoked request. Revoking it again changes nothing.", body = FileRequest))
)]
pub async fn revoke_file_request(
    platform: Platform,
    caller: Caller,
    Path(id): Path<FileRequestId>,
) -> Result<axum::Json<FileRequest>> {
    Ok(axum::Json(service::revoke(&platform, &caller.member, id).await?))
}
