//! `POST /auth/logout`

use axum::http::StatusCode;

use super::RefreshToken;
use crate::auth::bearer;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Json;

/// Ends a log-in: its refresh token and its access tokens open nothing from then on.
#[utoipa::path(
    post,
    path = "/auth/logout",
    tag = "Log-in",
    request_body = RefreshToken,
    responses((status = 204, description = "It is over, or was before."))
)]
pub async fn log_out(platform: Platform, Json(input): Json<RefreshToken>) -> Result<StatusCode> {
    bearer::close(&platform, &input.refresh_token).await?;
    Ok(StatusCode::NO_CONTENT)
}
