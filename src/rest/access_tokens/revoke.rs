//! `DELETE /access-tokens/{id}`

use axum::http::StatusCode;

use crate::ids::AccessTokenId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::programs::access_tokens::service;
use crate::rest::body::Path;
use crate::rest::caller::Caller;

/// Revokes one of your access tokens. It stops working immediately.
#[utoipa::path(
    delete,
    path = "/access-tokens/{id}",
    tag = "Access tokens",
    params(("id" = AccessTokenId, Path, description = "The ID of the access token.")),
    responses((status = 204, description = "Revoked."))
)]
pub async fn revoke_access_token(
    platform: Platform,
    caller: Caller,
    Path(id): Path<AccessTokenId>,
) -> Result<StatusCode> {
    service::revoke(&platform, &caller.member, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
