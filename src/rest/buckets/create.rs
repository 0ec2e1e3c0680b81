//! `POST /buckets`

use axum::response::IntoResponse;

use crate::conversations::buckets::model::{Bucket, NewBucket};
use crate::conversations::buckets::service;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Json;
use crate::rest::caller::Caller;
use crate::rest::created::created;
use crate::rest::error::ErrorBody;

/// Creates a bucket.
#[utoipa::path(
    post,
    path = "/buckets",
    tag = "Buckets",
    request_body = NewBucket,
    responses(
        (status = 201, description = "Created.", body = Bucket, headers(("Location", description = "The URL."))),
        (status = 403, description = "`publicDownloads` is true, but the role can't share files.", body = ErrorBody),
        (status = 409, description = "A bucket with this name already exists.", body = ErrorBody)
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
