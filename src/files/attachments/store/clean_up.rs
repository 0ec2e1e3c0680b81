//! SQL of clean-up. Each change is one guarded statement, so that an upload that was resumed in between stays.
//! Organizations alternate in each list, so that one with much to clean up does not fill it.

use const_format::concatcp;
use uuid::Uuid;

use super::Result;
use crate::ids::{AttachmentId, OrganizationId};
use crate::platform::db::{On, Tx, execute, fetch_all, fetch_optional};
use crate::platform::timestamp::Timestamp;

/// Shares the batch fairly: the first of each organization, then the second. The source of the ids `a` follows.
const BY_CREATION: &str = "SELECT organization_id, id FROM (SELECT a.organization_id, a.id, a.created_at AS since,
     row_number() OVER (PARTITION BY a.organization_id ORDER BY a.created_at) AS turn ";

/// The same by the time of deletion.
const BY_DELETION: &str = "SELECT organization_id, id FROM (SELECT a.organization_id, a.id, a.deleted_at AS since,
     row_number() OVER (PARTITION BY a.organization_id ORDER BY a.deleted_at) AS turn ";

const IN_TURNS: &str = ") AS found ORDER BY turn, since LIMIT CAST($2 AS BIGINT)";

/// Returns uploads whose last request was before a time.
pub async fn unfinished(on: On<'_>, before: Timestamp, limit: i64) -> Result<Vec<(OrganizationId, AttachmentId)>> {
    fetch_all!(
        on,
        (OrganizationId, AttachmentId),
        concatcp!(BY_CREATION, "FROM attachments a WHERE a.status = 'uploading' AND a.signed_at <= $1", IN_TURNS),
        before,
        limit
    )
}

/// Returns failed uploads with stored parts whose last request was before a time.
pub async fn failed_in_parts(on: On<'_>, before: Timestamp, limit: i64) -> Result<Vec<(OrganizationId, AttachmentId)>> {
    fetch_all!(
        on,
        (OrganizationId, AttachmentId),
        concatcp!(
            BY_CREATION,
            "FROM attachments a WHERE a.status = 'failed' AND a.multipart_id IS NOT NULL AND a.signed_at <= $1",
            IN_TURNS
        ),
        before,
        limit
    )
}

/// Removes those without stored parts. Returns their number.
pub async fn remove_failed(on: On<'_>, before: Timestamp, now: Timestamp) -> Result<u64> {
    execute!(
        on,
        "DELETE FROM attachments WHERE status = 'failed' AND signed_at <= $1 AND message_id IS NULL AND multipart_id IS NULL
           AND (leased_until IS NULL OR leased_until <= $2)",
        before,
        now
    )
}

/// Returns complete files that are in no message and were not declared an `ICON`, including those that an earlier run
/// could not remove.
pub async fn never_sent(on: On<'_>, before: Timestamp, limit: i64) -> Result<Vec<(OrganizationId, AttachmentId)>> {
    fetch_all!(
        on,
        (OrganizationId, AttachmentId),
        concatcp!(BY_CREATION, "FROM attachments a WHERE a.status = 'complete' AND a.message_id IS NULL AND NOT a.is_icon AND a.uploaded_at <= $1
               AND NOT EXISTS (SELECT 1 FROM channels c WHERE c.icon_id = a.id)", IN_TURNS),
        before,
        limit
    )
}

/// Makes a file unavailable to messages and buckets. Returns whether none used it. The caller has locked the file.
pub async fn give_up(on: On<'_>, id: AttachmentId, now: Timestamp) -> Result<bool> {
    let changed = execute!(
        on,
        "UPDATE attachments SET deleted_at = COALESCE(deleted_at, $2), purged_at = COALESCE(purged_at, $2)
         WHERE id = $1 AND message_id IS NULL AND NOT EXISTS (SELECT 1 FROM channels c WHERE c.icon_id = attachments.id)",
        id,
        now
    )?;
    Ok(changed > 0)
}

pub async fn remove(tx: &mut Tx, id: AttachmentId) -> Result<()> {
    execute!(&mut *tx, "DELETE FROM share_links WHERE attachment_id = $1", id)?;
    execute!(tx, "DELETE FROM attachments WHERE id = $1 AND message_id IS NULL", id)?;
    Ok(())
}

/// Returns deleted files after their organization's retention.
pub async fn past_retention(on: On<'_>, now: Timestamp, limit: i64) -> Result<Vec<(OrganizationId, AttachmentId)>> {
    fetch_all!(
        on,
        (OrganizationId, AttachmentId),
        concatcp!(
            BY_DELETION,
            "FROM organizations o JOIN attachments a ON a.organization_id = o.id
             WHERE o.retention_days IS NOT NULL AND a.deleted_at IS NOT NULL AND a.purged_at IS NULL
               AND a.deleted_at <= $1 - CAST(o.retention_days AS BIGINT) * 86400000",
            IN_TURNS
        ),
        now,
        limit
    )
}

/// Returns whether a staged object belongs to a current attempt.
pub async fn is_under_way(on: On<'_>, id: AttachmentId, attempt: Uuid) -> Result<bool> {
    let row = fetch_optional!(
        on,
        (i32,),
        "SELECT 1 FROM attachments WHERE id = $1 AND attempt_id = $2 AND status = 'uploading'",
        id,
        attempt
    )?;
    Ok(row.is_some())
}

/// Returns whether an upload in parts is running, or can be retried. `multipart` is the storage's id for it.
pub async fn is_in_parts(on: On<'_>, multipart: &str) -> Result<bool> {
    let row = fetch_optional!(
        on,
        (i32,),
        "SELECT 1 FROM attachments WHERE status <> 'complete' AND multipart_id = $1",
        multipart
    )?;
    Ok(row.is_some())
}

/// Returns whether a file is complete and neither purged nor removed.
pub async fn has_bytes(on: On<'_>, id: AttachmentId) -> Result<bool> {
    let row = fetch_optional!(
        on,
        (i32,),
        "SELECT 1 FROM attachments WHERE id = $1 AND status = 'complete' AND purged_at IS NULL",
        id
    )?;
    Ok(row.is_some())
}
