//! `GET /access-tokens`

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::access_tokens::model::{AccessToken, AccessTokenId};
use crate::access_tokens::service;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Query;
use crate::rest::caller::Caller;
use crate::rest::paging::{check_limit, next};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// The `next` of the page before.
    before: Option<AccessTokenId>,
    /// How many, 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// A page of access tokens, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessTokens {
    access_tokens: Vec<AccessToken>,
    /// Hand it in as `before` for the page after this; null: this is the last.
    next: Option<AccessTokenId>,
}

/// One's own access tokens, newest first.
#[utoipa::path(
    get,
    path = "/access-tokens",
    tag = "Access tokens",
    params(Page),
    responses((status = 200, description = "A page of those that were not revoked.", body = AccessTokens))
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
