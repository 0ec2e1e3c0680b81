//! `GET /file-requests`

use serde::Deserialize;
use utoipa::IntoParams;

use crate::conversations::file_requests::service;
use crate::files::requests::model::FileRequest;
use crate::ids::FileRequestId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Query;
use crate::rest::caller::Caller;
use crate::rest::paging::check_limit;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// The ID of the last request of the previous page.
    before: Option<FileRequestId>,
    /// The maximum number of items. Defaults to 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// Lists your file requests, newest first. Members who manage the organization get everyone's.
#[utoipa::path(
    get,
    path = "/file-requests",
    tag = "File requests",
    params(Page),
    responses((status = 200, description = "A page of file requests. A shorter page is the last.", body = Vec<FileRequest>))
)]
pub async fn list_file_requests(
    platform: Platform,
    caller: Caller,
    Query(page): Query<Page>,
) -> Result<axum::Json<Vec<FileRequest>>> {
    let limit = check_limit(page.limit)?;
    Ok(axum::Json(service::list(&platform, &caller.member, page.before, limit).await?))
}
