//! `GET /access-tokens`

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::ids::AccessTokenId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::programs::access_tokens::model::AccessToken;
use crate::programs::access_tokens::service;
use crate::rest::body::Query;
use crate::rest::caller::Caller;
use crate::rest::paging::{check_limit, next};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// The `next` value of the previous page.
    before: Option<AccessTokenId>,
    /// The maximum number of items. Defaults to 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// A page of access tokens, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessTokens {
    access_tokens: Vec<AccessToken>,
    /// Pass this as `before` to get the next page. Null on the last page.
    next: Option<AccessTokenId>,
}

/// Lists your access tokens, newest first.
#[utoipa::path(
    get,
    path = "/access-tokens",
    tag = "Access tokens",
    params(Page),
    responses((status = 200, description = "A page of access tokens that were not revoked.", body = AccessTokens))
)]
pub async fn list_access_tokens(
    platform: Platform,
    caller: Caller,
    Query(page): Query<Page>,
) -> Result<axum::Json<AccessTokens>> {
    let limit = check_limit(page.limit)?;
    let access_tokens = service::list(&platform, &caller.member, page.before, limit).await?;
    let next = next(&access_tokens, limit, |token| token.id);
    Ok(axum::Json(AccessTokens { access_tokens, next }))
}
