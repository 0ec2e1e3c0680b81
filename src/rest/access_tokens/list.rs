//! `GET /access-tokens`

use serde::Serialize;
use utoipa::ToSchema;

use crate::access_tokens::model::AccessToken;
use crate::access_tokens::service;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::caller::Caller;

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessTokens {
    access_tokens: Vec<AccessToken>,
}

/// One's own access tokens, newest first.
#[utoipa::path(
    get,
    path = "/access-tokens",
    tag = "Access tokens",
    responses((status = 200, description = "All that were not revoked.", body = AccessTokens))
)]
pub async fn list_access_tokens(platform: Platform, caller: Caller) -> Result<axum::Json<AccessTokens>> {
    let access_tokens = service::list(&platform, &caller.member).await?;
    Ok(axum::Json(AccessTokens { access_tokens }))
}
