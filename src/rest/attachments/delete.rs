//! `DELETE /attachments/{id}`

use axum::http::StatusCode;

use crate::files::attachments::removal;
use crate::ids::AttachmentId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Path;
use crate::rest::caller::Caller;

/// Deletes a file permanently. Its messages show that it was deleted.
#[utoipa::path(
    delete,
    path = "/attachments/{id}",
    tag = "Attachments",
    params(("id" = AttachmentId, Path, description = "The ID of the file.")),
    responses((status = 204, description = "Deleted."))
)]
pub async fn delete_attachment(platform: Platform, caller: Caller, Path(id): Path<AttachmentId>) -> Result<StatusCode> {
    removal::remove_for_good(&platform, &caller.member, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
