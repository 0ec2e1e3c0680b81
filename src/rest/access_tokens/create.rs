//! `POST /access-tokens`

use axum::Json as Answer;
use axum::http::StatusCode;

use crate::access_tokens::model::{CreatedToken, NewAccessToken};
use crate::access_tokens::service;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Json;
use crate::rest::caller::Caller;

/// Makes an access token. Its secret is answered here and never again.
#[utoipa::path(
    post,
    path = "/access-tokens",
    tag = "Access tokens",
    request_body = NewAccessToken,
    responses((status = 201, description = "It was made.", body = CreatedToken))
)]
pub async fn create_access_token(
    platform: Platform,
    caller: Caller,
    Json(input): Json<NewAccessToken>,
) -> Result<(StatusCode, Answer<CreatedToken>)> {
    let created = service::create(&platform, &caller.member, input).await?;
    Ok((StatusCode::CREATED, Answer(created)))
}
