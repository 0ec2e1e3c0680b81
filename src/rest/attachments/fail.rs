//! `POST /attachments/{id}/fail`

use super::model::StoredFile;
use crate::files::uploads::model::Failure;
use crate::files::uploads::service;
use crate::ids::AttachmentId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Path;
use crate::rest::caller::Caller;
use crate::rest::error::ErrorBody;

/// Cancels an upload to a presigned URL and deletes its data. Calling it again has no effect.
#[utoipa::path(
    post,
    path = "/attachments/{id}/fail",
    tag = "Attachments",
    params(("id" = AttachmentId, Path, description = "The ID of the file.")),
    responses(
        (status = 200, description = "The upload was canceled and has the status `failed`.", body = StoredFile),
        (status = 409, description = "The upload is complete, or is being checked.", body = ErrorBody)
    )
)]
pub async fn fail_attachment(
    platform: Platform,
    caller: Caller,
    Path(id): Path<AttachmentId>,
) -> Result<axum::Json<StoredFile>> {
    let failure = Failure::because("canceled by a program");
    Ok(axum::Json(service::fail(&platform, &caller.member.into(), id, failure).await?.into()))
}
