//! `PATCH /buckets/{id}`

use crate::conversations::buckets::model::{Bucket, BucketChanges};
use crate::conversations::buckets::service;
use crate::ids::ChannelId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::{Json, Path};
use crate::rest::caller::Caller;
use crate::rest::error::ErrorBody;

/// Updates a bucket. Fields that are left out are not changed.
#[utoipa::path(
    patch,
    path = "/buckets/{id}",
    tag = "Buckets",
    params(("id" = ChannelId, Path, description = "The ID of the bucket.")),
    request_body = BucketChanges,
    responses(
        (status = 200, description = "The updated bucket.", body = Bucket),
        (status = 409, description = "A bucket with this name already exists.", body = ErrorBody)
    )
)]
pub async fn change_bucket(
    platform: Platform,
    caller: Caller,
    Path(id): Path<ChannelId>,
    Json(changes): Json<BucketChanges>,
) -> Result<axum::Json<Bucket>> {
    Ok(axum::Json(service::update(&platform, &caller.member, id, changes).await?))
}
