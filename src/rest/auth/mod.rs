//! Log-in for a person's own programs.

mod log_in;
mod log_out;
mod refresh;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::routes::Routes;
use crate::people::accounts::bearer::{ACCESS_TOKEN_LIFETIME, Pair};

pub fn routes(routes: Routes) -> Routes {
    routes.open(routes!(log_in::log_in)).open(routes!(refresh::refresh)).open(routes!(log_out::log_out))
}

/// An access token and a refresh token.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tokens {
    /// A JWT for the header `Authorization: Bearer …`. It has all permissions of its owner.
    #[schema(example = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIwMTlmODAwMCJ9.Vh3kTn0b2qzJx5W0aQmVbM")]
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// The lifetime of the access token, in seconds.
    #[schema(example = 900)]
    expires_in: u64,
    /// For `POST /auth/refresh`. Each refresh token works once, and each response contains the next one. It expires 30
    /// days after its last use.
    #[schema(example = "zrt_Q7mXaTqkzv0yA9dTsmq1LxV6n4hD3cRzPpYgk2bWfE8")]
    refresh_token: String,
}

impl From<Pair> for Tokens {
    fn from(pair: Pair) -> Self {
        let expires_in = ACCESS_TOKEN_LIFETIME.as_secs();
        Self { access_token: pair.access, token_type: "Bearer", expires_in, refresh_token: pair.refresh }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RefreshToken {
    #[schema(example = "zrt_Q7mXaTqkzv0yA9dTsmq1LxV6n4hD3cRzPpYgk2bWfE8")]
    pub refresh_token: String,
}
