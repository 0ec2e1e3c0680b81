//! `POST /auth/login`

use axum::Json as Answer;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Tokens;
use crate::people::accounts::bearer;
use crate::people::accounts::model::LogIn;
use crate::people::accounts::service::{Visitor, authenticate};
use crate::people::organizations::service::member_of;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Json;
use crate::rest::error::ErrorBody;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LogIn)]
pub struct Input {
    #[schema(example = "mara@example.com")]
    email: String,
    #[schema(example = "correct horse battery")]
    password: String,
}

/// Logs in with email and password.
///
/// The limit is 10 attempts per email and 100 per network in 15 minutes.
#[utoipa::path(
    post,
    path = "/auth/login",
    tag = "Log-in",
    request_body = Input,
    responses(
        (status = 200, description = "Logged in.", body = Tokens),
        (status = 401, description = "The email or the password is wrong.", body = ErrorBody)
    )
)]
pub async fn log_in(platform: Platform, visitor: Visitor, Json(input): Json<Input>) -> Result<Answer<Tokens>> {
    let input = LogIn { email: input.email, password: input.password };
    let user = authenticate(&platform, &visitor, input).await?;
    let organization = member_of(&platform, user, None).await?.organization_id();
    Ok(Answer(bearer::open(&platform, &visitor, user, organization).await?.into()))
}
