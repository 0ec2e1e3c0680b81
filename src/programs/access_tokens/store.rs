//! SQL of access tokens.

use const_format::concatcp;
use sqlx::FromRow;

use super::model::Scope;
use crate::channels::access::{MAIN_PHONE, VISIBLE, Viewer};
use crate::ids::{AccessTokenId, BotId, ChannelId, MemberId, OrganizationId};
use crate::people::organizations::service::Member;
use crate::people::organizations::store::{MEMBERSHIP_COLUMNS, MembershipRow};
use crate::platform::db::{On, execute, fetch_all, fetch_optional};
use crate::platform::named_enum::List;
use crate::platform::timestamp::Timestamp;

type Result<T> = std::result::Result<T, sqlx::Error>;

/// A valid token with the member for whom it acts.
#[derive(FromRow)]
pub struct LiveRow {
    pub token_id: AccessTokenId,
    pub scopes: List<Scope>,
    pub channel_id: Option<ChannelId>,
    pub last_used_at: Option<Timestamp>,
    #[sqlx(flatten)]
    pub membership: MembershipRow,
}

/// Loads a valid token by one look-up in the index on the hash.
pub async fn live(on: On<'_>, token_hash: &[u8], now: Timestamp) -> Result<Option<LiveRow>> {
    fetch_optional!(
        on,
        LiveRow,
        concatcp!(
            "SELECT t.id AS token_id, t.scopes, t.channel_id, t.last_used_at, ",
            MEMBERSHIP_COLUMNS,
            " FROM access_tokens t
             JOIN members m ON m.id = t.member_id AND m.removed_at IS NULL
             JOIN users u ON u.id = m.user_id AND u.disabled_at IS NULL
             JOIN organizations o ON o.id = m.organization_id
             JOIN roles r ON r.id = m.role_id
             LEFT JOIN bots b ON b.id = t.bot_id
             WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND b.removed_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $2)"
        ),
        token_hash,
        now
    )
}

pub async fn note_use(on: On<'_>, id: AccessTokenId, now: Timestamp) -> Result<()> {
    execute!(on, "UPDATE access_tokens SET last_used_at = $2 WHERE id = $1", id, now)?;
    Ok(())
}

pub struct NewToken<'a> {
    pub id: AccessTokenId,
    pub organization: OrganizationId,
    pub member: MemberId,
    pub name: &'a str,
    pub token_hash: &'a [u8],
    pub start: &'a str,
    pub scopes: List<Scope>,
    pub channel: Option<ChannelId>,
    pub bot: Option<BotId>,
    pub now: Timestamp,
    pub expires_at: Option<Timestamp>,
}

pub async fn insert(on: On<'_>, token: NewToken<'_>) -> Result<()> {
    execute!(
        on,
        "INSERT INTO access_tokens (id, organization_id, member_id, name, token_hash, start, scopes, channel_id, bot_id,
           created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        token.id,
        token.organization,
        token.member,
        token.name,
        token.token_hash,
        token.start,
        token.scopes,
        token.channel,
        token.bot,
        token.now,
        token.expires_at
    )?;
    Ok(())
}

/// A token, and the name of its bound channel, if its owner can still view that.
#[derive(FromRow)]
pub struct TokenRow {
    pub id: AccessTokenId,
    pub name: String,
    pub start: String,
    pub scopes: List<Scope>,
    pub channel_id: Option<ChannelId>,
    pub bot_id: Option<BotId>,
    pub bot_name: Option<String>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    pub channel_name: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub phone: Option<String>,
}

/// Returns tokens before `before`, newest first, without incoming URLs.
pub async fn of_member(
    on: On<'_>,
    member: &Member,
    before: Option<AccessTokenId>,
    limit: i64,
) -> Result<Vec<TokenRow>> {
    fetch_all!(
        on,
        TokenRow,
        concatcp!(
            "SELECT t.id, t.name, t.start, t.scopes, t.channel_id, t.bot_id, b.name AS bot_name, t.created_at, t.expires_at,
               t.last_used_at, c.name AS channel_name, co.first_name, co.last_name, ",
            MAIN_PHONE,
            " FROM access_tokens t LEFT JOIN bots b ON b.id = t.bot_id
             LEFT JOIN channels c ON c.id = t.channel_id AND ",
            VISIBLE,
            " LEFT JOIN contacts co ON co.id = c.contact_id
             WHERE t.member_id = $2 AND t.revoked_at IS NULL AND b.removed_at IS NULL AND ($7 IS NULL OR t.id < $7)
               AND NOT EXISTS (SELECT 1 FROM bucket_hooks h WHERE h.id = t.id)
             ORDER BY t.id DESC LIMIT CAST($8 AS BIGINT)"
        ),
        as Viewer::of(member),
        before,
        limit
    )
}

/// Revokes a token. Returns its name, or `None` if it was revoked before, or is an incoming URL.
pub async fn revoke(on: On<'_>, member: MemberId, id: AccessTokenId, now: Timestamp) -> Result<Option<String>> {
    let revoked = fetch_optional!(
        on,
        (String,),
        "UPDATE access_tokens SET revoked_at = $3 WHERE id = $1 AND member_id = $2 AND revoked_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM bucket_hooks h WHERE h.id = $1)
         RETURNING name",
        id,
        member,
        now
    )?;
    Ok(revoked.map(|(name,)| name))
}
