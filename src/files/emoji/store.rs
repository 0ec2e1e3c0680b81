//! SQL of custom emoji. The unique index `emojis_name` prevents duplicate names.

use const_format::concatcp;
use sqlx::FromRow;

use crate::ids::{EmojiId, MemberId, OrganizationId};
use crate::platform::db::{On, execute, fetch_all, fetch_optional, fetch_value};
use crate::platform::timestamp::Timestamp;

type Result<T> = std::result::Result<T, sqlx::Error>;

#[derive(FromRow)]
pub struct EmojiRow {
    pub id: EmojiId,
    pub name: String,
    pub added_by: String,
    pub created_at: Timestamp,
    pub removed_at: Option<Timestamp>,
}

const SELECT_EMOJIS: &str = "SELECT e.id, e.name, u.name AS added_by, e.created_at, e.removed_at
             FROM emojis e JOIN members m ON m.id = e.created_by JOIN users u ON u.id = m.user_id WHERE ";

/// Returns those in use, by name.
pub async fn live(on: On<'_>, organization: OrganizationId) -> Result<Vec<EmojiRow>> {
    let mut rows = fetch_all!(
        on,
        EmojiRow,
        concatcp!(SELECT_EMOJIS, "e.organization_id = $1 AND e.removed_at IS NULL"),
        organization
    )?;
    // Each engine has an order of its own for `_`, `+` and `-`.
    rows.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    Ok(rows)
}

/// Returns removed ones, latest first, at most `limit`.
pub async fn removed(on: On<'_>, organization: OrganizationId, limit: i64) -> Result<Vec<EmojiRow>> {
    fetch_all!(
        on,
        EmojiRow,
        concatcp!(
            SELECT_EMOJIS,
            "e.organization_id = $1 AND e.removed_at IS NOT NULL ORDER BY e.removed_at DESC LIMIT CAST($2 AS BIGINT)"
        ),
        organization,
        limit
    )
}

pub async fn find(on: On<'_>, organization: OrganizationId, id: EmojiId) -> Result<Option<EmojiRow>> {
    fetch_optional!(on, EmojiRow, concatcp!(SELECT_EMOJIS, "e.organization_id = $1 AND e.id = $2"), organization, id)
}

pub async fn count(on: On<'_>, organization: OrganizationId) -> Result<i64> {
    fetch_value!(on, i64, "SELECT count(*) FROM emojis WHERE organization_id = $1 AND removed_at IS NULL", organization)
}

pub async fn is_taken(on: On<'_>, organization: OrganizationId, name: &str) -> Result<bool> {
    let row = fetch_optional!(
        on,
        (i32,),
        "SELECT 1 FROM emojis WHERE organization_id = $1 AND name = $2 AND removed_at IS NULL",
        organization,
        name
    )?;
    Ok(row.is_some())
}

pub async fn insert(
    on: On<'_>,
    id: EmojiId,
    organization: OrganizationId,
    name: &str,
    created_by: MemberId,
    now: Timestamp,
) -> Result<()> {
    execute!(
        on,
        "INSERT INTO emojis (id, organization_id, name, created_by, created_at) VALUES ($1, $2, $3, $4, $5)",
        id,
        organization,
        name,
        created_by,
        now
    )?;
    Ok(())
}

/// Removes or restores. Unchanged if it is already.
pub async fn set_removed(
    on: On<'_>,
    organization: OrganizationId,
    id: EmojiId,
    removed_at: Option<Timestamp>,
) -> Result<()> {
    execute!(
        on,
        "UPDATE emojis SET removed_at = $3 WHERE organization_id = $1 AND id = $2
           AND (removed_at IS NULL) = ($3 IS NOT NULL)",
        organization,
        id,
        removed_at
    )?;
    Ok(())
}
