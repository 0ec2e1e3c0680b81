//! `POST /auth/refresh`

use axum::Json as Answer;

use super::{RefreshToken, Tokens};
use crate::people::accounts::bearer;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Json;
use crate::rest::error::ErrorBody;

/// Exchanges a refresh token for new tokens.
///
/// Each refresh token works once. Using it again ends the log-in, because the token may be stolen.
#[utoipa::path(
    post,
    path = "/auth/refresh",
    tag = "Log-in",
    request_body = RefreshToken,
    responses(
        (status = 200, description = "The new tokens.", body = Tokens),
        (status = 401, description = "The refresh token is invalid or was already used.", body = ErrorBody)
    )
)]
pub async fn refresh(platform: Platform, Json(input): Json<RefreshToken>) -> Result<Answer<Tokens>> {
    Ok(Answer(bearer::refresh(&platform, &input.refresh_token).await?.into()))
}
