//! `GET /buckets`

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::conversations::buckets::model::Bucket;
use crate::conversations::buckets::service;
use crate::ids::ChannelId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Query;
use crate::rest::caller::Caller;
use crate::rest::paging::{check_limit, next};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// The `next` value of the previous page.
    after: Option<ChannelId>,
    /// The maximum number of items. Defaults to 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// A page of buckets, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct BucketPage {
    buckets: Vec<Bucket>,
    /// Pass this as `after` to get the next page. Null on the last page.
    next: Option<ChannelId>,
}

/// Lists buckets, oldest first. A token that is limited to one bucket gets only that bucket.
#[utoipa::path(
    get,
    path = "/buckets",
    tag = "Buckets",
    params(Page),
    responses((status = 200, description = "A page of buckets.", body = BucketPage))
)]
pub async fn list_buckets(
    platform: Platform,
    caller: Caller,
    Query(page): Query<Page>,
) -> Result<axum::Json<BucketPage>> {
    let limit = check_limit(page.limit)?;
    let buckets = service::list(&platform, &caller.member, page.after, limit).await?;
    let next = next(&buckets, limit, |bucket| bucket.id);
    Ok(axum::Json(BucketPage { buckets, next }))
}
