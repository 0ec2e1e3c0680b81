//! `PATCH /buckets/{id}`

use crate::buckets::model::{Bucket, BucketChanges};
use crate::buckets::service;
use crate::channels::model::ChannelId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::{Json, Path};
use crate::rest::caller::Caller;
use crate::rest::error::ErrorBody;

/// Changes what is told of a bucket and leaves the rest.
#[utoipa::path(
    patch,
    path = "/buckets/{id}",
    tag = "Buckets",
    params(("id" = ChannelId, Path, description = "Of the bucket.")),
    request_body = BucketChanges,
    responses(
        (status = 200, description = "As it is now.", body = Bucket),
        (status = 409, description = "There is a bucket of this name already.", body = ErrorBody)
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
