//! HTTP routes of buckets for the app. Programs use /api/v1/buckets.

use super::model::{Bucket, BucketChanges, BucketContents, NewBucket};
use crate::ids::ChannelId;
use crate::platform::error::{AppError, Result};
use crate::platform::json::Body;
use crate::platform::routes::{dioxus_fullstack, *};

#[cfg(feature = "server")]
use {super::service, crate::people::organizations::service::Member, crate::platform::Platform};

/// Creates a bucket, private unless the request says otherwise.
#[post("/api/buckets", platform: Platform, member: Member)]
pub async fn create_bucket(body: Body<NewBucket>) -> Result<Bucket, AppError> {
    service::create(&platform, &member, body.0, false).await
}

/// Updates a bucket. Omitted fields stay.
#[patch("/api/buckets/{id}", platform: Platform, member: Member)]
pub async fn change_bucket(id: ChannelId, body: Body<BucketChanges>) -> Result<Bucket, AppError> {
    service::update(&platform, &member, id, body.0).await
}

/// Permanently deletes a bucket with everything in it.
#[delete("/api/buckets/{id}", platform: Platform, member: Member)]
pub async fn delete_bucket(id: ChannelId) -> Result<(), AppError> {
    service::delete(&platform, &member, id).await
}

/// Returns the contents of a bucket, and the programs that post there.
#[get("/api/buckets/{id}/contents", platform: Platform, member: Member)]
pub async fn bucket_contents(id: ChannelId) -> Result<BucketContents, AppError> {
    service::contents(&platform, &member, id).await
}
