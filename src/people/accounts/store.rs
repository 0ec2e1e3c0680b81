//! SQL of users and sessions.

use const_format::concatcp;
use sqlx::FromRow;
use uuid::Uuid;

use super::service::SESSION_MAX;
use crate::ids::{OrganizationId, PictureId, SessionId, UserId};
use crate::platform::db::{On, Tx, execute, fetch_all, fetch_optional};
use crate::platform::normal_form::composed;
use crate::platform::timestamp::Timestamp;

type Result<T> = std::result::Result<T, sqlx::Error>;

#[derive(FromRow)]
pub struct UserRow {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub password_hash: String,
    pub avatar_id: Option<PictureId>,
    pub disabled_at: Option<Timestamp>,
}

/// An account with one of its memberships, for the operator.
#[derive(FromRow)]
pub struct AccountRow {
    pub email: String,
    pub name: String,
    pub disabled_at: Option<Timestamp>,
    /// `None` without a session that is still valid.
    pub last_seen_at: Option<Timestamp>,
    pub organization: Option<String>,
    pub role: Option<String>,
}

#[derive(FromRow)]
pub struct SessionRow {
    pub id: SessionId,
    pub user_id: UserId,
    pub organization_id: Option<OrganizationId>,
    pub user_agent: String,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
}

const SELECT_USERS: &str = "SELECT id, name, email, password_hash, avatar_id, disabled_at FROM users WHERE ";

pub async fn user_by_email(on: On<'_>, email: &str) -> Result<Option<UserRow>> {
    fetch_optional!(on, UserRow, concatcp!(SELECT_USERS, "email = $1"), email)
}

pub async fn user_by_id(on: On<'_>, id: UserId) -> Result<Option<UserRow>> {
    fetch_optional!(on, UserRow, concatcp!(SELECT_USERS, "id = $1"), id)
}

/// Returns all accounts by email, with a row for each organization that they are in.
pub async fn accounts(on: On<'_>) -> Result<Vec<AccountRow>> {
    fetch_all!(
        on,
        AccountRow,
        "SELECT u.email, u.name, u.disabled_at, o.name AS organization, r.name AS role,
           (SELECT max(s.last_seen_at) FROM sessions s WHERE s.user_id = u.id) AS last_seen_at
         FROM users u
         LEFT JOIN members m ON m.user_id = u.id AND m.removed_at IS NULL
         LEFT JOIN organizations o ON o.id = m.organization_id
         LEFT JOIN roles r ON r.id = m.role_id
         ORDER BY u.email, m.id"
    )
}

/// Disables an account since `now`, or enables it with `None`. An account that is disabled keeps its time.
pub async fn set_disabled(tx: &mut Tx, id: UserId, since: Option<Timestamp>) -> Result<()> {
    execute!(
        tx,
        "UPDATE users SET disabled_at = CASE WHEN $2 IS NULL THEN NULL ELSE COALESCE(disabled_at, $2) END WHERE id = $1",
        id,
        since
    )?;
    Ok(())
}

/// Normalizes the emails of the next `limit` users to composed form, unless an account has that already. Returns their
/// ids.
pub async fn refold(tx: &mut Tx, after: Uuid, limit: i64) -> Result<Vec<Uuid>> {
    let rows = fetch_all!(
        &mut *tx,
        (Uuid, String),
        "SELECT id, email FROM users WHERE id > $1 ORDER BY id LIMIT CAST($2 AS BIGINT)",
        after,
        limit
    )?;
    for (id, email) in &rows {
        let composed = composed(email);
        if composed != *email {
            execute!(
                &mut *tx,
                "UPDATE users SET email = $2 WHERE id = $1 AND email = $3
                   AND NOT EXISTS (SELECT 1 FROM users o WHERE o.email = $2)",
                *id,
                &composed,
                email
            )?;
        }
    }
    Ok(rows.into_iter().map(|(id, _)| id).collect())
}

pub async fn any_user(on: On<'_>) -> Result<bool> {
    Ok(fetch_optional!(on, (i32,), "SELECT 1 FROM users LIMIT 1")?.is_some())
}

pub async fn insert_user(on: On<'_>, user: &UserRow, now: Timestamp) -> Result<()> {
    execute!(
        on,
        "INSERT INTO users (id, email, name, password_hash, created_at) VALUES ($1, $2, $3, $4, $5)",
        user.id,
        &user.email,
        &user.name,
        &user.password_hash,
        now
    )?;
    Ok(())
}

pub async fn update_name(on: On<'_>, id: UserId, name: &str) -> Result<()> {
    execute!(on, "UPDATE users SET name = $2 WHERE id = $1", id, name)?;
    Ok(())
}

pub async fn update_password(on: On<'_>, id: UserId, password_hash: &str) -> Result<()> {
    execute!(on, "UPDATE users SET password_hash = $2 WHERE id = $1", id, password_hash)?;
    Ok(())
}

pub struct NewSession<'a> {
    pub id: SessionId,
    pub token_hash: &'a [u8],
    pub user_id: UserId,
    pub organization_id: Option<OrganizationId>,
    pub user_agent: &'a str,
    pub now: Timestamp,
    pub expires_at: Timestamp,
}

pub async fn insert_session(on: On<'_>, session: NewSession<'_>) -> Result<()> {
    execute!(
        on,
        "INSERT INTO sessions (id, token_hash, user_id, organization_id, user_agent, created_at, last_seen_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6, $7)",
        session.id,
        session.token_hash,
        session.user_id,
        session.organization_id,
        session.user_agent,
        session.now,
        session.expires_at
    )?;
    Ok(())
}

pub async fn live_session(on: On<'_>, token_hash: &[u8], now: Timestamp) -> Result<Option<SessionRow>> {
    fetch_optional!(
        on,
        SessionRow,
        "SELECT s.id, s.user_id, s.organization_id, s.user_agent, s.created_at, s.last_seen_at
         FROM sessions s JOIN users u ON u.id = s.user_id AND u.disabled_at IS NULL
         WHERE s.token_hash = $1 AND s.expires_at > $2",
        token_hash,
        now
    )
}

/// Whether a session lasts, and is still in the same organization.
pub async fn session_is_live(
    on: On<'_>,
    id: SessionId,
    organization: Option<OrganizationId>,
    now: Timestamp,
) -> Result<bool> {
    let row = fetch_optional!(
        on,
        (i32,),
        "SELECT 1 FROM sessions WHERE id = $1 AND expires_at > $2
           AND (organization_id = $3 OR organization_id IS NULL AND $3 IS NULL)",
        id,
        now,
        organization
    )?;
    Ok(row.is_some())
}

/// Sets a user's current organization, for this session and the next log-in.
pub async fn choose_organization(
    tx: &mut Tx,
    user: UserId,
    session: Option<SessionId>,
    organization: OrganizationId,
) -> Result<()> {
    execute!(tx, "UPDATE users SET organization_id = $2 WHERE id = $1", user, organization)?;
    if let Some(session) = session {
        execute!(tx, "UPDATE sessions SET organization_id = $2 WHERE id = $1", session, organization)?;
    }
    Ok(())
}

pub async fn touch_session(on: On<'_>, id: SessionId, now: Timestamp, expires_at: Timestamp) -> Result<()> {
    execute!(on, "UPDATE sessions SET last_seen_at = $2, expires_at = $3 WHERE id = $1", id, now, expires_at)?;
    Ok(())
}

pub async fn sessions_of(on: On<'_>, user: UserId, now: Timestamp) -> Result<Vec<SessionRow>> {
    fetch_all!(
        on,
        SessionRow,
        "SELECT id, user_id, organization_id, user_agent, created_at, last_seen_at FROM sessions
         WHERE user_id = $1 AND expires_at > $2 ORDER BY last_seen_at DESC",
        user,
        now
    )
}

/// Deletes a session by its token. Returns its user, if there was one.
pub async fn delete_session(on: On<'_>, token_hash: &[u8]) -> Result<Option<UserId>> {
    let deleted =
        fetch_optional!(on, (UserId,), "DELETE FROM sessions WHERE token_hash = $1 RETURNING user_id", token_hash)?;
    Ok(deleted.map(|(user,)| user))
}

/// Deletes a session of this user. Returns whether there was one.
pub async fn delete_session_of(on: On<'_>, user: UserId, id: SessionId) -> Result<bool> {
    Ok(execute!(on, "DELETE FROM sessions WHERE id = $1 AND user_id = $2", id, user)? > 0)
}

/// Deletes the reset links of a user.
pub async fn forget_resets(on: On<'_>, user: UserId) -> Result<()> {
    execute!(on, "DELETE FROM password_resets WHERE user_id = $1", user)?;
    Ok(())
}

/// Revokes the access tokens of a user in all organizations. Returns the member of each token.
pub async fn revoke_tokens_of(on: On<'_>, user: UserId, now: Timestamp) -> Result<Vec<Uuid>> {
    let revoked = fetch_all!(
        on,
        (Uuid,),
        "UPDATE access_tokens SET revoked_at = $2
         WHERE revoked_at IS NULL AND member_id IN (SELECT id FROM members WHERE user_id = $1) RETURNING member_id",
        user,
        now
    )?;
    Ok(revoked.into_iter().map(|(member,)| member).collect())
}

/// Deletes all sessions of a user but one. Returns their number.
pub async fn delete_sessions_of(on: On<'_>, user: UserId, kept: Option<SessionId>) -> Result<u64> {
    execute!(on, "DELETE FROM sessions WHERE user_id = $1 AND ($2 IS NULL OR id <> $2)", user, kept)
}

pub async fn delete_expired_sessions(on: On<'_>, now: Timestamp) -> Result<u64> {
    execute!(on, "DELETE FROM sessions WHERE expires_at <= $1", now)
}

#[derive(FromRow)]
pub struct RotatedRow {
    pub id: SessionId,
    pub user_id: UserId,
}

/// Gives a valid session another token, and extends it, up to [`SESSION_MAX`] after its log-in. `None` if it does not
/// have this token.
pub async fn rotate_session(
    tx: &mut Tx,
    old_hash: &[u8],
    new_hash: &[u8],
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<Option<RotatedRow>> {
    fetch_optional!(
        tx,
        RotatedRow,
        "UPDATE sessions SET token_hash = $2, last_seen_at = $3,
           expires_at = CASE WHEN $4 < created_at + $5 THEN $4 ELSE created_at + $5 END
         WHERE token_hash = $1 AND expires_at > $3 RETURNING id, user_id",
        old_hash,
        new_hash,
        now,
        expires_at,
        i64::try_from(SESSION_MAX.as_millis()).unwrap_or(i64::MAX)
    )
}

pub async fn note_used_refresh(tx: &mut Tx, token_hash: &[u8], session: SessionId, now: Timestamp) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO used_refresh_tokens (token_hash, session_id, used_at) VALUES ($1, $2, $3)",
        token_hash,
        session,
        now
    )?;
    Ok(())
}

/// Ends the session that once had this refresh token. Returns whether there was one.
pub async fn end_session_of_used_refresh(tx: &mut Tx, token_hash: &[u8]) -> Result<bool> {
    let ended = execute!(
        tx,
        "DELETE FROM sessions WHERE id = (SELECT session_id FROM used_refresh_tokens WHERE token_hash = $1)",
        token_hash
    )?;
    Ok(ended > 0)
}
