//! `POST /attachments/{id}/fail`

use super::model::StoredFile;
use crate::attachments::model::AttachmentId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Path;
use crate::rest::caller::Caller;
use crate::rest::error::ErrorBody;
use crate::uploads::service;

/// Gives up an upload to a presigned URL, and removes what came. Once more it changes nothing.
#[utoipa::path(
    post,
    path = "/attachments/{id}/fail",
    tag = "Attachments",
    params(("id" = AttachmentId, Path, description = "Of the file.")),
    responses(
        (status = 200, description = "It has failed.", body = StoredFile),
        (status = 409, description = "It is complete, or is being looked at.", body = ErrorBody)
    )
)]
pub async fn fail_attachment(
    platform: Platform,
    caller: Caller,
    Path(id): Path<AttachmentId>,
) -> Result<axum::Json<StoredFile>> {
    Ok(axum::Json(service::fail(&platform, &caller.member, id, "canceled by a program").await?.into()))
}
