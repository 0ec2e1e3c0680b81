//! SQL of pictures and bots. Every change of status is one guarded statement, so that two concurrent ones can't both
//! succeed.

use const_format::concatcp;
use sqlx::FromRow;
use uuid::Uuid;

use super::model::{PictureKind, PictureStatus};
use crate::files::staged::{Lease, Owner, Staged};
use crate::ids::{AttemptId, BotId, MemberId, OrganizationId, PictureId, UserId};
use crate::platform::byte_size::ByteSize;
use crate::platform::db::{On, Tx, execute, fetch_all, fetch_optional};
use crate::platform::name_key::name_key;
use crate::platform::storage::ObjectKey;
use crate::platform::timestamp::Timestamp;

type Result<T> = std::result::Result<T, sqlx::Error>;

#[derive(Debug, Clone, FromRow)]
pub struct PictureRow {
    pub id: PictureId,
    pub kind: PictureKind,
    pub owner_id: Uuid,
    pub organization_id: OrganizationId,
    pub uploaded_by: UserId,
    pub emoji_name: Option<String>,
    pub file_size: ByteSize,
    pub content_type: String,
    pub status: PictureStatus,
    pub attempt_id: AttemptId,
    pub width: Option<i32>,
    pub height: Option<i32>,
}

impl PictureRow {
    /// Returns its only attempt.
    pub fn staged(&self) -> Staged {
        Staged {
            owner: Owner::Pictures,
            id: self.id.0,
            attempt: self.attempt_id.0,
            status: self.status.name(),
            size: self.file_size.0,
            key: self.key(),
            is_joined: false,
        }
    }

    /// Returns the final key of its bytes.
    pub fn key(&self) -> ObjectKey {
        object_key(self.kind, self.owner_id, self.id)
    }
}

pub fn object_key(kind: PictureKind, owner: Uuid, id: PictureId) -> ObjectKey {
    match kind {
        PictureKind::UserAvatar => ObjectKey::UserAvatar(owner, id.0),
        PictureKind::BotAvatar => ObjectKey::BotAvatar(owner, id.0),
        PictureKind::OrganizationAvatar => ObjectKey::OrganizationAvatar(owner, id.0),
        PictureKind::CustomEmoji => ObjectKey::Emoji(owner, id.0),
    }
}

const SELECT_PICTURES: &str = "SELECT p.id, p.kind, p.owner_id, p.organization_id, p.uploaded_by, p.emoji_name, p.file_size, p.content_type, p.status,
               p.attempt_id, p.width, p.height FROM pictures p WHERE ";

pub struct NewPicture<'a> {
    pub id: PictureId,
    pub kind: PictureKind,
    pub owner: Uuid,
    pub organization: OrganizationId,
    pub uploaded_by: UserId,
    pub emoji_name: Option<&'a str>,
    pub file_size: ByteSize,
    pub content_type: &'a str,
    pub attempt_id: AttemptId,
    pub now: Timestamp,
}

/// Inserts an upload, unless its user began `limit` or more after `since`: then returns when the oldest of these began.
/// The user's row is locked, so that the count is exact across concurrent requests and servers.
pub async fn insert_within_limit(
    tx: &mut Tx,
    new: &NewPicture<'_>,
    limit: i64,
    since: Timestamp,
) -> Result<Option<Timestamp>> {
    execute!(&mut *tx, "UPDATE users SET name = name WHERE id = $1", new.uploaded_by)?;
    let nth = fetch_optional!(
        &mut *tx,
        (Timestamp,),
        "SELECT created_at FROM pictures WHERE uploaded_by = $1 AND created_at > $2
         ORDER BY created_at DESC LIMIT 1 OFFSET $3",
        new.uploaded_by,
        since,
        limit - 1
    )?;
    if let Some((oldest,)) = nth {
        return Ok(Some(oldest));
    }
    execute!(
        tx,
        "INSERT INTO pictures (id, kind, owner_id, organization_id, uploaded_by, emoji_name, file_size, content_type,
           status, attempt_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'uploading', $9, $10)",
        new.id,
        new.kind,
        new.owner,
        new.organization,
        new.uploaded_by,
        new.emoji_name,
        new.file_size,
        new.content_type,
        new.attempt_id,
        new.now
    )?;
    Ok(None)
}

/// Returns how many uploads a user began after `since`, and when the first of them began.
pub async fn begun_since(on: On<'_>, user: UserId, since: Timestamp) -> Result<(i64, Option<Timestamp>)> {
    let row = fetch_optional!(
        on,
        (i64, Option<Timestamp>),
        "SELECT count(*), MIN(created_at) FROM pictures WHERE uploaded_by = $1 AND created_at > $2",
        user,
        since
    )?;
    Ok(row.unwrap_or_default())
}

pub async fn find(on: On<'_>, id: PictureId) -> Result<Option<PictureRow>> {
    fetch_optional!(on, PictureRow, concatcp!(SELECT_PICTURES, "p.id = $1"), id)
}

/// Returns a complete picture, if it is visible in this organization: a person's to everyone who shares one with them.
pub async fn find_visible(on: On<'_>, organization: OrganizationId, id: PictureId) -> Result<Option<PictureRow>> {
    fetch_optional!(
        on,
        PictureRow,
        concatcp!(
            SELECT_PICTURES,
            "p.id = $1 AND p.status = 'complete' AND ((p.kind = 'user-avatar' AND EXISTS
               (SELECT 1 FROM members m WHERE m.user_id = p.owner_id AND m.organization_id = $2))
             OR (p.kind <> 'user-avatar' AND p.organization_id = $2))"
        ),
        id,
        organization
    )
}

/// Changes `uploading → complete`. Returns whether this call did it.
pub async fn set_complete(on: On<'_>, lease: Lease, content_type: &str, (width, height): (i32, i32)) -> Result<bool> {
    let changed = execute!(
        on,
        "UPDATE pictures SET status = 'complete', content_type = $4, width = $5, height = $6, leased_until = NULL
         WHERE id = $1 AND attempt_id = $2 AND lease_id = $3 AND leased_until IS NOT NULL AND status = 'uploading'",
        lease.id,
        lease.attempt,
        lease.holder,
        content_type,
        width,
        height
    )?;
    Ok(changed > 0)
}

/// Changes `uploading → failed`.
pub async fn set_failed(on: On<'_>, lease: Lease) -> Result<()> {
    execute!(
        on,
        "UPDATE pictures SET status = 'failed', leased_until = NULL
         WHERE id = $1 AND attempt_id = $2 AND lease_id = $3 AND leased_until IS NOT NULL AND status = 'uploading'",
        lease.id,
        lease.attempt,
        lease.holder
    )?;
    Ok(())
}

/// Sets or clears an owner's picture. Also serializes concurrent changes.
pub async fn point(on: On<'_>, kind: PictureKind, owner: Uuid, picture: Option<PictureId>) -> Result<()> {
    match kind {
        PictureKind::UserAvatar => execute!(on, "UPDATE users SET avatar_id = $2 WHERE id = $1", owner, picture)?,
        PictureKind::BotAvatar => execute!(on, "UPDATE bots SET avatar_id = $2 WHERE id = $1", owner, picture)?,
        PictureKind::OrganizationAvatar => {
            execute!(on, "UPDATE organizations SET logo_id = $2 WHERE id = $1", owner, picture)?
        }
        PictureKind::CustomEmoji => 0,
    };
    Ok(())
}

/// Marks all complete pictures of an owner but one for removal. Returns them.
pub async fn set_others_removed(
    on: On<'_>,
    kind: PictureKind,
    owner: Uuid,
    kept: Option<PictureId>,
) -> Result<Vec<PictureId>> {
    let rows = fetch_all!(
        on,
        (PictureId,),
        "UPDATE pictures SET status = 'removed'
         WHERE owner_id = $1 AND kind = $2 AND status = 'complete' AND ($3 IS NULL OR id <> $3) RETURNING id",
        owner,
        kind,
        kept
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// `uploading → failed`, for what was begun so long ago that its URL no longer works. Returns the attempts.
pub async fn fail_stale(on: On<'_>, begun_before: Timestamp, now: Timestamp) -> Result<Vec<(PictureId, Uuid)>> {
    fetch_all!(
        on,
        (PictureId, Uuid),
        "UPDATE pictures SET status = 'failed' WHERE status = 'uploading' AND created_at < $1
           AND (leased_until IS NULL OR leased_until <= $2) RETURNING id, attempt_id",
        begun_before,
        now
    )
}

/// Returns some pictures that are marked for removal and were begun before a time.
pub async fn unwanted(on: On<'_>, begun_before: Timestamp, limit: i64) -> Result<Vec<PictureRow>> {
    fetch_all!(
        on,
        PictureRow,
        concatcp!(
            SELECT_PICTURES,
            "p.status IN ('failed', 'removed') AND p.created_at < $1 ORDER BY p.created_at LIMIT CAST($2 AS BIGINT)"
        ),
        begun_before,
        limit
    )
}

pub async fn delete(on: On<'_>, id: PictureId) -> Result<u64> {
    execute!(on, "DELETE FROM pictures WHERE id = $1 AND status IN ('failed', 'removed')", id)
}

#[derive(FromRow)]
pub struct BotRow {
    pub id: BotId,
    pub name: String,
    pub avatar_id: Option<PictureId>,
    pub created_at: Timestamp,
}

pub async fn insert_bot(on: On<'_>, id: BotId, organization: OrganizationId, name: &str, now: Timestamp) -> Result<()> {
    execute!(
        on,
        "INSERT INTO bots (id, organization_id, name, created_at, name_key) VALUES ($1, $2, $3, $4, $5)",
        id,
        organization,
        name,
        now,
        name_key(name)
    )?;
    Ok(())
}

/// Returns bots by age, after `after`.
pub async fn bots(on: On<'_>, organization: OrganizationId, after: Option<BotId>, limit: i64) -> Result<Vec<BotRow>> {
    fetch_all!(
        on,
        BotRow,
        "SELECT id, name, avatar_id, created_at FROM bots
         WHERE organization_id = $1 AND removed_at IS NULL AND ($2 IS NULL OR id > $2) ORDER BY id LIMIT CAST($3 AS BIGINT)",
        organization,
        after,
        limit
    )
}

pub async fn find_bot(on: On<'_>, organization: OrganizationId, id: BotId) -> Result<Option<BotRow>> {
    fetch_optional!(
        on,
        BotRow,
        "SELECT id, name, avatar_id, created_at FROM bots
         WHERE organization_id = $1 AND id = $2 AND removed_at IS NULL",
        organization,
        id
    )
}

pub async fn rename_bot(on: On<'_>, organization: OrganizationId, id: BotId, name: &str) -> Result<Option<BotRow>> {
    fetch_optional!(
        on,
        BotRow,
        "UPDATE bots SET name = $3, name_key = $4 WHERE organization_id = $1 AND id = $2 AND removed_at IS NULL
         RETURNING id, name, avatar_id, created_at",
        organization,
        id,
        name,
        name_key(name)
    )
}

/// Removes a bot. Returns its name, or `None` if it was removed before.
pub async fn remove_bot(
    tx: &mut Tx,
    organization: OrganizationId,
    id: BotId,
    now: Timestamp,
) -> Result<Option<String>> {
    let row = fetch_optional!(
        tx,
        (String,),
        "UPDATE bots SET removed_at = $3 WHERE organization_id = $1 AND id = $2 AND removed_at IS NULL RETURNING name",
        organization,
        id,
        now
    )?;
    Ok(row.map(|(name,)| name))
}

/// Returns a user's member in each of their organizations.
pub async fn memberships(on: On<'_>, user: Uuid) -> Result<Vec<(MemberId, OrganizationId)>> {
    fetch_all!(on, (MemberId, OrganizationId), "SELECT id, organization_id FROM members WHERE user_id = $1", user)
}
