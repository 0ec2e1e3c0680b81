//! SQL of the files of messages: stored ones, and URLs.

use const_format::concatcp;
use sqlx::FromRow;

use super::{ATTACHMENT_COLUMNS, AttachmentRow, PlacedRow, Result};
use crate::channels::access::Visible;
use crate::channels::model::Channel;
use crate::files::attachments::linking::UploadedBy;
use crate::files::attachments::media_type::MediaType;
use crate::files::attachments::model::PreviewState;
use crate::ids::{AttachmentId, ChannelId, MessageId, RemotePreviewId};
use crate::platform::db::{On, Tx, execute, fetch_all, fetch_all_of, fetch_optional};

/// Claims a file for a message: complete, not deleted, of this channel or of none yet, this uploader, not yet sent. One
/// statement, so that a file can't be in two messages. Returns whether it was free.
pub async fn claim(
    tx: &mut Tx,
    id: AttachmentId,
    message: MessageId,
    channel: ChannelId,
    uploader: UploadedBy,
) -> Result<bool> {
    let (member, file_request) = uploader.columns();
    let changed = execute!(
        tx,
        "UPDATE attachments SET message_id = $2, channel_id = $3
         WHERE id = $1 AND (channel_id = $3 OR channel_id IS NULL) AND status = 'complete'
           AND deleted_at IS NULL AND message_id IS NULL AND uploaded_by IS NOT DISTINCT FROM $4
           AND file_request_id IS NOT DISTINCT FROM $5",
        id,
        message,
        channel,
        member,
        file_request
    )?;
    Ok(changed > 0)
}

pub async fn link(tx: &mut Tx, message: MessageId, position: i32, id: AttachmentId) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO message_attachments (message_id, position, attachment_id) VALUES ($1, $2, $3)",
        message,
        position,
        id
    )?;
    Ok(())
}

/// Assigns a file to a message if no other has it. Returns `false` if it is gone. The row is locked until the
/// transaction ends.
pub async fn take(
    tx: &mut Tx,
    file: &Visible<PlacedRow>,
    message: MessageId,
    channel: &Visible<Channel>,
) -> Result<bool> {
    let changed = execute!(
        tx,
        "UPDATE attachments SET channel_id = CASE WHEN message_id IS NULL THEN $4 ELSE channel_id END,
           message_id = COALESCE(message_id, $3)
         WHERE organization_id = $1 AND id = $2 AND status = 'complete' AND deleted_at IS NULL",
        file.attachment.organization_id,
        file.attachment.id,
        message,
        channel.id
    )?;
    Ok(changed > 0)
}

pub async fn link_named(
    tx: &mut Tx,
    message: MessageId,
    position: i32,
    id: AttachmentId,
    name: Option<&str>,
) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO message_attachments (message_id, position, attachment_id, name) VALUES ($1, $2, $3, $4)",
        message,
        position,
        id,
        name
    )?;
    Ok(())
}

pub async fn link_url(
    tx: &mut Tx,
    message: MessageId,
    position: i32,
    url: &str,
    name: Option<&str>,
    media_type: MediaType,
) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO message_attachments (message_id, position, url, name, media_type) VALUES ($1, $2, $3, $4, $5)",
        message,
        position,
        url,
        name,
        media_type
    )?;
    Ok(())
}

/// A URL in a message.
#[derive(FromRow)]
pub struct UrlRow {
    pub message_id: MessageId,
    pub position: i32,
    pub url: String,
    pub name: Option<String>,
    pub media_type: MediaType,
    pub preview_id: Option<RemotePreviewId>,
    /// State of the preview.
    pub preview: Option<PreviewState>,
    pub width: Option<i32>,
    pub height: Option<i32>,
}

/// Returns the URLs of all messages of a channel that are not deleted, from `first` to `last`, in order.
pub async fn urls_of_messages(
    on: On<'_>,
    channel: ChannelId,
    first: MessageId,
    last: MessageId,
) -> Result<Vec<UrlRow>> {
    fetch_all!(
        on,
        UrlRow,
        "SELECT l.message_id, l.position, l.url, l.name, l.media_type, l.preview_id, l.preview, l.width, l.height FROM messages m
         JOIN message_attachments l ON l.message_id = m.id
         WHERE m.channel_id = $1 AND m.id >= $2 AND m.id <= $3 AND m.deleted_at IS NULL AND l.url IS NOT NULL
         ORDER BY l.message_id, l.position",
        channel,
        first,
        last
    )
}

/// Sets the message's channel on a link, if it differs from the file's.
const PLACE_LINKS: &str = "UPDATE message_attachments SET elsewhere_id = (
               SELECT NULLIF(m.channel_id, a.channel_id) FROM messages m CROSS JOIN attachments a
               WHERE m.id = message_attachments.message_id AND a.id = message_attachments.attachment_id)
             WHERE ";

/// Updates where the files of a message are listed: with their first message that is not deleted, and in each other
/// channel with its own. The cost does not grow with the number of messages that have a file, unless the first of them
/// is deleted.
pub async fn place(tx: &mut Tx, message: MessageId) -> Result<()> {
    let strays = fetch_all!(
        &mut *tx,
        (AttachmentId,),
        "SELECT DISTINCT l.attachment_id FROM message_attachments l WHERE l.message_id = $1 AND
           (SELECT a.deleted_at IS NULL AND m.deleted_at IS NOT NULL
            FROM attachments a JOIN messages m ON m.id = a.message_id WHERE a.id = l.attachment_id)",
        message
    )?;
    for (id,) in strays {
        execute!(
            &mut *tx,
            "UPDATE attachments SET (channel_id, message_id) = (
               SELECT m.channel_id, m.id FROM message_attachments l JOIN messages m ON m.id = l.message_id
               WHERE l.attachment_id = attachments.id AND m.deleted_at IS NULL ORDER BY m.id LIMIT 1)
             WHERE id = $1",
            id
        )?;
        execute!(&mut *tx, concatcp!(PLACE_LINKS, "attachment_id = $1"), id)?;
    }
    execute!(tx, concatcp!(PLACE_LINKS, "message_id = $1"), message)?;
    Ok(())
}

/// Updates where the links of a file are listed after it was moved to another channel.
pub async fn place_file(tx: &mut Tx, id: AttachmentId) -> Result<()> {
    execute!(tx, concatcp!(PLACE_LINKS, "attachment_id = $1"), id)?;
    Ok(())
}

#[derive(FromRow)]
pub struct LinkedRow {
    pub linked_message_id: MessageId,
    pub position: i32,
    /// The name in the message.
    pub linked_name: Option<String>,
    /// The person who deleted the file, if it is deleted.
    pub deleted_by_name: Option<String>,
    pub purged: bool,
    #[sqlx(flatten)]
    pub attachment: AttachmentRow,
}

/// Returns the files, including deleted ones, of all messages of a channel that are not deleted, from `first` to
/// `last`, in order.
pub async fn of_messages(on: On<'_>, channel: ChannelId, first: MessageId, last: MessageId) -> Result<Vec<LinkedRow>> {
    fetch_all!(
        on,
        LinkedRow,
        concatcp!(
            "SELECT l.message_id AS linked_message_id, l.position, l.name AS linked_name, u.name AS deleted_by_name,
               a.purged_at IS NOT NULL AS purged, ",
            ATTACHMENT_COLUMNS,
            " FROM messages m
             JOIN message_attachments l ON l.message_id = m.id
             JOIN attachments a ON a.id = l.attachment_id
             LEFT JOIN members me ON me.id = a.deleted_by
             LEFT JOIN users u ON u.id = me.user_id
             WHERE m.channel_id = $1 AND m.id >= $2 AND m.id <= $3 AND m.deleted_at IS NULL
             ORDER BY l.message_id, l.position"
        ),
        channel,
        first,
        last
    )
}

/// Returns type and name of the files of these messages, in order, without deleted files. `ids` must not be empty.
pub async fn names_of_messages(on: On<'_>, ids: &[MessageId]) -> Result<Vec<(MessageId, MediaType, String)>> {
    let ids = ids.iter().copied();
    fetch_all_of!(
        on,
        (MessageId, MediaType, String),
        "SELECT l.message_id, COALESCE(a.media_type, l.media_type), COALESCE(l.name, a.file_name, l.url)
         FROM message_attachments l
         LEFT JOIN attachments a ON a.id = l.attachment_id
         WHERE a.deleted_at IS NULL AND l.message_id",
        ids,
        "ORDER BY l.message_id, l.position"
    )
}

/// Returns whether a message has files that are not deleted.
pub async fn has_files(on: On<'_>, message: MessageId) -> Result<bool> {
    let row = fetch_optional!(
        on,
        (i32,),
        "SELECT 1 FROM message_attachments l JOIN attachments a ON a.id = l.attachment_id
         WHERE l.message_id = $1 AND a.deleted_at IS NULL LIMIT 1",
        message
    )?;
    Ok(row.is_some())
}
