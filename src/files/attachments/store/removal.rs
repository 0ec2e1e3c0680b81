//! SQL of removal. Each change is one guarded statement.

use const_format::concatcp;
use sqlx::{Database, Encode, FromRow, QueryBuilder, Type};

use super::{ATTACHMENT_COLUMNS, AttachmentRow, Result};
use crate::channels::access::{VISIBLE, Viewer};
use crate::channels::store::{CHANNEL_COLUMNS, ChannelRow};
use crate::ids::{AttachmentId, ChannelId, MemberId, MessageId};
use crate::people::organizations::service::Member;
use crate::platform::byte_size::ByteSize;
use crate::platform::db::{Lockable, On, Tx, execute, fetch_all, fetch_optional, run};
use crate::platform::timestamp::Timestamp;

/// Deletes a file. Returns whether this call did it.
pub async fn delete(tx: &mut Tx, id: AttachmentId, by: MemberId, now: Timestamp) -> Result<bool> {
    let changed = execute!(
        tx,
        "UPDATE attachments SET deleted_at = $3, deleted_by = $2 WHERE id = $1 AND deleted_at IS NULL",
        id,
        by,
        now
    )?;
    Ok(changed > 0)
}

/// Restores a file. Returns whether this call did it: not if it was purged in the meantime.
pub async fn restore(tx: &mut Tx, id: AttachmentId) -> Result<bool> {
    let changed = execute!(
        tx,
        "UPDATE attachments SET deleted_at = NULL, deleted_by = NULL, deleted_with_message = FALSE
         WHERE id = $1 AND deleted_at IS NOT NULL AND purged_at IS NULL",
        id
    )?;
    Ok(changed > 0)
}

/// Purges a file. Returns whether this call did it.
pub async fn purge(tx: &mut Tx, id: AttachmentId, now: Timestamp) -> Result<bool> {
    let changed = execute!(
        tx,
        "UPDATE attachments SET purged_at = $2 WHERE id = $1 AND deleted_at IS NOT NULL AND purged_at IS NULL",
        id,
        now
    )?;
    Ok(changed > 0)
}

/// Removes it as the icon of buckets.
pub async fn take_from_buckets(tx: &mut Tx, id: AttachmentId) -> Result<()> {
    execute!(tx, "UPDATE channels SET icon_id = NULL WHERE icon_id = $1", id)?;
    Ok(())
}

/// SQL condition: no message uses the file `attachments`, and it is no bucket's icon.
const UNUSED: &str = "NOT EXISTS (SELECT 1 FROM channels i WHERE i.icon_id = attachments.id AND i.deleted_at IS NULL)
         AND NOT EXISTS (SELECT 1 FROM message_attachments l JOIN messages m ON m.id = l.message_id
           JOIN channels c ON c.id = m.channel_id
           WHERE l.attachment_id = attachments.id AND m.deleted_at IS NULL AND c.deleted_at IS NULL)";

/// Returns at most `limit` unused files of a channel.
pub async fn unused_of_channel(on: On<'_>, channel: ChannelId, limit: i64) -> Result<Vec<AttachmentId>> {
    let rows = fetch_all!(
        on,
        (AttachmentId,),
        concatcp!(
            "SELECT id FROM attachments WHERE channel_id = $1 AND status = 'complete' AND purged_at IS NULL AND ",
            UNUSED,
            " ORDER BY id LIMIT CAST($2 AS BIGINT)"
        ),
        channel,
        limit
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Purges those of these files that are still unused, in one statement. Returns their ids. The caller has locked the
/// files.
pub async fn purge_unused(tx: &mut Tx, ids: &[AttachmentId], now: Timestamp) -> Result<Vec<AttachmentId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = run!(&mut *tx, "UPDATE", purge_query(ids, now).build_query_as::<(AttachmentId,)>(), fetch_all)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

fn purge_query<D>(ids: &[AttachmentId], now: Timestamp) -> QueryBuilder<D>
where
    D: Database,
    AttachmentId: for<'q> Encode<'q, D> + Type<D>,
    Timestamp: for<'q> Encode<'q, D> + Type<D>,
{
    let mut query = QueryBuilder::new("UPDATE attachments SET purged_at = ");
    query.push_bind(now).push(", deleted_at = COALESCE(deleted_at, ").push_bind(now).push(") WHERE id IN (");
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(*id);
    }
    query.push(concatcp!(") AND status = 'complete' AND purged_at IS NULL AND ", UNUSED, " RETURNING id"));
    query
}

/// Locks the files of a message. Messages share files: of two concurrent deletions or restorations, the second must see
/// the first.
pub async fn lock_files_of(tx: &mut Tx, message: MessageId) -> Result<()> {
    let files = fetch_all!(
        &mut *tx,
        (AttachmentId,),
        "SELECT attachment_id FROM message_attachments WHERE message_id = $1 AND attachment_id IS NOT NULL",
        message
    )?;
    tx.lock_all(Lockable::Attachment, files.into_iter().map(|(id,)| id.0).collect()).await
}

/// Deletes the files of a message that no other message uses, and marks them. The caller has locked them.
pub async fn delete_of_message(tx: &mut Tx, message: MessageId, by: MemberId, now: Timestamp) -> Result<()> {
    execute!(
        tx,
        "UPDATE attachments SET deleted_at = $3, deleted_by = $2, deleted_with_message = TRUE
         WHERE id IN (SELECT attachment_id FROM message_attachments WHERE message_id = $1)
           AND deleted_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM message_attachments l JOIN messages m ON m.id = l.message_id
             WHERE l.attachment_id = attachments.id AND m.deleted_at IS NULL)",
        message,
        by,
        now
    )?;
    Ok(())
}

/// Restores the files that were deleted with a message. The caller has locked them.
pub async fn restore_of_message(tx: &mut Tx, message: MessageId) -> Result<()> {
    execute!(
        tx,
        "UPDATE attachments SET deleted_at = NULL, deleted_by = NULL, deleted_with_message = FALSE
         WHERE id IN (SELECT attachment_id FROM message_attachments WHERE message_id = $1)
           AND deleted_with_message AND purged_at IS NULL",
        message
    )?;
    Ok(())
}

/// Returns all files of a message, including deleted ones.
pub async fn files_of(on: On<'_>, message: MessageId) -> Result<Vec<AttachmentRow>> {
    fetch_all!(
        on,
        AttachmentRow,
        concatcp!(
            "SELECT ",
            ATTACHMENT_COLUMNS,
            " FROM message_attachments l JOIN attachments a ON a.id = l.attachment_id WHERE l.message_id = $1 ORDER BY l.position"
        ),
        message
    )
}

/// Returns who deleted a file, and whether it was with its message.
pub async fn deletion(on: On<'_>, id: AttachmentId) -> Result<Option<(Option<MemberId>, bool)>> {
    fetch_optional!(
        on,
        (Option<MemberId>, bool),
        "SELECT deleted_by, deleted_with_message FROM attachments WHERE id = $1 AND deleted_at IS NOT NULL",
        id
    )
}

/// Returns the messages of a file that are not deleted, each with its channel.
pub async fn messages_of(on: On<'_>, id: AttachmentId) -> Result<Vec<(ChannelId, MessageId)>> {
    fetch_all!(
        on,
        (ChannelId, MessageId),
        "SELECT m.channel_id, m.id FROM message_attachments l JOIN messages m ON m.id = l.message_id
         WHERE l.attachment_id = $1 AND m.deleted_at IS NULL",
        id
    )
}

#[derive(FromRow)]
pub struct DeletedRow {
    #[sqlx(flatten)]
    pub channel: ChannelRow,
    pub attachment_id: AttachmentId,
    pub message_id: MessageId,
    pub file_name: String,
    pub file_size: ByteSize,
    pub content_type: String,
    pub deleted_at: Timestamp,
    pub deleted_by_name: Option<String>,
    pub deleted_with_message: bool,
}

/// Returns deleted files that can be restored, of channels that this member can view, latest first, starting before
/// `before`. A file that was never sent is visible to its uploader only.
pub async fn deleted(
    on: On<'_>,
    member: &Member,
    before: Option<(Timestamp, AttachmentId)>,
    limit: i64,
) -> Result<Vec<DeletedRow>> {
    fetch_all!(
        on,
        DeletedRow,
        concatcp!(
            "SELECT ",
            CHANNEL_COLUMNS,
            ", a.id AS attachment_id, a.message_id, a.file_name, a.file_size, a.content_type, a.deleted_at,
               u.name AS deleted_by_name, a.deleted_with_message
             FROM attachments a
             JOIN channels c ON c.id = a.channel_id
             LEFT JOIN contacts co ON co.id = c.contact_id
             LEFT JOIN members me ON me.id = a.deleted_by
             LEFT JOIN users u ON u.id = me.user_id
             WHERE a.organization_id = $1 AND ",
            VISIBLE,
            " AND a.deleted_at IS NOT NULL AND a.purged_at IS NULL AND a.message_id IS NOT NULL
              AND ($7 IS NULL OR (a.deleted_at, a.id) < ($7, $8))
             ORDER BY a.deleted_at DESC, a.id DESC LIMIT CAST($9 AS BIGINT)"
        ),
        as Viewer::of(member),
        before.map(|(at, _)| at),
        before.map(|(_, id)| id),
        limit
    )
}
