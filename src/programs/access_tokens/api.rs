//! HTTP routes of access tokens, for the settings page of logged-in people.

use super::model::{AccessToken, CreatedToken, NewAccessToken};
use crate::ids::AccessTokenId;
use crate::platform::error::{AppError, Result};
use crate::platform::json::{Body, NoBody};
use crate::platform::routes::{dioxus_fullstack, *};

#[cfg(feature = "server")]
use {super::service, crate::people::organizations::service::Member, crate::platform::Platform};

/// Page size.
pub const TOKENS_PAGE: usize = 100;

/// Lists your own tokens, newest first, 100 at a time: `before` is the id of the last one of the page before.
#[get("/api/access-tokens?before", platform: Platform, member: Member)]
pub async fn list_access_tokens(before: Option<AccessTokenId>) -> Result<Vec<AccessToken>, AppError> {
    service::list(&platform, &member, before, i64::try_from(TOKENS_PAGE).unwrap_or(i64::MAX)).await
}

/// Creates a token. This is the only response with its secret.
#[post("/api/access-tokens", platform: Platform, member: Member)]
pub async fn create_access_token(body: Body<NewAccessToken>) -> Result<CreatedToken, AppError> {
    service::create(&platform, &member, body.0).await
}

/// Revokes a token. It is invalid from this response on.
#[delete("/api/access-tokens/{id}", platform: Platform, member: Member)]
pub async fn revoke_access_token(id: AccessTokenId, body: NoBody) -> Result<(), AppError> {
    let _ = body;
    service::revoke(&platform, &member, id).await
}
