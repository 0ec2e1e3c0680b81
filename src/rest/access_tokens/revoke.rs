//! `DELETE /access-tokens/{id}`

use axum::http::StatusCode;

use crate::access_tokens::model::AccessTokenId;
use crate::access_tokens::service;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Path;
use crate::rest::caller::Caller;

/// Revokes one of one's own access tokens: from then on it opens nothing.
#[utoipa::path(
    delete,
    path = "/access-tokens/{id}",
    tag = "Access tokens",
    params(("id" = AccessTokenId, Path, description = "Of the access token.")),
    responses((status = 204, description = "It is revoked."))
)]
pub async fn revoke_access_token(
    platform: Platform,
    caller: Caller,
    Path(id): Path<AccessTokenId>,
) -> Result<StatusCode> {
    service::revoke(&platform, &caller.member, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
