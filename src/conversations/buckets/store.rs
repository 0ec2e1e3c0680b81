//! SQL of buckets.

use const_format::concatcp;
use sqlx::FromRow;

use crate::channels::access::{VISIBLE, Viewer};
use crate::ids::{AttachmentId, ChannelId, OrganizationId};
use crate::people::organizations::service::Member;
use crate::platform::byte_size::ByteSize;
use crate::platform::db::{On, Tx, execute, fetch_all, fetch_optional};
use crate::platform::name_key::name_key;
use crate::platform::search::fold;
use crate::platform::timestamp::Timestamp;
use crate::ui::Tint;

type Result<T> = std::result::Result<T, sqlx::Error>;

#[derive(Debug, FromRow)]
pub struct BucketRow {
    pub id: ChannelId,
    pub organization_id: OrganizationId,
    pub name: String,
    pub color: Option<Tint>,
    pub icon_id: Option<AttachmentId>,
    pub public_files: bool,
    pub created_at: Timestamp,
}

pub const COLUMNS: &str = "c.id, c.organization_id, c.name, c.color, c.icon_id, c.public_files, c.created_at";

/// Returns a bucket of any organization, for callers without an account.
pub async fn find(on: On<'_>, id: ChannelId) -> Result<Option<BucketRow>> {
    fetch_optional!(
        on,
        BucketRow,
        concatcp!(
            "SELECT ",
            COLUMNS,
            " FROM channels c WHERE c.id = $1 AND c.kind = 'bucket' AND c.deleted_at IS NULL"
        ),
        id
    )
}

/// Returns the buckets that a member can view by age, after `after`.
pub async fn list(on: On<'_>, member: &Member, after: Option<ChannelId>, limit: i64) -> Result<Vec<BucketRow>> {
    fetch_all!(
        on,
        BucketRow,
        concatcp!(
            "SELECT ",
            COLUMNS,
            " FROM channels c WHERE ",
            VISIBLE,
            " AND c.kind = 'bucket' AND ($7 IS NULL OR c.id > $7) ORDER BY c.id LIMIT CAST($8 AS BIGINT)"
        ),
        as Viewer::of(member),
        after,
        limit
    )
}

pub async fn insert(tx: &mut Tx, bucket: &BucketRow) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO channels (id, organization_id, kind, name, private, color, icon_id, public_files, created_at,
           name_key, search_text)
         VALUES ($1, $2, 'bucket', $3, $4, $5, $6, $7, $8, $9, $10)",
        bucket.id,
        bucket.organization_id,
        &bucket.name,
        false,
        bucket.color,
        bucket.icon_id,
        bucket.public_files,
        bucket.created_at,
        name_key(&bucket.name),
        fold(&bucket.name)
    )?;
    Ok(())
}

#[expect(clippy::option_option, reason = "nothing told, none, or one")]
pub struct Changes<'a> {
    pub name: Option<&'a str>,
    pub color: Option<Tint>,
    /// Whether the icon changes, and to which.
    pub icon: Option<Option<AttachmentId>>,
    pub public_files: Option<bool>,
}

/// Updates a bucket. Returns whether it still exists.
pub async fn update(tx: &mut Tx, id: ChannelId, changes: &Changes<'_>) -> Result<bool> {
    let rows = execute!(
        tx,
        "UPDATE channels SET name = COALESCE($2, name), color = COALESCE($3, color),
           icon_id = CASE WHEN $4 THEN $5 ELSE icon_id END, public_files = COALESCE($6, public_files),
           name_key = COALESCE($7, name_key), search_text = COALESCE($8, search_text)
         WHERE id = $1 AND deleted_at IS NULL",
        id,
        changes.name,
        changes.color,
        changes.icon.is_some(),
        changes.icon.flatten(),
        changes.public_files,
        changes.name.map(name_key),
        changes.name.map(fold)
    )?;
    Ok(rows > 0)
}

/// Deletes a bucket. Returns whether this call did it.
pub async fn delete(tx: &mut Tx, id: ChannelId, now: Timestamp) -> Result<bool> {
    let changed = execute!(
        tx,
        "UPDATE channels SET deleted_at = $2, icon_id = NULL WHERE id = $1 AND kind = 'bucket' AND deleted_at IS NULL",
        id,
        now
    )?;
    Ok(changed > 0)
}

/// How many files were sent to a channel, and their bytes.
pub async fn contents(on: On<'_>, id: ChannelId) -> Result<(i64, ByteSize)> {
    let row = fetch_optional!(
        on,
        (i64, ByteSize),
        "SELECT count(*), CAST(COALESCE(sum(file_size), 0) AS BIGINT) FROM attachments
         WHERE channel_id = $1 AND status = 'complete' AND deleted_at IS NULL AND message_id IS NOT NULL",
        id
    )?;
    Ok(row.unwrap_or_default())
}

/// Returns the tokens of the latest messages, and when they posted. Incoming URLs are listed elsewhere.
pub async fn posters(on: On<'_>, id: ChannelId, limit: i64) -> Result<Vec<(String, Timestamp)>> {
    fetch_all!(
        on,
        (String, Timestamp),
        "SELECT t.name, latest.at FROM (
           SELECT access_token_id, max(created_at) AS at FROM (
             SELECT access_token_id, created_at FROM messages WHERE channel_id = $1 AND access_token_id IS NOT NULL
             ORDER BY id DESC LIMIT 1000) AS recent GROUP BY access_token_id) AS latest
         JOIN access_tokens t ON t.id = latest.access_token_id WHERE t.revoked_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM bucket_hooks h WHERE h.id = t.id)
         ORDER BY latest.at DESC LIMIT CAST($2 AS BIGINT)",
        id,
        limit
    )
}
