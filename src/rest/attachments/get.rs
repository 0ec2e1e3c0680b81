//! `GET /attachments/{id}`

use super::model::StoredFile;
use crate::files::attachments::service;
use crate::ids::AttachmentId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Path;
use crate::rest::caller::Caller;

/// Returns information about a file.
#[utoipa::path(
    get,
    path = "/attachments/{id}",
    tag = "Attachments",
    params(("id" = AttachmentId, Path, description = "The ID of the file.")),
    responses((status = 200, description = "The file.", body = StoredFile))
)]
pub async fn get_attachment(
    platform: Platform,
    caller: Caller,
    Path(id): Path<AttachmentId>,
) -> Result<axum::Json<StoredFile>> {
    Ok(axum::Json(service::find(&platform, &caller.member, id).await?.into()))
}
