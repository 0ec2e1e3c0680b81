//! SQL of attachments. Every change of status is one guarded statement, so that two concurrent ones can't both succeed.

pub mod clean_up;
pub mod judged;
pub mod links;
pub mod remote_previews;
pub mod removal;
mod row;
pub mod unsent;
pub mod upload;

use const_format::concatcp;
use uuid::Uuid;

use super::file_name::FileName;
use super::media_type::{FileKind, MediaType};
use super::model::Status;
use crate::channels::access::{ACCESS_COLUMNS, ACCESS_COLUMNS_OF_FILE, MAIN_PHONE, VISIBLE, Viewer};
use crate::ids::{AttachmentId, AttemptId, ChannelId, FileRequestId, MemberId, MessageId, OrganizationId};
use crate::people::organizations::service::Member;
use crate::platform::byte_size::ByteSize;
use crate::platform::db::{On, Tx, execute, fetch_all, fetch_optional, fetch_value};
use crate::platform::search::fold;
use crate::platform::storage::ObjectKey;
use crate::platform::timestamp::Timestamp;

pub(crate) use row::ATTACHMENT_COLUMNS;
pub use row::{AttachmentRow, LocationState, PlacedRow, VisibleRow};

type Result<T> = std::result::Result<T, sqlx::Error>;

pub struct NewAttachment<'a> {
    pub id: AttachmentId,
    pub organization: OrganizationId,
    /// `None`: a file uploaded in advance, for any channel.
    pub channel: Option<ChannelId>,
    pub uploaded_by: Option<MemberId>,
    /// By whose link it is uploaded, if by one.
    pub file_request: Option<FileRequestId>,
    pub file_name: &'a FileName,
    pub file_size: ByteSize,
    pub declared_type: &'a str,
    /// Base64 of the SHA-256 of the whole file, if given.
    pub checksum_sha256: Option<&'a str>,
    pub attempt_id: AttemptId,
    /// None: the id.
    pub object_key: Option<ObjectKey>,
    /// None: as the declared type says.
    pub media_type: Option<MediaType>,
    /// A program explicitly declared it an `ICON`: it is kept even if no message has it.
    pub is_icon: bool,
    pub now: Timestamp,
}

pub async fn insert(on: On<'_>, new: NewAttachment<'_>) -> Result<()> {
    execute!(
        on,
        "INSERT INTO attachments (id, organization_id, channel_id, uploaded_by, file_name, file_size, declared_type,
           content_type, media_type, kind, status, checksum_sha256, attempt_id, created_at, signed_at, search_text,
           object_key, is_icon, file_request_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, 'uploading', $10, $11, $12, $12, $13, $14, $15, $16)",
        new.id,
        new.organization,
        new.channel,
        new.uploaded_by,
        new.file_name.as_str(),
        new.file_size,
        new.declared_type,
        new.media_type.unwrap_or_else(|| MediaType::of(new.declared_type)),
        FileKind::of(new.declared_type),
        new.checksum_sha256,
        new.attempt_id,
        new.now,
        fold(new.file_name.as_str()),
        new.object_key,
        new.is_icon,
        new.file_request
    )?;
    Ok(())
}

/// Folds the search texts of the next `limit` files. Returns their ids.
pub async fn refold(tx: &mut Tx, after: Uuid, limit: i64) -> Result<Vec<Uuid>> {
    let rows = fetch_all!(
        &mut *tx,
        (Uuid, String, String),
        "SELECT id, file_name, search_text FROM attachments WHERE id > $1 ORDER BY id LIMIT CAST($2 AS BIGINT)",
        after,
        limit
    )?;
    for (id, name, folded) in &rows {
        execute!(
            &mut *tx,
            "UPDATE attachments SET search_text = $2 WHERE id = $1 AND search_text = $3 AND search_text <> $2",
            *id,
            fold(name),
            folded
        )?;
    }
    Ok(rows.into_iter().map(|row| row.0).collect())
}

pub async fn find(on: On<'_>, organization: OrganizationId, id: AttachmentId) -> Result<Option<AttachmentRow>> {
    fetch_optional!(
        on,
        AttachmentRow,
        concatcp!("SELECT ", ATTACHMENT_COLUMNS, " FROM attachments a WHERE a.organization_id = $1 AND a.id = $2"),
        organization,
        id
    )
}

/// Returns whether a file is complete and not deleted.
pub async fn is_available(on: On<'_>, id: AttachmentId) -> Result<bool> {
    let row = fetch_optional!(
        on,
        (i32,),
        "SELECT 1 FROM attachments WHERE id = $1 AND status = 'complete' AND deleted_at IS NULL",
        id
    )?;
    Ok(row.is_some())
}

/// Columns of a [`VisibleRow`]: the file `a` with its channel `c` and contact `co`.
const FOUND_COLUMNS: &str =
    concatcp!("SELECT ", ATTACHMENT_COLUMNS, ", ", ACCESS_COLUMNS, ", co.first_name, ", MAIN_PHONE);

/// Returns a file of the member's organization with its channel and contact, if it has them, in one query, because each
/// download runs it.
pub async fn find_at_home(on: On<'_>, member: &Member, id: AttachmentId) -> Result<Option<VisibleRow>> {
    fetch_optional!(
        on,
        VisibleRow,
        concatcp!(
            "SELECT ",
            ATTACHMENT_COLUMNS,
            ", ",
            ACCESS_COLUMNS_OF_FILE,
            ", co.first_name, ",
            MAIN_PHONE,
            " FROM attachments a
             LEFT JOIN channels c ON c.id = a.channel_id
             LEFT JOIN contacts co ON co.id = c.contact_id
             WHERE a.organization_id = $1 AND a.id = $7"
        ),
        as Viewer::of(member),
        id
    )
}

/// Returns the same file in another channel, by a message that is not deleted or as a bucket's icon, if the member can
/// view that channel.
pub async fn find_elsewhere(on: On<'_>, member: &Member, id: AttachmentId) -> Result<Option<VisibleRow>> {
    fetch_optional!(
        on,
        VisibleRow,
        concatcp!(
            FOUND_COLUMNS,
            " FROM attachments a
             JOIN channels c ON c.id IN (SELECT m.channel_id FROM message_attachments l JOIN messages m ON m.id = l.message_id
                 WHERE l.attachment_id = $7 AND m.deleted_at IS NULL
               UNION SELECT i.id FROM channels i WHERE i.icon_id = $7)
             LEFT JOIN contacts co ON co.id = c.contact_id
             WHERE a.organization_id = $1 AND a.id = $7 AND ",
            VISIBLE,
            " ORDER BY c.id LIMIT 1"
        ),
        as Viewer::of(member),
        id
    )
}

/// Returns the same file as a part of a message that is not deleted, with its name there, if the member can view the
/// message.
pub async fn find_in_message(
    on: On<'_>,
    member: &Member,
    id: AttachmentId,
    message: MessageId,
) -> Result<Option<VisibleRow>> {
    #[derive(sqlx::FromRow)]
    struct LinkedRow {
        #[sqlx(flatten)]
        found: VisibleRow,
        linked_name: Option<String>,
    }
    let linked = fetch_optional!(
        on,
        LinkedRow,
        concatcp!(
            FOUND_COLUMNS,
            ", l.name AS linked_name FROM message_attachments l
             JOIN attachments a ON a.id = l.attachment_id
             JOIN messages m ON m.id = l.message_id
             JOIN channels c ON c.id = m.channel_id
             LEFT JOIN contacts co ON co.id = c.contact_id
             WHERE a.organization_id = $1 AND l.attachment_id = $7 AND l.message_id = $8 AND m.deleted_at IS NULL AND ",
            VISIBLE,
            " LIMIT 1"
        ),
        as Viewer::of(member),
        id,
        message
    )?;
    Ok(linked.map(|LinkedRow { mut found, linked_name }| {
        let name = &mut found.placed.attachment.file_name;
        *name = linked_name.unwrap_or(std::mem::take(name));
        found
    }))
}

/// Returns whether a file was sent to another channel than this one, or is in a message or the icon of one.
pub async fn is_used_elsewhere(on: On<'_>, id: AttachmentId, channel: ChannelId) -> Result<bool> {
    let row = fetch_optional!(
        on,
        (i32,),
        "SELECT 1 FROM attachments a WHERE a.id = $1 AND (a.channel_id <> $2
           OR EXISTS (SELECT 1 FROM message_attachments l JOIN messages m ON m.id = l.message_id
             WHERE l.attachment_id = $1 AND m.channel_id <> $2 AND m.deleted_at IS NULL)
           OR EXISTS (SELECT 1 FROM channels i WHERE i.icon_id = $1 AND i.id <> $2))",
        id,
        channel
    )?;
    Ok(row.is_some())
}

/// Returns a public file: sent to a bucket with public files, in a message that is not deleted, or its icon. Written so
/// that the query always starts at the file: from the buckets, PostgreSQL would scan everything that was ever posted in
/// any of them.
pub async fn find_public(on: On<'_>, id: AttachmentId) -> Result<Option<AttachmentRow>> {
    let row = fetch_optional!(
        on,
        AttachmentRow,
        concatcp!(
            "SELECT ",
            ATTACHMENT_COLUMNS,
            " FROM attachments a WHERE a.id = $1 AND (
               EXISTS (SELECT 1 FROM message_attachments l WHERE l.attachment_id = $1 AND
                 (SELECT m.deleted_at IS NULL AND c.kind = 'bucket' AND c.public_files AND c.deleted_at IS NULL
                  FROM messages m JOIN channels c ON c.id = m.channel_id WHERE m.id = l.message_id))
               OR EXISTS (SELECT 1 FROM channels c
                 WHERE c.icon_id = $1 AND c.kind = 'bucket' AND c.public_files AND c.deleted_at IS NULL))"
        ),
        id
    )?;
    Ok(row.filter(|row| row.status == Status::Complete && row.deleted_at.is_none()))
}

/// Deletes the row of a file that is in no message. Its bytes are gone. Returns whether it was deleted.
pub async fn forget(on: On<'_>, id: AttachmentId) -> Result<bool> {
    let deleted = execute!(
        on,
        "DELETE FROM attachments WHERE id = $1 AND message_id IS NULL
           AND NOT EXISTS (SELECT 1 FROM share_links s WHERE s.attachment_id = attachments.id)",
        id
    )?;
    Ok(deleted > 0)
}

/// Under which its bytes are, where that is not its id.
pub async fn object_key(on: On<'_>, id: AttachmentId) -> Result<Option<ObjectKey>> {
    let row = fetch_optional!(on, (Option<ObjectKey>,), "SELECT object_key FROM attachments WHERE id = $1", id)?;
    Ok(row.and_then(|(key,)| key))
}

/// Returns whether the organization keeps photo locations.
pub async fn keeps_location(on: On<'_>, organization: OrganizationId) -> Result<bool> {
    fetch_value!(on, bool, "SELECT keep_photo_location FROM organizations WHERE id = $1", organization)
}

/// Records that a photo has no location, unless something is known already.
pub async fn note_location(on: On<'_>, id: AttachmentId, found: LocationState) -> Result<()> {
    execute!(on, "UPDATE attachments SET location = $2 WHERE id = $1 AND location IS NULL", id, found)?;
    Ok(())
}

pub async fn set_keeps_location(on: On<'_>, organization: OrganizationId, keep: bool) -> Result<()> {
    execute!(on, "UPDATE organizations SET keep_photo_location = $2 WHERE id = $1", organization, keep)?;
    Ok(())
}
