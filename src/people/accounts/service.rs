//! Accounts, log-in and sessions.

use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

use super::model;
use super::model::{ChangePassword, Device, LogIn, PasswordChanged};
use super::password;
use super::store::{self, NewSession, UserRow};
use crate::ids::{OrganizationId, SessionId, UserId};
use crate::live_event::{self, LiveEvent};
use crate::people::organizations::service::{member_id, note_failed_log_in, revoke_tokens};
use crate::platform::Platform;
use crate::platform::client_address::client_network;
use crate::platform::db::read_only::unless_refused;
use crate::platform::db::{Tx, is_unique_violation};
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::http::is_https;
use crate::platform::page_identity::PageIdentity;
use crate::platform::picture_url::picture_url;
use crate::platform::rate_limit::{self, Limit};
use crate::platform::secret::Token;
use crate::platform::timestamp::Timestamp;

pub const SESSION_COOKIE: &str = "attache_session";
/// Cookie name on https: browsers accept it from no other host and from no page on plain http (RFC 6265bis §4.1.3.2).
const SECURE_SESSION_COOKIE: &str = "__Host-attache_session";
/// A session without a visit expires after this time.
pub const SESSION_IDLE: Duration = Duration::from_hours(30 * 24);
/// A session expires this long after its log-in, however often it is used.
pub const SESSION_MAX: Duration = Duration::from_hours(90 * 24);
/// How often a visit is written to the database.
const TOUCH_INTERVAL: Duration = Duration::from_hours(1);
/// Limit of log-in attempts from one network for one account. Attempts from other networks don't count, so a stranger
/// can't lock anybody out.
const PER_ACCOUNT: Limit = Limit { tries: 10, window: Duration::from_mins(15) };
const PER_NETWORK: Limit = Limit { tries: 100, window: Duration::from_mins(15) };

/// A logged-in session, found by the cookie of a request.
#[derive(Debug, Clone)]
pub struct Session {
    pub id: SessionId,
    pub user_id: UserId,
    /// The selected organization; `None`: the user's first.
    pub organization_id: Option<OrganizationId>,
}

/// Properties of the request that a log-in needs.
pub struct Visitor {
    user_agent: String,
    network: Option<String>,
    https: bool,
    old_token: Option<String>,
}

impl Visitor {
    /// Returns at most 300 characters of the `User-Agent`.
    pub fn user_agent(&self) -> &str {
        &self.user_agent
    }

    /// Returns the key that counts this visitor's attempts for an account.
    fn tries_of(&self, email: &str) -> String {
        format!("{}{}", tries_of(email), self.network().unwrap_or_default())
    }

    /// Returns whose share of the password queues this visitor uses.
    pub fn queue(&self) -> &str {
        self.network().unwrap_or_default()
    }

    /// Returns the network of the request: an IPv4 address, or the /64 of an IPv6 address.
    pub fn network(&self) -> Option<&str> {
        self.network.as_deref()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let platform = Platform::from_request_parts(parts, state).await?;
        let user_agent =
            parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(Self {
            user_agent: user_agent.chars().take(300).collect(),
            network: client_network(&platform, parts),
            https: is_https(&platform, parts),
            old_token: token_of(&parts.headers),
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let platform = Platform::from_request_parts(parts, state).await?;
        let session = current(&platform, &parts.headers).await?.ok_or_else(AppError::unauthenticated)?;
        let page = PageIdentity::of(parts);
        page.check_session(session.id.0)?;
        if page.names_member() {
            page.check(session.id.0, member_id(&platform, &session).await?.unwrap_or_default())?;
        }
        Ok(session)
    }
}

fn token_of(headers: &HeaderMap) -> Option<String> {
    let jar = CookieJar::from_headers(headers);
    // The other name on https: from before an upgrade, or from before the installation had https.
    let cookie = jar.get(SECURE_SESSION_COOKIE).or_else(|| jar.get(SESSION_COOKIE));
    cookie.map(|cookie| cookie.value().to_owned())
}

/// Returns the hash of the request's cookie, by which a session is stored.
pub fn token_hash_of(headers: &HeaderMap) -> Option<Vec<u8>> {
    token_of(headers).map(|token| Token::hash_of(&token))
}

/// Returns the valid session of a request, if there is one.
pub async fn current(platform: &Platform, headers: &HeaderMap) -> Result<Option<Session>> {
    let Some(hash) = token_hash_of(headers) else { return Ok(None) };
    let Some(row) = store::live_session(platform.db.on(), &hash, platform.clock.now()).await? else { return Ok(None) };
    note_visit(platform, row.id, row.created_at, row.last_seen_at).await?;
    Ok(Some(Session { id: row.id, user_id: row.user_id, organization_id: row.organization_id }))
}

/// Extends a session from now on, up to [`SESSION_MAX`] after its log-in. Written once an hour, so that reading does
/// not write.
pub async fn note_visit(
    platform: &Platform,
    id: SessionId,
    created_at: Timestamp,
    last_seen_at: Timestamp,
) -> Result<()> {
    let now = platform.clock.now();
    if last_seen_at < now.minus(TOUCH_INTERVAL) {
        let expires_at = now.plus(SESSION_IDLE).min(created_at.plus(SESSION_MAX));
        unless_refused(store::touch_session(platform.db.on(), id, now, expires_at).await)?;
    }
    Ok(())
}

/// Creates an account inside the caller's transaction.
pub async fn create_user(
    platform: &Platform,
    tx: &mut Tx,
    name: String,
    email: String,
    password_hash: String,
) -> Result<UserId> {
    let user =
        UserRow { id: UserId(platform.clock.new_id()), name, email, password_hash, avatar_id: None, disabled_at: None };
    store::insert_user(tx.on(), &user, platform.clock.now()).await.map_err(|error| {
        if is_unique_violation(&error) {
            return AppError::conflict("An account with this email already exists. Log in instead.").on("email");
        }
        error.into()
    })?;
    Ok(user.id)
}

/// Returns whether a session is neither revoked nor expired, and still in the same organization. If the database does
/// not respond, it is treated as ended: the client can ask again.
pub async fn is_live(platform: &Platform, session: &Session) -> bool {
    let now = platform.clock.now();
    store::session_is_live(platform.db.on(), session.id, session.organization_id, now).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "failed to look up a session");
        false
    })
}

/// Checks email and password; the error does not say which is wrong. Limits attempts.
#[tracing::instrument(skip_all)]
pub async fn authenticate(platform: &Platform, visitor: &Visitor, input: LogIn) -> Result<UserId> {
    if let Some(network) = visitor.network() {
        rate_limit::count(platform, &format!("log-in-from:{network}"), PER_NETWORK).await?;
    }
    // An invalid email has no account, and does not deserve a row in the limits.
    let email = model::check_email(&input.email).map_err(|_| wrong_credentials())?;
    let key = visitor.tries_of(&email);
    rate_limit::count(platform, &key, PER_ACCOUNT).await?;
    let user = user_by_email(platform, &email, &input.email).await?;
    let stored = user.as_ref().map(|user| user.password_hash.clone());
    let right = password::verify(input.password, stored, visitor.queue()).await?;
    match user {
        Some(user) if right => {
            rate_limit::reset(platform, &key).await?;
            // Only its owner is told.
            if user.disabled_at.is_some() { Err(disabled()) } else { Ok(user.id) }
        }
        Some(user) => {
            note_failed_log_in(platform, user.id, &email, visitor.network()).await;
            Err(wrong_credentials())
        }
        None => Err(wrong_credentials()),
    }
}

/// Finds a user by a checked email, or by the typed one: an account of an older version may have its email in another
/// form.
async fn user_by_email(platform: &Platform, email: &str, typed: &str) -> Result<Option<UserRow>> {
    let typed = typed.trim().to_lowercase();
    if typed != email
        && let Some(user) = store::user_by_email(platform.db.on(), &typed).await?
    {
        return Ok(Some(user));
    }
    Ok(store::user_by_email(platform.db.on(), email).await?)
}

fn disabled() -> AppError {
    AppError::new(ErrorKind::Forbidden, "This account is disabled. Contact your server's administrator.")
}

fn wrong_credentials() -> AppError {
    AppError::new(ErrorKind::WrongCredentials, "Wrong email or password. Check both and try again.")
}

/// Starts a session in an organization and returns its cookie. The browser's previous session ends: a token never
/// survives a log-in.
#[tracing::instrument(skip_all, fields(user_id = %user_id))]
pub async fn start_session(
    platform: &Platform,
    visitor: &Visitor,
    user_id: UserId,
    organization: OrganizationId,
) -> Result<(SessionId, HeaderValue)> {
    if let Some(old) = &visitor.old_token {
        end(platform, &Token::hash_of(old)).await?;
    }
    let token = Token::generate(&platform.clock);
    let now = platform.clock.now();
    let session = NewSession {
        id: SessionId(platform.clock.new_id()),
        token_hash: &token.hash,
        user_id,
        organization_id: Some(organization),
        user_agent: &visitor.user_agent,
        now,
        expires_at: now.plus(SESSION_IDLE),
    };
    let id = session.id;
    let mut tx = platform.db.begin().await?;
    store::insert_session(tx.on(), session).await?;
    store::choose_organization(&mut tx, user_id, None, organization).await?;
    tx.commit().await?;
    Ok((id, cookie(token.text, visitor.https, SESSION_MAX)))
}

/// Ends the session of this request and returns the cookie that removes it. A page that another session opened ends
/// none.
#[tracing::instrument(skip_all)]
pub async fn end_session(platform: &Platform, visitor: &Visitor, page: &PageIdentity) -> Result<HeaderValue> {
    if let Some(token) = &visitor.old_token {
        let hash = Token::hash_of(token);
        if page.is_said()
            && let Some(row) = store::live_session(platform.db.on(), &hash, platform.clock.now()).await?
        {
            page.check_session(row.id.0)?;
        }
        end(platform, &hash).await?;
    }
    Ok(cookie(String::new(), visitor.https, Duration::ZERO))
}

/// Ends the session of a token, if there is one.
pub(super) async fn end(platform: &Platform, token_hash: &[u8]) -> Result<()> {
    if let Some(user) = store::delete_session(platform.db.on(), token_hash).await? {
        publish_end(platform, user).await;
    }
    Ok(())
}

/// Notifies streams of a user that some of their sessions ended: each checks its own.
pub async fn publish_end(platform: &Platform, user: UserId) {
    live_event::publish(platform, None, LiveEvent::SessionEnded { user_id: user }).await;
}

fn cookie(value: String, https: bool, age: Duration) -> HeaderValue {
    let seconds = i64::try_from(age.as_secs()).unwrap_or(0);
    let name = if https { SECURE_SESSION_COOKIE } else { SESSION_COOKIE };
    let cookie = Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(https)
        .max_age(time::Duration::seconds(seconds))
        .build();
    HeaderValue::from_str(&cookie.to_string()).expect("a base64 token makes a valid header")
}

/// Switches a session to another organization of its user. Its streams restart.
pub async fn take_to(platform: &Platform, session: &Session, organization: OrganizationId) -> Result<()> {
    let mut tx = platform.db.begin().await?;
    store::choose_organization(&mut tx, session.user_id, Some(session.id), organization).await?;
    tx.commit().await?;
    publish_end(platform, session.user_id).await;
    Ok(())
}

pub async fn devices(platform: &Platform, session: &Session) -> Result<Vec<Device>> {
    let rows = store::sessions_of(platform.db.on(), session.user_id, platform.clock.now()).await?;
    Ok(rows
        .into_iter()
        .map(|row| Device {
            current: row.id == session.id,
            id: row.id,
            user_agent: row.user_agent,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
        })
        .collect())
}

/// Logs a device out.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn revoke(platform: &Platform, session: &Session, id: SessionId) -> Result<()> {
    if !store::delete_session_of(platform.db.on(), session.user_id, id).await? {
        return Err(AppError::not_found("session"));
    }
    publish_end(platform, session.user_id).await;
    Ok(())
}

/// Loads a user.
pub async fn user(platform: &Platform, id: UserId) -> Result<model::User> {
    let row = store::user_by_id(platform.db.on(), id).await?.ok_or_else(AppError::unauthenticated)?;
    Ok(model::User { id: row.id, name: row.name, email: row.email, avatar_url: row.avatar_id.map(picture_url) })
}

pub async fn rename(platform: &Platform, user: UserId, name: &str) -> Result<()> {
    Ok(store::update_name(platform.db.on(), user, &model::check_name("name", name)?).await?)
}

/// Sets a new password, if the current one is correct. Attempts are limited like those to log in.
#[tracing::instrument(skip_all)]
pub async fn change_password(
    platform: &Platform,
    visitor: &Visitor,
    session: &Session,
    input: ChangePassword,
) -> Result<PasswordChanged> {
    let user = store::user_by_id(platform.db.on(), session.user_id).await?.ok_or_else(AppError::unauthenticated)?;
    password::check(&input.new_password, &[&user.name, &user.email]).map_err(|error| error.on("newPassword"))?;
    let key = visitor.tries_of(&user.email);
    rate_limit::count(platform, &key, PER_ACCOUNT).await?;
    if !password::verify(input.current_password, Some(user.password_hash), visitor.queue()).await? {
        return Err(AppError::invalid("currentPassword", "Wrong current password."));
    }
    let hash = password::hash(input.new_password, visitor.queue()).await?;
    let mut tx = platform.db.begin().await?;
    let ended_sessions = replace_password(&mut tx, user.id, &hash, Some(session.id)).await?;
    let revoked_tokens = if input.revoke_tokens { revoke_tokens(platform, &mut tx, user.id).await? } else { 0 };
    tx.commit().await?;
    publish_end(platform, user.id).await;
    // The password is changed even if this fails. Counters expire.
    if let Err(error) = rate_limit::reset(platform, &key).await {
        tracing::warn!(%error, "tries are still counted");
    }
    Ok(PasswordChanged { ended_sessions, revoked_tokens })
}

/// Ends what the old password gave access to: all sessions but `kept`, and reset links. Returns the number of sessions.
pub async fn replace_password(tx: &mut Tx, user: UserId, hash: &str, kept: Option<SessionId>) -> Result<u64> {
    store::update_password(tx.on(), user, hash).await?;
    store::forget_resets(tx.on(), user).await?;
    Ok(store::delete_sessions_of(tx.on(), user, kept).await?)
}

/// Lets a person log in again after too many attempts.
pub async fn forget_tries(platform: &Platform, email: &str) -> Result<()> {
    rate_limit::reset_all(platform, &tries_of(email)).await
}

/// Returns the prefix of the keys that count attempts for an account, one for each network. No email contains a space.
fn tries_of(email: &str) -> String {
    format!("log-in:{email} ")
}

/// Checks a new password. `words` are what others know of its owner.
pub fn check_password(password: &str, words: &[&str]) -> Result<()> {
    password::check(password, words)
}

/// Checks and hashes a new password for a person in this network. `words` are what others know of its owner.
pub async fn hash_password(password: String, words: &[&str], network: &str) -> Result<String> {
    password::check(&password, words)?;
    hash_checked_password(password, network).await
}

/// Hashes a password that [`check_password`] has accepted.
pub async fn hash_checked_password(password: String, network: &str) -> Result<String> {
    password::hash(password, network).await
}

/// Returns whether there are no accounts yet.
pub async fn is_first_visit(platform: &Platform) -> Result<bool> {
    Ok(!store::any_user(platform.db.on()).await?)
}
