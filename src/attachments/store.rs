//! SQL of attachments. Every change of status is one guarded statement, so that two at once cannot both succeed.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sqlx::FromRow;
use uuid::Uuid;

use super::file_name::FileName;
use super::media_type::{FileKind, MediaType};
use super::model::{Attachment, AttachmentId, Location, MessageId, Preview, PreviewState, Status, attachment_url};
use crate::channels::access::{AccessRow, access_columns, main_phone, visible};
use crate::contacts::model::ChannelId;
use crate::organizations::model::{MemberId, OrganizationId, Permission};
use crate::organizations::service::Member;
use crate::platform::db::{On, Tx, execute, fetch_all, fetch_optional, fetch_value};
use crate::platform::search::fold;
use crate::platform::storage::ObjectKey;
use crate::platform::timestamp::Timestamp;

type Result<T> = std::result::Result<T, sqlx::Error>;

#[derive(Debug, Clone, FromRow)]
pub struct AttachmentRow {
    pub id: AttachmentId,
    pub organization_id: OrganizationId,
    /// Where it was uploaded to, or first sent; none while it is in no channel.
    pub channel_id: Option<ChannelId>,
    pub uploaded_by: Option<MemberId>,
    pub file_name: String,
    pub file_size: i64,
    pub declared_type: String,
    pub content_type: String,
    pub status: String,
    pub failure_reason: Option<String>,
    pub attempt_id: Uuid,
    /// The storage's name for an upload in parts; none for one PUT.
    pub multipart_id: Option<String>,
    pub checksum_sha256: Option<String>,
    pub message_id: Option<MessageId>,
    pub width: Option<i32>,
    pub height: Option<i32>,
    pub uploaded_at: Option<Timestamp>,
    pub deleted_at: Option<Timestamp>,
    pub thumbhash: Option<Vec<u8>>,
    pub duration_ms: Option<i64>,
    pub page_count: Option<i32>,
    pub animated: bool,
    pub preview: Option<String>,
    pub preview_reason: Option<String>,
    pub location: Option<String>,
    pub object_key: Option<String>,
    pub media_type: String,
}

impl AttachmentRow {
    pub fn status(&self) -> Status {
        Status::from_name(&self.status)
    }

    /// Under which its bytes are.
    pub fn key(&self) -> ObjectKey {
        let filed = self.object_key.as_ref().and_then(|key| key.parse().ok());
        filed.unwrap_or(ObjectKey::Attachment(self.id.0))
    }

    pub fn file_name(&self) -> FileName {
        FileName::new(&self.file_name)
    }
}

impl From<AttachmentRow> for Attachment {
    fn from(row: AttachmentRow) -> Self {
        Self {
            id: row.id,
            status: row.status(),
            file_name: row.file_name(),
            file_size: row.file_size,
            media_type: MediaType::from_name(&row.media_type).unwrap_or_else(|| MediaType::of(&row.content_type)),
            content_type: row.content_type,
            failure_reason: row.failure_reason,
            width: row.width,
            height: row.height,
            checksum_sha256: row.checksum_sha256,
            uploaded_by: row.uploaded_by,
            uploaded_at: row.uploaded_at,
            url: attachment_url(row.id),
            preview: row
                .preview
                .map(|state| Preview { state: PreviewState::from_name(&state), reason: row.preview_reason }),
            thumbhash: row.thumbhash.map(|hash| BASE64_STANDARD.encode(hash)),
            duration_ms: row.duration_ms,
            page_count: row.page_count,
            animated: row.animated,
            location: row.location.as_deref().and_then(Location::from_name),
        }
    }
}

/// A file with whose it is.
#[derive(FromRow)]
pub struct PlacedRow {
    #[sqlx(flatten)]
    pub attachment: AttachmentRow,
    /// Of the channel's contact.
    pub first_name: Option<String>,
    /// The preferred one of the contact, else the first.
    pub phone: Option<String>,
}

macro_rules! columns {
    () => {
        "a.id, a.organization_id, a.channel_id, a.uploaded_by, a.file_name, a.file_size, a.declared_type, a.content_type, a.status,
         a.failure_reason, a.attempt_id, a.multipart_id, a.checksum_sha256, a.message_id, a.width, a.height, a.uploaded_at,
         a.deleted_at, a.thumbhash, a.duration_ms, a.page_count, a.animated, a.preview, a.preview_reason, a.location,
         a.object_key, a.media_type"
    };
}

pub(crate) use columns as attachment_columns;

pub struct NewAttachment<'a> {
    pub id: AttachmentId,
    pub organization: OrganizationId,
    /// None: a file uploaded ahead, for whichever channel.
    pub channel: Option<ChannelId>,
    pub uploaded_by: Option<MemberId>,
    pub file_name: &'a FileName,
    pub file_size: i64,
    pub declared_type: &'a str,
    /// Base64 of the SHA-256 of the whole file, where it was told.
    pub checksum_sha256: Option<&'a str>,
    pub attempt_id: Uuid,
    /// None: the id.
    pub object_key: Option<String>,
    /// None: as the declared type says.
    pub media_type: Option<MediaType>,
    pub now: Timestamp,
}

pub async fn insert(on: On<'_>, new: NewAttachment<'_>) -> Result<()> {
    execute!(
        on,
        "INSERT INTO attachments (id, organization_id, channel_id, uploaded_by, file_name, file_size, declared_type,
           content_type, media_type, kind, status, checksum_sha256, attempt_id, created_at, signed_at, search_text,
           object_key)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, 'uploading', $10, $11, $12, $12, $13, $14)",
        new.id,
        new.organization,
        new.channel,
        new.uploaded_by,
        new.file_name.as_str(),
        new.file_size,
        new.declared_type,
        new.media_type.unwrap_or_else(|| MediaType::of(new.declared_type)).name(),
        FileKind::of(new.declared_type).name(),
        new.checksum_sha256,
        new.attempt_id,
        new.now,
        fold(new.file_name.as_str()),
        new.object_key
    )?;
    Ok(())
}

pub async fn find(on: On<'_>, organization: OrganizationId, id: AttachmentId) -> Result<Option<AttachmentRow>> {
    fetch_optional!(
        on,
        AttachmentRow,
        concat!("SELECT ", columns!(), " FROM attachments a WHERE a.organization_id = $1 AND a.id = $2"),
        organization,
        id
    )
}

/// A file in its channel, with what decides who sees that.
#[derive(FromRow)]
pub struct FoundRow {
    #[sqlx(flatten)]
    pub placed: PlacedRow,
    #[sqlx(flatten)]
    pub access: AccessRow,
}

/// A file of the member's organisation in its place, in one query: each download asks it.
pub async fn find_placed(on: On<'_>, member: &Member, id: AttachmentId) -> Result<Option<FoundRow>> {
    fetch_optional!(
        on,
        FoundRow,
        concat!(
            "SELECT ",
            columns!(),
            ", ",
            access_columns!(),
            ", co.first_name, ",
            main_phone!(),
            " FROM attachments a
             JOIN channels c ON c.id = a.channel_id
             LEFT JOIN contacts co ON co.id = c.contact_id
             WHERE a.organization_id = $1 AND a.id = $3"
        ),
        member.organization_id(),
        member.id,
        id
    )
}

/// The same file in another channel, by a message that is not deleted or by being a bucket's icon, where the member sees that
/// channel.
pub async fn find_elsewhere(on: On<'_>, member: &Member, id: AttachmentId) -> Result<Option<FoundRow>> {
    fetch_optional!(
        on,
        FoundRow,
        concat!(
            "SELECT ",
            columns!(),
            ", ",
            access_columns!(),
            ", co.first_name, ",
            main_phone!(),
            " FROM attachments a
             JOIN channels c ON c.id IN (SELECT m.channel_id FROM message_attachments l JOIN messages m ON m.id = l.message_id
               WHERE l.attachment_id = a.id AND m.deleted_at IS NULL) OR c.icon_id = a.id
             LEFT JOIN contacts co ON co.id = c.contact_id
             WHERE a.organization_id = $1 AND a.id = $6 AND ",
            visible!(),
            " ORDER BY c.id LIMIT 1"
        ),
        member.organization_id(),
        member.id,
        member.may(Permission::ContactView),
        member.may(Permission::ContactViewAssigned),
        member.may(Permission::ChannelView),
        id
    )
}

/// Whether this upload in one PUT is the one under way: by its staging key alone, for signed URLs.
pub async fn expects_upload(on: On<'_>, id: AttachmentId, attempt: Uuid) -> Result<bool> {
    let row = fetch_optional!(
        on,
        (i32,),
        "SELECT 1 FROM attachments WHERE id = $1 AND attempt_id = $2 AND status = 'uploading' AND multipart_id IS NULL",
        id,
        attempt
    )?;
    Ok(row.is_some())
}

/// The size of the whole file, while it comes in these parts: for signed URLs.
pub async fn expects_parts(on: On<'_>, id: AttachmentId, multipart: &str) -> Result<Option<i64>> {
    let row = fetch_optional!(
        on,
        (i64,),
        "SELECT file_size FROM attachments WHERE id = $1 AND multipart_id = $2 AND status = 'uploading'",
        id,
        multipart
    )?;
    Ok(row.map(|(size,)| size))
}

pub struct Verified<'a> {
    pub content_type: &'a str,
    pub media_type: MediaType,
    pub pixels: Option<(i32, i32)>,
    pub checksum_sha256: Option<&'a str>,
    /// Of its preview; none for types that have none.
    pub preview: Option<PreviewState>,
    pub animated: bool,
    /// See [`super::photo_location`].
    pub location: Option<&'a str>,
    pub now: Timestamp,
}

/// The right to change an upload, held by one request at a time and no longer than [`LEASE`].
#[derive(Debug, Clone, Copy)]
pub struct Lease {
    id: AttachmentId,
    attempt: Uuid,
    until: Timestamp,
}

/// Longer than any check of an object takes; a holder that died blocks the upload for no longer.
pub const LEASE: Duration = Duration::from_mins(2);

/// Takes the lease of an upload that is not complete. `None` when another request holds it, or when the upload has moved on.
pub async fn lease(on: On<'_>, row: &AttachmentRow, now: Timestamp) -> Result<Option<Lease>> {
    let lease = Lease { id: row.id, attempt: row.attempt_id, until: now.plus(LEASE) };
    let taken = execute!(
        on,
        "UPDATE attachments SET leased_until = $4
         WHERE id = $1 AND attempt_id = $2 AND status = $3 AND status <> 'complete'
           AND (leased_until IS NULL OR leased_until <= $5)",
        lease.id,
        lease.attempt,
        &row.status,
        lease.until,
        now
    )?;
    Ok((taken > 0).then_some(lease))
}

/// Gives a lease back without a change.
pub async fn release(on: On<'_>, lease: Lease) -> Result<()> {
    execute!(
        on,
        "UPDATE attachments SET leased_until = NULL WHERE id = $1 AND attempt_id = $2 AND leased_until = $3",
        lease.id,
        lease.attempt,
        lease.until
    )?;
    Ok(())
}

/// From now on the upload comes in parts. Gives the lease back. Answers whether this call did it.
pub async fn begin_parts(on: On<'_>, lease: Lease, multipart: &str) -> Result<bool> {
    let changed = execute!(
        on,
        "UPDATE attachments SET multipart_id = $4, leased_until = NULL
         WHERE id = $1 AND attempt_id = $2 AND leased_until = $3 AND status = 'uploading'",
        lease.id,
        lease.attempt,
        lease.until,
        multipart
    )?;
    Ok(changed > 0)
}

/// Notes that the upload goes on. No more than once a minute, for it is asked with every part.
pub async fn note_signed(on: On<'_>, id: AttachmentId, now: Timestamp) -> Result<()> {
    execute!(
        on,
        "UPDATE attachments SET signed_at = $2 WHERE id = $1 AND signed_at < $3",
        id,
        now,
        now.minus(Duration::from_mins(1))
    )?;
    Ok(())
}

/// `uploading → complete`. Answers whether this call did it: not when the lease ran out and somebody else has it.
pub async fn set_complete(on: On<'_>, lease: Lease, verified: &Verified<'_>) -> Result<bool> {
    let changed = execute!(
        on,
        "UPDATE attachments SET status = 'complete', content_type = $4, media_type = $5, width = $6, height = $7,
           uploaded_at = $8, checksum_sha256 = $9, preview = $10, animated = $11, location = $12, kind = $13,
           failure_reason = NULL, leased_until = NULL
         WHERE id = $1 AND attempt_id = $2 AND leased_until = $3 AND status = 'uploading'",
        lease.id,
        lease.attempt,
        lease.until,
        verified.content_type,
        verified.media_type.name(),
        verified.pixels.map(|(width, _)| width),
        verified.pixels.map(|(_, height)| height),
        verified.now,
        verified.checksum_sha256,
        verified.preview.map(PreviewState::name),
        verified.animated,
        verified.location,
        FileKind::of(verified.content_type).name()
    )?;
    Ok(changed > 0)
}

/// `uploading → failed`. Answers whether this call did it.
pub async fn set_failed(on: On<'_>, lease: Lease, reason: &str) -> Result<bool> {
    let changed = execute!(
        on,
        "UPDATE attachments SET status = 'failed', failure_reason = $4, multipart_id = NULL, leased_until = NULL
         WHERE id = $1 AND attempt_id = $2 AND leased_until = $3 AND status = 'uploading'",
        lease.id,
        lease.attempt,
        lease.until,
        reason
    )?;
    Ok(changed > 0)
}

/// `failed → uploading`, or a fresh URL for a slow upload. Each try has its own staging key. Answers whether this call did it.
pub async fn set_uploading(on: On<'_>, lease: Lease, attempt: Uuid, now: Timestamp) -> Result<bool> {
    let changed = execute!(
        on,
        "UPDATE attachments SET status = 'uploading', failure_reason = NULL, attempt_id = $4, multipart_id = NULL, signed_at = $5,
           leased_until = NULL
         WHERE id = $1 AND attempt_id = $2 AND leased_until = $3 AND status <> 'complete'",
        lease.id,
        lease.attempt,
        lease.until,
        attempt,
        now
    )?;
    Ok(changed > 0)
}

/// Takes a file for a message: complete, not deleted, of this channel or of none yet, this uploader, not yet sent. One statement, so a file
/// cannot go into two messages. Answers whether it was free to take.
pub async fn claim(
    tx: &mut Tx,
    id: AttachmentId,
    message: MessageId,
    channel: ChannelId,
    uploader: Option<MemberId>,
) -> Result<bool> {
    let changed = execute!(
        tx,
        "UPDATE attachments SET message_id = $2, channel_id = $3
         WHERE id = $1 AND (channel_id = $3 OR channel_id IS NULL) AND status = 'complete'
           AND deleted_at IS NULL AND message_id IS NULL AND (uploaded_by = $4 OR (uploaded_by IS NULL AND $4 IS NULL))",
        id,
        message,
        channel,
        uploader
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

/// Takes a file for a message if no other has: it is the one that brought it here. Answers false when it is gone. The row is held
/// until the transaction ends.
pub async fn take(
    tx: &mut Tx,
    organization: OrganizationId,
    id: AttachmentId,
    message: MessageId,
    channel: ChannelId,
) -> Result<bool> {
    let changed = execute!(
        tx,
        "UPDATE attachments SET channel_id = CASE WHEN message_id IS NULL THEN $4 ELSE channel_id END,
           message_id = COALESCE(message_id, $3)
         WHERE organization_id = $1 AND id = $2 AND status = 'complete' AND deleted_at IS NULL",
        organization,
        id,
        message,
        channel
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
    media_type: &str,
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

/// A URL that a message carries.
#[derive(FromRow)]
pub struct UrlRow {
    pub message_id: MessageId,
    pub position: i32,
    pub url: String,
    pub name: Option<String>,
    pub media_type: String,
}

/// The URLs of all messages that are not deleted of a channel, from `first` to `last`, in order.
pub async fn urls_of_messages(
    on: On<'_>,
    channel: ChannelId,
    first: MessageId,
    last: MessageId,
) -> Result<Vec<UrlRow>> {
    fetch_all!(
        on,
        UrlRow,
        "SELECT l.message_id, l.position, l.url, l.name, l.media_type FROM messages m
         JOIN message_attachments l ON l.message_id = m.id
         WHERE m.channel_id = $1 AND m.id >= $2 AND m.id <= $3 AND m.deleted_at IS NULL AND l.url IS NOT NULL
         ORDER BY l.message_id, l.position",
        channel,
        first,
        last
    )
}

/// Has the files of a message found by its words too.
pub async fn note_words(tx: &mut Tx, message: MessageId, body: &str) -> Result<()> {
    execute!(
        tx,
        "UPDATE attachments SET search_text = search_text || $2 WHERE message_id = $1",
        message,
        format!("\n{}", fold(body))
    )?;
    Ok(())
}

#[derive(FromRow)]
pub struct LinkedRow {
    pub linked_message_id: MessageId,
    pub position: i32,
    /// As the message calls it.
    pub linked_name: Option<String>,
    /// Who deleted the file, where somebody did.
    pub deleted_by_name: Option<String>,
    #[sqlx(flatten)]
    pub attachment: AttachmentRow,
}

/// The files, deleted ones too, of all messages that are not deleted of a channel, from `first` to `last`, in order.
pub async fn of_messages(on: On<'_>, channel: ChannelId, first: MessageId, last: MessageId) -> Result<Vec<LinkedRow>> {
    fetch_all!(
        on,
        LinkedRow,
        concat!(
            "SELECT l.message_id AS linked_message_id, l.position, l.name AS linked_name, u.name AS deleted_by_name, ",
            columns!(),
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

/// Whether a message has files that are not deleted.
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

/// The latest sent files of a channel.
pub async fn latest_of_channel(on: On<'_>, channel: ChannelId, limit: i64) -> Result<Vec<AttachmentRow>> {
    fetch_all!(
        on,
        AttachmentRow,
        concat!(
            "SELECT ",
            columns!(),
            " FROM attachments a WHERE a.channel_id = $1 AND a.deleted_at IS NULL AND a.status = 'complete'
               AND a.message_id IS NOT NULL ORDER BY a.uploaded_at DESC, a.id DESC LIMIT $2"
        ),
        channel,
        limit
    )
}

/// Forgets a file that is in no message. Its bytes are gone.
pub async fn forget(on: On<'_>, id: AttachmentId) -> Result<()> {
    execute!(
        on,
        "DELETE FROM attachments WHERE id = $1 AND message_id IS NULL
           AND NOT EXISTS (SELECT 1 FROM share_links s WHERE s.attachment_id = attachments.id)",
        id
    )?;
    Ok(())
}

/// A file that anybody may fetch: sent to a bucket whose files are public, in a message that is not deleted, or its icon.
pub async fn find_public(on: On<'_>, id: AttachmentId) -> Result<Option<AttachmentRow>> {
    fetch_optional!(
        on,
        AttachmentRow,
        concat!(
            "SELECT ",
            columns!(),
            " FROM attachments a WHERE a.id = $1 AND a.status = 'complete' AND a.deleted_at IS NULL AND (
               EXISTS (SELECT 1 FROM message_attachments l JOIN messages m ON m.id = l.message_id
                 JOIN channels c ON c.id = m.channel_id
                 WHERE l.attachment_id = a.id AND m.deleted_at IS NULL
                   AND c.kind = 'bucket' AND c.public_files AND c.deleted_at IS NULL)
               OR EXISTS (SELECT 1 FROM channels c
                 WHERE c.icon_id = a.id AND c.kind = 'bucket' AND c.public_files AND c.deleted_at IS NULL))"
        ),
        id
    )
}

/// Under which its bytes are, where that is not its id.
pub async fn object_key(on: On<'_>, id: AttachmentId) -> Result<Option<String>> {
    let row = fetch_optional!(on, (Option<String>,), "SELECT object_key FROM attachments WHERE id = $1", id)?;
    Ok(row.and_then(|(key,)| key))
}

/// Whether the organisation keeps the place where photos were taken.
pub async fn keeps_location(on: On<'_>, organization: OrganizationId) -> Result<bool> {
    fetch_value!(on, bool, "SELECT keep_photo_location FROM organizations WHERE id = $1", organization)
}

/// Notes that a photo holds no place, unless something is known of it already.
pub async fn note_no_place(on: On<'_>, id: AttachmentId, name: &str) -> Result<()> {
    execute!(on, "UPDATE attachments SET location = $2 WHERE id = $1 AND location IS NULL", id, name)?;
    Ok(())
}

pub async fn set_keeps_location(on: On<'_>, organization: OrganizationId, keep: bool) -> Result<()> {
    execute!(on, "UPDATE organizations SET keep_photo_location = $2 WHERE id = $1", organization, keep)?;
    Ok(())
}
