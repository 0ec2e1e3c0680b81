//! Accounts, log-in, sessions.

use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use uuid::Uuid;

use super::model;
use super::model::{ChangePassword, Device, LogIn, PasswordChanged};
use super::password;
use super::store::{self, NewSession, UserRow};
use crate::ids::{SessionId, UserId};
use crate::people::organizations::service::{member_id, note_failed_log_in, revoke_tokens};
use crate::platform::Platform;
use crate::platform::client_address::client_network;
use crate::platform::db::{Tx, is_unique_violation};
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::events::{Audience, Event};
use crate::platform::http::is_https;
use crate::platform::page_identity::PageIdentity;
use crate::platform::picture_url::picture_url;
use crate::platform::rate_limit::{self, Limit};
use crate::platform::secret::Token;
use crate::platform::timestamp::Timestamp;

pub const SESSION_COOKIE: &str = "attache_session";
/// Its name on https: browsers take one of this name from no other host and from no page on plain http (RFC 6265bis §4.1.3.2).
const SECURE_SESSION_COOKIE: &str = "__Host-attache_session";
/// The event for streams of a user whose sessions ended. No browser is sent it.
pub const SESSION_ENDED: &str = "session.ended";
/// A session ends after so long without a visit.
pub const SESSION_IDLE: Duration = Duration::from_hours(30 * 24);
/// A session ends so long after its log-in, however often it is used.
pub const SESSION_MAX: Duration = Duration::from_hours(90 * 24);
/// How often a visit is written down.
const TOUCH_EVERY: Duration = Duration::from_hours(1);
/// Tries of one network on one account. Those of others do not count: a stranger locks nobody out.
const PER_ACCOUNT: Limit = Limit { tries: 10, window: Duration::from_mins(15) };
const PER_NETWORK: Limit = Limit { tries: 100, window: Duration::from_mins(15) };

/// A logged-in person: what the cookie of a request comes to.
#[derive(Debug, Clone)]
pub struct Session {
    pub id: SessionId,
    pub user_id: UserId,
    /// The organization that was chosen; none: the user's first.
    pub organization_id: Option<Uuid>,
}

/// What a log-in needs to know of its request.
pub struct Visitor {
    user_agent: String,
    network: Option<String>,
    https: bool,
    old_token: Option<String>,
}

impl Visitor {
    /// At most 300 characters of what the client says it is.
    pub fn user_agent(&self) -> &str {
        &self.user_agent
    }

    /// Under what tries of this visitor on an account are counted.
    fn tries_of(&self, email: &str) -> String {
        format!("{}{}", tries_of(email), self.network().unwrap_or_default())
    }

    /// Whose share of the queues for passwords this visitor uses.
    pub fn queue(&self) -> &str {
        self.network().unwrap_or_default()
    }

    /// Where the request came from: an IPv4 address, or the /64 of an IPv6 address.
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

/// By what a session is stored: the hash of the request's cookie.
pub fn token_hash_of(headers: &HeaderMap) -> Option<Vec<u8>> {
    token_of(headers).map(|token| Token::hash_of(&token))
}

/// The session of a request, if it has a live one.
pub async fn current(platform: &Platform, headers: &HeaderMap) -> Result<Option<Session>> {
    let Some(hash) = token_hash_of(headers) else { return Ok(None) };
    let Some(row) = store::live_session(platform.db.on(), &hash, platform.clock.now()).await? else { return Ok(None) };
    note_visit(platform, row.id, row.created_at, row.last_seen_at).await?;
    Ok(Some(Session { id: row.id, user_id: row.user_id, organization_id: row.organization_id }))
}

/// Makes a session last from now on, up to [`SESSION_MAX`] after its log-in. Written down once an hour, so that reading does not write.
pub async fn note_visit(
    platform: &Platform,
    id: SessionId,
    created_at: Timestamp,
    last_seen_at: Timestamp,
) -> Result<()> {
    let now = platform.clock.now();
    if last_seen_at < now.minus(TOUCH_EVERY) {
        let expires_at = now.plus(SESSION_IDLE).min(created_at.plus(SESSION_MAX));
        store::touch_session(platform.db.on(), id, now, expires_at).await?;
    }
    Ok(())
}

/// Makes an account inside the caller's transaction.
pub async fn create_user(
    platform: &Platform,
    tx: &mut Tx,
    name: String,
    email: String,
    password_hash: String,
) -> Result<UserId> {
    let user = UserRow { id: UserId(platform.clock.new_id()), name, email, password_hash, avatar_id: None };
    store::insert_user(tx.on(), &user, platform.clock.now()).await.map_err(|error| {
        if is_unique_violation(&error) {
            return AppError::conflict("An account with this email already exists. Log in instead.").on("email");
        }
        error.into()
    })?;
    Ok(user.id)
}

/// Whether a session was neither revoked nor run out, nor taken to another organization. If the database does not answer, it counts as
/// ended: who it belongs to can ask again.
pub async fn is_live(platform: &Platform, session: &Session) -> bool {
    let now = platform.clock.now();
    store::session_is_live(platform.db.on(), session.id, session.organization_id, now).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "failed to look up a session");
        false
    })
}

/// Checks email and password; refuses both wrong alike, and too many tries.
pub async fn authenticate(platform: &Platform, visitor: &Visitor, input: LogIn) -> Result<UserId> {
    if let Some(network) = visitor.network() {
        rate_limit::count(platform, &format!("log-in-from:{network}"), PER_NETWORK).await?;
    }
    // What cannot be an email has no account, and is not worth a row of its own in the limits.
    let email = model::check_email(&input.email).map_err(|_| wrong_credentials())?;
    let key = visitor.tries_of(&email);
    rate_limit::count(platform, &key, PER_ACCOUNT).await?;
    let user = user_by_email(platform, &email, &input.email).await?;
    let stored = user.as_ref().map(|user| user.password_hash.clone());
    let right = password::verify(input.password, stored, visitor.queue()).await?;
    match user {
        Some(user) if right => {
            rate_limit::reset(platform, &key).await?;
            Ok(user.id)
        }
        Some(user) => {
            note_failed_log_in(platform, user.id, &email, visitor.network()).await;
            Err(wrong_credentials())
        }
        None => Err(wrong_credentials()),
    }
}

/// Finds a user by a checked email, or by what was typed: an account that an older version made may have its email in another form.
async fn user_by_email(platform: &Platform, email: &str, typed: &str) -> Result<Option<UserRow>> {
    let typed = typed.trim().to_lowercase();
    if typed != email
        && let Some(user) = store::user_by_email(platform.db.on(), &typed).await?
    {
        return Ok(Some(user));
    }
    Ok(store::user_by_email(platform.db.on(), email).await?)
}

fn wrong_credentials() -> AppError {
    AppError::new(ErrorKind::WrongCredentials, "Wrong email or password. Check both and try again.")
}

/// Starts a session in an organization and answers its cookie. A session that the browser had before ends: a token is never
/// carried over a log-in.
pub async fn start_session(
    platform: &Platform,
    visitor: &Visitor,
    user_id: UserId,
    organization: Uuid,
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

/// Ends the session of this request and answers the cookie that removes it. A page that was opened by another session ends none.
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

/// Tells what listens for a user that sessions of theirs ended: each looks whether it was its own.
pub async fn publish_end(platform: &Platform, user: UserId) {
    platform
        .events
        .publish(Event {
            id: platform.clock.new_id(),
            organization_id: Uuid::nil(),
            audience: Audience::Organization,
            name: SESSION_ENDED.to_owned(),
            data: serde_json::json!({ "userId": user }),
        })
        .await;
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

/// Takes a session to another organization of its user. What listens for it begins anew.
pub async fn take_to(platform: &Platform, session: &Session, organization: Uuid) -> Result<()> {
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
pub async fn revoke(platform: &Platform, session: &Session, id: SessionId) -> Result<()> {
    if !store::delete_session_of(platform.db.on(), session.user_id, id).await? {
        return Err(AppError::not_found("session"));
    }
    publish_end(platform, session.user_id).await;
    Ok(())
}

/// Email, name and the rest of a user.
pub async fn user(platform: &Platform, id: UserId) -> Result<model::User> {
    let row = store::user_by_id(platform.db.on(), id).await?.ok_or_else(AppError::unauthenticated)?;
    Ok(model::User { id: row.id, name: row.name, email: row.email, avatar_url: row.avatar_id.map(picture_url) })
}

pub async fn rename(platform: &Platform, user: UserId, name: &str) -> Result<()> {
    Ok(store::update_name(platform.db.on(), user, &model::check_name("name", name)?).await?)
}

/// Sets another password for who knows the one that there is. Tries count like those to log in.
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
    // The password is changed, whatever becomes of this. Counts end by themselves.
    if let Err(error) = rate_limit::reset(platform, &key).await {
        tracing::warn!(%error, "tries are still counted");
    }
    Ok(PasswordChanged { ended_sessions, revoked_tokens })
}

/// Ends what the old password opened: all sessions but `kept`, and links for a new one. Answers how many sessions.
pub async fn replace_password(tx: &mut Tx, user: UserId, hash: &str, kept: Option<SessionId>) -> Result<u64> {
    store::update_password(tx.on(), user, hash).await?;
    store::forget_resets(tx.on(), user).await?;
    Ok(store::delete_sessions_of(tx.on(), user, kept).await?)
}

/// Lets somebody log in at once who tried too often.
pub async fn forget_tries(platform: &Platform, email: &str) -> Result<()> {
    rate_limit::reset_all(platform, &tries_of(email)).await
}

/// What the keys begin with under which tries on an account are counted, one for each network. No email has a space.
fn tries_of(email: &str) -> String {
    format!("log-in:{email} ")
}

/// Checks a new password. `words` are what others know of its owner.
pub fn check_password(password: &str, words: &[&str]) -> Result<()> {
    password::check(password, words)
}

/// Checks and hashes a new password for somebody of this network. `words` are what others know of its owner.
pub async fn hash_password(password: String, words: &[&str], network: &str) -> Result<String> {
    password::check(&password, words)?;
    hash_checked_password(password, network).await
}

/// Hashes a password that [`check_password`] has accepted.
pub async fn hash_checked_password(password: String, network: &str) -> Result<String> {
    password::hash(password, network).await
}

/// Whether nobody has signed up yet.
pub async fn is_first_visit(platform: &Platform) -> Result<bool> {
    Ok(!store::any_user(platform.db.on()).await?)
}
