//! `GET /attachments`

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::StoredFile;
use crate::files::attachments::model::Status;
use crate::files::uploads::unsent;
use crate::ids::AttachmentId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Query;
use crate::rest::caller::Caller;
use crate::rest::paging::{check_limit, next};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Only files with this status.
    #[param(inline)]
    status: Option<Status>,
    /// The `next` value of the previous page.
    before: Option<AttachmentId>,
    /// The maximum number of items. Defaults to 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// A page of files, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct FilePage {
    attachments: Vec<StoredFile>,
    /// Pass this as `before` to get the next page. Null on the last page.
    next: Option<AttachmentId>,
}

/// Lists your own files that are not in a message: uploads in progress, failed ones with the reason, and complete ones.
#[utoipa::path(
    get,
    path = "/attachments",
    tag = "Attachments",
    params(Filter),
    responses((status = 200, description = "A page of files.", body = FilePage))
)]
pub async fn list_attachments(
    platform: Platform,
    caller: Caller,
    Query(filter): Query<Filter>,
) -> Result<axum::Json<FilePage>> {
    let limit = check_limit(filter.limit)?;
    let found = unsent::page(&platform, &caller.member, filter.status, filter.before, limit).await?;
    let next = next(&found, limit, |file| file.id);
    let attachments = found.into_iter().map(StoredFile::from).collect();
    Ok(axum::Json(FilePage { attachments, next }))
}
