//! Log-ins of a person's own programs: an access token (a JWT, RFC 7519) that is valid for minutes, and a refresh token
//! that is exchanged for the next pair. Both belong to a session, which is listed and ended like that of a browser.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::service::{SESSION_IDLE, Visitor, end};
use super::store::{self, NewSession};
use crate::ids::{OrganizationId, SessionId, UserId};
use crate::platform::Platform;
use crate::platform::error::{AppError, Result};
use crate::platform::secret::Token;

/// Lifetime of an access token.
pub const ACCESS_TOKEN_LIFETIME: Duration = Duration::from_mins(15);
const ISSUER: &str = "attache";
/// Prefix of every refresh token.
const REFRESH_PREFIX: &str = "zrt_";

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: Uuid,
    /// The session. Its access tokens end with it.
    sid: SessionId,
    /// Unix seconds.
    iat: i64,
    exp: i64,
}

/// The response to a log-in and to each refresh.
#[derive(Debug)]
pub struct Pair {
    pub access: String,
    pub refresh: String,
}

/// Starts a session in an organization for an authenticated person.
#[tracing::instrument(skip_all, fields(user = %user))]
pub async fn open(platform: &Platform, visitor: &Visitor, user: UserId, organization: OrganizationId) -> Result<Pair> {
    let (refresh, hash) = new_refresh(platform);
    let now = platform.clock.now();
    let session = NewSession {
        id: SessionId(platform.clock.new_id()),
        token_hash: &hash,
        user_id: user,
        organization_id: Some(organization),
        user_agent: visitor.user_agent(),
        now,
        expires_at: now.plus(SESSION_IDLE),
    };
    let id = session.id;
    store::insert_session(platform.db.on(), session).await?;
    Ok(Pair { access: access(platform, user, id)?, refresh })
}

/// Exchanges a refresh token for the next pair. A token that is used twice has leaked, so its session ends.
#[tracing::instrument(skip_all)]
pub async fn refresh(platform: &Platform, text: &str) -> Result<Pair> {
    let old = refresh_hash(platform, text);
    let (refresh, hash) = new_refresh(platform);
    let now = platform.clock.now();
    let mut tx = platform.db.begin().await?;
    if let Some(row) = store::rotate_session(&mut tx, &old, &hash, now, now.plus(SESSION_IDLE)).await? {
        store::note_used_refresh(&mut tx, &old, row.id, now).await?;
        tx.commit().await?;
        return Ok(Pair { access: access(platform, row.user_id, row.id)?, refresh });
    }
    let reused = store::end_session_of_used_refresh(&mut tx, &old).await?;
    tx.commit().await?;
    Err(AppError::unauthenticated_by(if reused {
        "This refresh token was already used, so its session has ended. Log in again. If this wasn't you, change your \
         password."
    } else {
        "Invalid refresh token. It may be mistyped, or its session has ended. Log in again."
    }))
}

/// Ends the session of a refresh token, with its access tokens. Without one it changes nothing.
pub async fn close(platform: &Platform, text: &str) -> Result<()> {
    end(platform, &refresh_hash(platform, text)).await
}

/// Returns the session of an access token. The database decides whether it is still valid.
pub fn session_of(platform: &Platform, text: &str) -> Result<SessionId> {
    let wrong = || AppError::unauthenticated_by("Invalid access token. Refresh it or log in again.");
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["iss", "sub", "exp"]);
    // Checked below, with the injected clock.
    validation.validate_exp = false;
    let key = DecodingKey::from_secret(key(platform).as_bytes());
    let claims = decode::<Claims>(text, &key, &validation).map_err(|_| wrong())?.claims;
    if claims.exp * 1000 <= platform.clock.now().0 {
        return Err(AppError::unauthenticated_by("This access token has expired. Refresh it."));
    }
    Ok(claims.sid)
}

fn access(platform: &Platform, user: UserId, session: SessionId) -> Result<String> {
    let now = platform.clock.now();
    let claims = Claims {
        iss: ISSUER.to_owned(),
        sub: user.0,
        sid: session,
        iat: now.0 / 1000,
        exp: now.plus(ACCESS_TOKEN_LIFETIME).0 / 1000,
    };
    let key = EncodingKey::from_secret(key(platform).as_bytes());
    encode(&Header::new(Algorithm::HS256), &claims, &key)
        .map_err(|error| AppError::unexpected("failed to sign an access token", error))
}

/// Derives a key from the installation's secret, for this purpose only.
fn key(platform: &Platform) -> String {
    platform.secret.sign("key of access tokens")
}

fn new_refresh(platform: &Platform) -> (String, Vec<u8>) {
    let text = format!("{REFRESH_PREFIX}{}", Token::generate(&platform.clock).text);
    let hash = refresh_hash(platform, &text);
    (text, hash)
}

/// Returns a keyed hash, so that a cookie never has the hash of a refresh token, nor the reverse.
fn refresh_hash(platform: &Platform, text: &str) -> Vec<u8> {
    Token::hash_of(&platform.secret.sign(&format!("refresh token {text}")))
}
