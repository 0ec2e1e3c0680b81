//! `POST /auth/logout`

use axum::http::StatusCode;

use super::RefreshToken;
use crate::people::accounts::bearer;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Json;

/// Logs out. The refresh token and its access tokens stop working immediately.
#[utoipa::path(
    post,
    path = "/auth/logout",
    tag = "Log-in",
    request_body = RefreshToken,
    responses((status = 204, description = "Logged out."))
)]
pub async fn log_out(platform: Platform, Json(input): Json<RefreshToken>) -> Result<StatusCode> {
    bearer::close(&platform, &input.refresh_token).await?;
    Ok(StatusCode::NO_CONTENT)
}
