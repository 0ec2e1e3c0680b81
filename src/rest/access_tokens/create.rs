//! `POST /access-tokens`

use axum::Json as Answer;
use axum::http::StatusCode;

use crate::platform::Platform;
use crate::platform::error::Result;
use crate::programs::access_tokens::model::{CreatedToken, NewAccessToken};
use crate::programs::access_tokens::service;
use crate::rest::body::Json;
use crate::rest::caller::Caller;

/// Creates an access token. Only this response contains its secret.
#[utoipa::path(
    post,
    path = "/access-tokens",
    tag = "Access tokens",
    request_body = NewAccessToken,
    responses((status = 201, description = "Created.", body = CreatedToken))
)]
pub async fn create_access_token(
    platform: Platform,
    caller: Caller,
    Json(input): Json<NewAccessToken>,
) -> Result<(StatusCode, Answer<CreatedToken>)> {
    let created = service::create(&platform, &caller.member, input).await?;
    Ok((StatusCode::CREATED, Answer(created)))
}
