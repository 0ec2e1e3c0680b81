//! Access tokens over HTTP, for the settings page: for people who are logged in.

use super::model::{AccessToken, CreatedToken, NewAccessToken};
use crate::ids::AccessTokenId;
use crate::platform::error::{AppError, Result};
use crate::platform::json::{Body, NoBody};
use crate::platform::routes::{dioxus_fullstack, *};

#[cfg(feature = "server")]
use {super::service, crate::people::organizations::service::Member, crate::platform::Platform};

/// How many tokens are listed at a time.
pub const TOKENS_PAGE: usize = 100;

/// One's own tokens, newest first, 100 at a time: `before` is the id of the last one seen.
#[get("/api/access-tokens?before", platform: Platform, member: Member)]
pub async fn list_access_tokens(before: Option<AccessTokenId>) -> Result<Vec<AccessToken>, AppError> {
    service::list(&platform, &member, before, i64::try_from(TOKENS_PAGE).unwrap_or(i64::MAX)).await
}

/// Makes a token. Its text is answered here and never again.
#[post("/api/access-tokens", platform: Platform, member: Member)]
pub async fn create_access_token(body: Body<NewAccessToken>) -> Result<CreatedToken, AppError> {
    service::create(&platform, &member, body.0).await
}

/// From the answer on the token opens nothing.
#[delete("/api/access-tokens/{id}", platform: Platform, member: Member)]
pub async fn revoke_access_token(id: AccessTokenId, body: NoBody) -> Result<(), AppError> {
    let _ = body;
    service::revoke(&platform, &member, id).await
}
