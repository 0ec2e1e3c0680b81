//! Who calls: an access token, or a person by what they were given at log-in.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use uuid::Uuid;

use crate::channels::model::Channel;
use crate::channels::service as channels;
use crate::ids::ChannelId;
use crate::people::accounts::bearer;
use crate::people::organizations::service as organizations;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::{AppError, Result};
use crate::programs::access_tokens::model::{Scope, TOKEN_PREFIX};
use crate::programs::access_tokens::service as access_tokens;

/// Who calls. Handlers are given one that the declaration of their route has let through.
#[derive(Debug, Clone)]
pub struct Caller {
    pub member: Member,
    /// Of the token; none: a person, who may do all that their role allows.
    scopes: Option<Vec<Scope>>,
}

impl Caller {
    /// Checks what the header Authorization shows.
    pub async fn authenticate(platform: &Platform, headers: &HeaderMap) -> Result<Self> {
        let text = shown(headers)?;
        if !text.starts_with(TOKEN_PREFIX) {
            let session = bearer::session_of(platform, text)?;
            return Ok(Self::person(organizations::of_session(platform, session).await?));
        }
        let checked = access_tokens::check(platform, text).await?;
        Ok(Self { member: checked.member, scopes: Some(checked.scopes) })
    }

    /// Who a request is from as they are now: while a body came in, the token may have been revoked or the role changed.
    ///
    /// # Errors
    /// `unauthenticated` if they may do nothing any more.
    pub async fn again(platform: &Platform, headers: &HeaderMap) -> Result<Self> {
        Self::authenticate(platform, headers).await
    }

    /// Who acts themselves.
    pub fn person(member: Member) -> Self {
        Self { member, scopes: None }
    }

    /// Whose requests are counted together: the token's, else the person's.
    pub fn id(&self) -> Uuid {
        self.member.token.as_ref().map_or(self.member.id.0, |token| token.id)
    }

    /// Refuses access tokens with 403.
    pub fn require_person(&self) -> Result<()> {
        match self.scopes {
            None => Ok(()),
            Some(_) => Err(AppError::forbidden("Access tokens can't do this. Log in instead.")),
        }
    }

    /// Refuses a token that lacks the scope with 403.
    pub fn require(&self, scope: Scope) -> Result<()> {
        if self.scopes.as_ref().is_none_or(|scopes| scopes.contains(&scope)) {
            return Ok(());
        }
        let message = format!("This access token lacks the scope {scope}. Create one that has it.");
        Err(AppError::forbidden(message))
    }

    /// The only channel that a file uploaded by this caller may go to; none: any that they reach.
    pub fn home(&self) -> Option<ChannelId> {
        self.member.only_channel().map(ChannelId)
    }

    /// The channel that a request means by an id or a name; where it means none, the one that the token is bound to.
    pub async fn channel(&self, platform: &Platform, field: &str, reference: Option<&str>) -> Result<Channel> {
        let bound = self.member.only_channel().map(|id| id.to_string());
        let Some(reference) = reference.or(bound.as_deref()) else {
            let message = format!("{field} is required: the ID or the name of a bucket or channel.");
            return Err(AppError::invalid(field, message));
        };
        channels::resolve(platform, &self.member, reference).await.map_err(|error| error.on(field))
    }
}

/// The token after `Bearer` (RFC 6750 §2.1).
fn shown(headers: &HeaderMap) -> Result<&str> {
    let Some(header) = headers.get(AUTHORIZATION).map(HeaderValue::to_str) else {
        let message = "Send an access token in the Authorization header: Bearer, a space and the token.";
        return Err(AppError::unauthenticated_by(message));
    };
    let (scheme, token) = header.ok().and_then(|text| text.split_once(' ')).unwrap_or_default();
    if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() {
        return Ok(token.trim());
    }
    Err(AppError::unauthenticated_by("The Authorization header must be Bearer, a space and an access token."))
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| AppError::unexpected("no caller in this request", "its route is declared open"))
    }
}
