//! `POST /attachments/{id}/complete`

use super::model::StoredFile;
use crate::files::uploads::service;
use crate::ids::AttachmentId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Path;
use crate::rest::caller::Caller;
use crate::rest::error::ErrorBody;

/// Completes an upload to a presigned URL: checks the data and stores the file. Calling it again has no effect.
#[utoipa::path(
    post,
    path = "/attachments/{id}/complete",
    tag = "Attachments",
    params(("id" = AttachmentId, Path, description = "The ID of the file.")),
    responses(
        (status = 200, description = "Stored.", body = StoredFile),
        (status = 409, description = "The upload has failed, or is being checked.", body = ErrorBody),
        (status = 422, description = "Nothing was uploaded, or it doesn't match what was declared. The upload has failed.", body = ErrorBody)
    )
)]
pub async fn complete_attachment(
    platform: Platform,
    caller: Caller,
    Path(id): Path<AttachmentId>,
) -> Result<axum::Json<StoredFile>> {
    Ok(axum::Json(service::complete(&platform, &caller.member.into(), id).await?.into()))
}
