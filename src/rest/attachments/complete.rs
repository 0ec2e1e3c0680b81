//! `POST /attachments/{id}/complete`

use super::model::StoredFile;
use crate::attachments::model::AttachmentId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Path;
use crate::rest::caller::Caller;
use crate::rest::error::ErrorBody;
use crate::uploads::service;

/// Looks at the bytes that were sent to a presigned URL, and stores them for good. Once more it changes nothing.
#[utoipa::path(
    post,
    path = "/attachments/{id}/complete",
    tag = "Attachments",
    params(("id" = AttachmentId, Path, description = "Of the file.")),
    responses(
        (status = 200, description = "It is stored.", body = StoredFile),
        (status = 409, description = "It has failed, or is being looked at.", body = ErrorBody),
        (status = 422, description = "Nothing came, or not what was announced: the file has failed.", body = ErrorBody)
    )
)]
pub async fn complete_attachment(
    platform: Platform,
    caller: Caller,
    Path(id): Path<AttachmentId>,
) -> Result<axum::Json<StoredFile>> {
    Ok(axum::Json(service::complete(&platform, &caller.member, id).await?.into()))
}
