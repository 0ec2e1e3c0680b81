//! `DELETE /buckets/{id}`

use axum::http::StatusCode;

use crate::conversations::buckets::service;
use crate::ids::ChannelId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Path;
use crate::rest::caller::Caller;

/// Permanently deletes a bucket with its messages and files. Files that are used in other messages stay.
#[utoipa::path(
    delete,
    path = "/buckets/{id}",
    tag = "Buckets",
    params(("id" = ChannelId, Path, description = "The ID of the bucket.")),
    responses((status = 204, description = "Deleted."))
)]
pub async fn delete_bucket(platform: Platform, caller: Caller, Path(id): Path<ChannelId>) -> Result<StatusCode> {
    service::delete(&platform, &caller.member, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
