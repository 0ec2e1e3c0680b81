//! `GET /buckets/{id}`

use crate::conversations::buckets::model::Bucket;
use crate::conversations::buckets::service;
use crate::ids::ChannelId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Path;
use crate::rest::caller::Caller;

/// Returns a bucket.
#[utoipa::path(
    get,
    path = "/buckets/{id}",
    tag = "Buckets",
    params(("id" = ChannelId, Path, description = "The ID of the bucket.")),
    responses((status = 200, description = "The bucket.", body = Bucket))
)]
pub async fn get_bucket(platform: Platform, caller: Caller, Path(id): Path<ChannelId>) -> Result<axum::Json<Bucket>> {
    Ok(axum::Json(service::find(&platform, &caller.member, id).await?))
}
