//! `POST /buckets`

use axum::response::IntoResponse;

use crate::buckets::model::{Bucket, NewBucket};
use crate::buckets::service;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Json;
use crate::rest::caller::Caller;
use crate::rest::created::created;
use crate::rest::error::ErrorBody;

/// Makes a bucket.
#[utoipa::path(
    post,
    path = "/buckets",
    tag = "Buckets",
    request_body = NewBucket,
    responses(
        (status = 201, description = "It was made.", body = Bucket, headers(("Location", description = "Where it is."))),
        (status = 403, description = "Public downloads were asked for, and the role permits no sharing.", body = ErrorBody),
        (status = 409, description = "There is a bucket of this name already.", body = ErrorBody)
    )
)]
pub async fn create_bucket(
    platform: Platform,
    caller: Caller,
    Json(new): Json<NewBucket>,
) -> Result<impl IntoResponse> {
    let bucket = service::create(&platform, &caller.member, new, true).await?;
    Ok(created(&format!("buckets/{}", bucket.id), bucket))
}
