//! Authentication: an access token, or a person's token from log-in.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use uuid::Uuid;

use crate::channels::access::Visible;
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
use crate::programs::access_tokens::service::Checked;

/// The caller. Handlers receive one that their route's declaration has admitted.
#[derive(Debug, Clone)]
pub struct Caller {
    pub member: Member,
    /// The token's scopes. `None` means a logged-in person, who has all permissions of their role.
    scopes: Option<Vec<Scope>>,
}

impl Caller {
    /// Authenticates the header Authorization.
    pub async fn authenticate(platform: &Platform, headers: &HeaderMap) -> Result<Self> {
        let text = shown(headers)?;
        if !text.starts_with(TOKEN_PREFIX) {
            let session = bearer::session_of(platform, text)?;
            return Ok(Self::person(organizations::of_session(platform, session).await?));
        }
        Ok(Self::by_token(access_tokens::check(platform, text).await?))
    }

    /// Authenticates a request again: while its body arrived, the token may have been revoked or the role changed.
    ///
    /// # Errors
    /// `unauthenticated` if the credentials are no longer valid.
    pub async fn again(platform: &Platform, headers: &HeaderMap) -> Result<Self> {
        Self::authenticate(platform, headers).await
    }

    /// Returns the token's scopes. `None` means a logged-in person.
    pub fn scopes(&self) -> Option<&[Scope]> {
        self.scopes.as_deref()
    }

    /// Returns the caller of an access token.
    pub fn by_token(checked: Checked) -> Self {
        Self { member: checked.member, scopes: Some(checked.scopes) }
    }

    /// Returns a caller who acts in person.
    pub fn person(member: Member) -> Self {
        Self { member, scopes: None }
    }

    /// Returns the id under which requests are counted: the token's, else the person's.
    pub fn id(&self) -> Uuid {
        self.member.token.as_ref().map_or(self.member.id.0, |token| token.id)
    }

    /// Rejects access tokens with 403.
    pub fn require_person(&self) -> Result<()> {
        match self.scopes {
            None => Ok(()),
            Some(_) => Err(AppError::forbidden("Access tokens can't do this. Log in instead.")),
        }
    }

    /// Rejects a token without the scope with 403.
    pub fn require(&self, scope: Scope) -> Result<()> {
        if self.scopes.as_ref().is_none_or(|scopes| scopes.contains(&scope)) {
            return Ok(());
        }
        let message = format!("This access token lacks the scope {scope}. Create one that has it.");
        Err(AppError::forbidden(message))
    }

    /// Returns the only channel for files of this caller; `None`: any that they can view.
    pub fn home(&self) -> Option<ChannelId> {
        self.member.only_channel().map(ChannelId)
    }

    /// Returns the channel that a request names by id or name; if it names none, the one that the token is bound to.
    pub async fn channel(&self, platform: &Platform, field: &str, reference: Option<&str>) -> Result<Visible<Channel>> {
        let bound = self.member.only_channel().map(|id| id.to_string());
        let Some(reference) = reference.or(bound.as_deref()) else {
            let message = format!("{field} is required: the ID or the name of a bucket or channel.");
            return Err(AppError::invalid(field, message));
        };
        channels::resolve(platform, &self.member, reference).await.map_err(|error| error.on(field))
    }
}

/// Returns the access token of an authenticated request. `None` for the token of a log-in, and without one.
pub fn access_token(headers: &HeaderMap) -> Option<&str> {
    shown(headers).ok().filter(|text| text.starts_with(TOKEN_PREFIX))
}

/// Returns the token after `Bearer` (RFC 6750 §2.1).
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
