//! SQL of the deletion of contacts. Every table that refers to a conversation, a message or a file is listed here;
//! `tests/api/contact_deletion.rs` finds the others by the schema.

use sqlx::FromRow;

use crate::files::attachments::model::Status;
use crate::ids::{AttachmentId, ChannelId, ContactId, MemberId, MessageId, OrganizationId, RemotePreviewId};
use crate::platform::db::{On, Tx, execute, fetch_all, fetch_all_of, fetch_optional, fetch_value};
use crate::platform::timestamp::Timestamp;

type Result<T> = std::result::Result<T, sqlx::Error>;

/// Ends all that gives somebody without the permission to view the conversation access to it: links, file requests, tokens.
/// Links to files that other conversations show stay.
pub async fn end_access(tx: &mut Tx, organization: OrganizationId, channel: ChannelId, now: Timestamp) -> Result<()> {
    execute!(
        &mut *tx,
        "UPDATE file_requests SET revoked_at = $2 WHERE channel_id = $1 AND revoked_at IS NULL",
        channel,
        now
    )?;
    execute!(
        &mut *tx,
        "UPDATE share_links SET revoked_at = $3 WHERE organization_id = $1 AND revoked_at IS NULL
           AND (message_id IN (SELECT id FROM messages WHERE channel_id = $2)
             OR attachment_id IN (SELECT a.id FROM attachments a WHERE a.channel_id = $2
               AND NOT EXISTS (SELECT 1 FROM message_attachments l JOIN messages m ON m.id = l.message_id
                 WHERE l.attachment_id = a.id AND m.channel_id <> $2 AND m.deleted_at IS NULL)))",
        organization,
        channel,
        now
    )?;
    execute!(
        &mut *tx,
        "UPDATE access_tokens SET revoked_at = $2 WHERE channel_id = $1 AND revoked_at IS NULL",
        channel,
        now
    )?;
    Ok(())
}

/// Hides a contact with its conversation, and removes what is known of the person. No message can be sent from then on.
pub async fn hide(tx: &mut Tx, contact: ContactId, channel: ChannelId, now: Timestamp) -> Result<()> {
    execute!(
        &mut *tx,
        "UPDATE contacts SET first_name = '', last_name = '', search_text = '', email = '', company = '', note = '',
           updated_at = $2 WHERE id = $1",
        contact,
        now
    )?;
    execute!(&mut *tx, "DELETE FROM contact_phones WHERE contact_id = $1", contact)?;
    execute!(&mut *tx, "DELETE FROM contact_members WHERE contact_id = $1", contact)?;
    execute!(tx, "UPDATE channels SET deleted_at = $2 WHERE id = $1", channel, now)?;
    Ok(())
}

/// Returns whether this is the channel of a deleted contact that is not removed yet.
pub async fn is_deleted(on: On<'_>, channel: ChannelId) -> Result<bool> {
    let row = fetch_optional!(
        on,
        (i32,),
        "SELECT 1 FROM channels WHERE id = $1 AND kind = 'contact' AND deleted_at IS NOT NULL",
        channel
    )?;
    Ok(row.is_some())
}

/// Returns the first messages of a channel.
pub async fn messages(on: On<'_>, channel: ChannelId, limit: i64) -> Result<Vec<MessageId>> {
    let rows = fetch_all!(
        on,
        (MessageId,),
        "SELECT id FROM messages WHERE channel_id = $1 ORDER BY id LIMIT CAST($2 AS BIGINT)",
        channel,
        limit
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Returns the previews of pictures that these messages name by URL. `ids` must not be empty.
pub async fn remote_previews(on: On<'_>, ids: &[MessageId]) -> Result<Vec<RemotePreviewId>> {
    let rows = fetch_all_of!(
        on,
        (RemotePreviewId,),
        "SELECT preview_id FROM message_attachments WHERE preview_id IS NOT NULL AND message_id",
        ids.iter().copied(),
        ""
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Returns the files of these messages, each once. `ids` must not be empty.
pub async fn files_of(mut on: On<'_>, ids: &[MessageId]) -> Result<Vec<AttachmentId>> {
    let linked = fetch_all_of!(
        on.again(),
        (AttachmentId,),
        "SELECT attachment_id FROM message_attachments WHERE attachment_id IS NOT NULL AND message_id",
        ids.iter().copied(),
        ""
    )?;
    let first =
        fetch_all_of!(on, (AttachmentId,), "SELECT id FROM attachments WHERE message_id", ids.iter().copied(), "")?;
    let mut files: Vec<_> = linked.into_iter().chain(first).map(|(id,)| id).collect();
    files.sort_unstable();
    files.dedup();
    Ok(files)
}

/// Returns whether a file is listed in this channel: it was first sent there.
pub async fn is_at_home(on: On<'_>, file: AttachmentId, channel: ChannelId) -> Result<bool> {
    let row = fetch_optional!(
        on,
        (i32,),
        "SELECT 1 FROM attachments a WHERE a.id = $1 AND (a.channel_id = $2
           OR EXISTS (SELECT 1 FROM messages m WHERE m.id = a.message_id AND m.channel_id = $2))",
        file,
        channel
    )?;
    Ok(row.is_some())
}

/// A message in another channel that has a file.
#[derive(FromRow)]
pub struct Elsewhere {
    message_id: MessageId,
    pub channel_id: ChannelId,
    deleted_at: Option<Timestamp>,
    deleted_by: Option<MemberId>,
    pub is_channel_deleted: bool,
}

/// Returns the first message of another channel that has a file, if possible one that is not deleted.
pub async fn elsewhere(on: On<'_>, file: AttachmentId, channel: ChannelId) -> Result<Option<Elsewhere>> {
    fetch_optional!(
        on,
        Elsewhere,
        "SELECT m.id AS message_id, m.channel_id, m.deleted_at, m.deleted_by, c.deleted_at IS NOT NULL AS is_channel_deleted
         FROM message_attachments l JOIN messages m ON m.id = l.message_id JOIN channels c ON c.id = m.channel_id
         WHERE l.attachment_id = $1 AND m.channel_id <> $2
         ORDER BY CASE WHEN m.deleted_at IS NULL AND c.deleted_at IS NULL THEN 0 ELSE 1 END, m.id LIMIT 1",
        file,
        channel
    )
}

/// Makes a file one of another message: deleted with it, if that message is deleted.
pub async fn move_to_message(tx: &mut Tx, file: AttachmentId, to: &Elsewhere) -> Result<()> {
    execute!(
        tx,
        "UPDATE attachments SET channel_id = $2, message_id = $3, file_request_id = NULL,
           deleted_with_message = deleted_with_message OR (deleted_at IS NULL AND $4 IS NOT NULL),
           deleted_by = CASE WHEN deleted_at IS NULL THEN $5 ELSE deleted_by END,
           deleted_at = COALESCE(deleted_at, $4)
         WHERE id = $1",
        file,
        to.channel_id,
        to.message_id,
        to.deleted_at,
        to.deleted_by
    )?;
    Ok(())
}

/// Makes a file one of the bucket whose icon it is. Returns whether it is one.
pub async fn move_to_bucket(tx: &mut Tx, file: AttachmentId) -> Result<bool> {
    let changed = execute!(
        tx,
        "UPDATE attachments SET message_id = NULL, file_request_id = NULL,
           channel_id = (SELECT i.id FROM channels i WHERE i.icon_id = $1 ORDER BY i.id LIMIT 1)
         WHERE id = $1 AND deleted_at IS NULL AND EXISTS (SELECT 1 FROM channels i WHERE i.icon_id = $1)",
        file
    )?;
    Ok(changed > 0)
}

/// Takes a file out of its message, and marks it as purged: its bytes are removed next.
pub async fn give_up(tx: &mut Tx, file: AttachmentId, now: Timestamp) -> Result<()> {
    execute!(
        tx,
        "UPDATE attachments SET message_id = NULL, deleted_at = COALESCE(deleted_at, $2), purged_at = COALESCE(purged_at, $2)
         WHERE id = $1",
        file,
        now
    )?;
    Ok(())
}

/// Deletes messages with their reactions and links. The caller has taken their files.
pub async fn delete_messages(tx: &mut Tx, ids: &[MessageId]) -> Result<()> {
    for id in ids {
        execute!(&mut *tx, "DELETE FROM reactions WHERE message_id = $1", *id)?;
        execute!(&mut *tx, "DELETE FROM message_mentions WHERE message_id = $1", *id)?;
        execute!(&mut *tx, "DELETE FROM share_links WHERE message_id = $1", *id)?;
        execute!(&mut *tx, "DELETE FROM message_attachments WHERE message_id = $1", *id)?;
        execute!(&mut *tx, "DELETE FROM messages WHERE id = $1", *id)?;
    }
    Ok(())
}

/// Returns the first files of a channel that are in no message, including uploads.
pub async fn files(on: On<'_>, channel: ChannelId, limit: i64) -> Result<Vec<(OrganizationId, AttachmentId, Status)>> {
    fetch_all!(
        on,
        (OrganizationId, AttachmentId, Status),
        "SELECT organization_id, id, status FROM attachments WHERE channel_id = $1 AND message_id IS NULL
         ORDER BY id LIMIT CAST($2 AS BIGINT)",
        channel,
        limit
    )
}

/// Corrects the channel of files that belong to messages of other channels.
pub async fn adopt(tx: &mut Tx, channel: ChannelId) -> Result<()> {
    execute!(
        tx,
        "UPDATE attachments SET channel_id = (SELECT m.channel_id FROM messages m WHERE m.id = attachments.message_id)
         WHERE channel_id = $1 AND message_id IN (SELECT m.id FROM messages m WHERE m.channel_id <> $1)",
        channel
    )?;
    Ok(())
}

/// Returns whether a channel has messages or files.
pub async fn has_contents(on: On<'_>, channel: ChannelId) -> Result<bool> {
    let count = fetch_value!(
        on,
        i64,
        "SELECT (SELECT count(*) FROM messages WHERE channel_id = $1) + (SELECT count(*) FROM attachments WHERE channel_id = $1)",
        channel
    )?;
    Ok(count > 0)
}

/// Deletes a channel without messages and files, its contact, and all that refers to them. Audit entries stay.
pub async fn delete_channel(tx: &mut Tx, channel: ChannelId, now: Timestamp) -> Result<()> {
    let contact =
        fetch_optional!(&mut *tx, (Option<ContactId>,), "SELECT contact_id FROM channels WHERE id = $1", channel)?;
    execute!(&mut *tx, "DELETE FROM channel_reads WHERE channel_id = $1", channel)?;
    execute!(&mut *tx, "DELETE FROM muted_channels WHERE channel_id = $1", channel)?;
    execute!(&mut *tx, "DELETE FROM channel_members WHERE channel_id = $1", channel)?;
    execute!(&mut *tx, "DELETE FROM file_requests WHERE channel_id = $1", channel)?;
    execute!(&mut *tx, "DELETE FROM webhook_deliveries WHERE channel_id = $1", channel)?;
    execute!(&mut *tx, "DELETE FROM webhooks WHERE channel_id = $1", channel)?;
    // A revoked token stays, because it may have written elsewhere.
    execute!(
        &mut *tx,
        "UPDATE access_tokens SET channel_id = NULL, revoked_at = COALESCE(revoked_at, $2) WHERE channel_id = $1",
        channel,
        now
    )?;
    // Their numbers stay: readers take a gap for events that they have missed.
    execute!(
        &mut *tx,
        "UPDATE events SET channel_id = $2, subject_id = $2, message_id = NULL WHERE channel_id = $1",
        channel,
        uuid::Uuid::nil()
    )?;
    // The changes first: a job that adds them up may be about to write the sums. Those of the storage are sums by member
    // and type, too.
    execute!(&mut *tx, "DELETE FROM file_total_changes WHERE channel_id = $1", channel)?;
    execute!(&mut *tx, "DELETE FROM file_totals WHERE channel_id = $1", channel)?;
    execute!(&mut *tx, "UPDATE storage_changes SET channel_id = NULL WHERE channel_id = $1", channel)?;
    execute!(&mut *tx, "DELETE FROM storage_by_channel WHERE channel_id = $1", channel)?;
    execute!(&mut *tx, "DELETE FROM channels WHERE id = $1", channel)?;
    if let Some((Some(contact),)) = contact {
        execute!(&mut *tx, "DELETE FROM contact_phones WHERE contact_id = $1", contact)?;
        execute!(&mut *tx, "DELETE FROM contact_members WHERE contact_id = $1", contact)?;
        execute!(tx, "DELETE FROM contacts WHERE id = $1", contact)?;
    }
    Ok(())
}
