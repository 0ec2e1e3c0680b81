//! The rules of stored files: who may see them, how they are served, and how all of one is removed.

use std::time::Duration;

use futures::TryStreamExt;

use super::disposition::content_disposition;
use super::file_name::Owner;
use super::media_type::is_inline;
use super::model::{Attachment, Status};
use super::photo_location;
use super::store::{self, AttachmentRow, PlacedRow};
use crate::files::previews as preview;
use crate::ids::{AttachmentId, MessageId, OrganizationId};
use crate::people::audit::service::Subject;
use crate::people::contacts::model::PhoneNumber;
use crate::people::organizations::model::Permission;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::On;
use crate::platform::error::{AppError, Result};
use crate::platform::file_types::OCTET_STREAM;
use crate::platform::storage::{Derived, ObjectKey, StorageError};

/// How long a signed URL of the store works. A file that is shown is asked for again at our own URL.
const URL_LIFETIME: Duration = Duration::from_mins(5);
/// The same for a download. Browsers resume it at the store, so it can be resumed for as long as the URL works. A running download
/// does not end with it.
const DOWNLOAD_URL_LIFETIME: Duration = Duration::from_hours(1);

/// A file that may be served, and how.
pub struct Served {
    pub key: ObjectKey,
    /// Strong: what is stored under a key never changes.
    pub etag: String,
    pub size: u64,
    /// Never one that a browser would run.
    pub content_type: String,
    pub disposition: String,
    /// How long a signed URL of the store works for it.
    pub url_lifetime: Duration,
}

/// The three checks, in order: may this role see files; is the file of this organization; may this member see its contact
/// (or, where it has none, its channel).
pub async fn check_view(platform: &Platform, member: &Member, id: AttachmentId) -> Result<PlacedRow> {
    check_view_on(platform.db.on(), member, id).await
}

/// The same on a connection or in a transaction.
pub async fn check_view_on(on: On<'_>, member: &Member, id: AttachmentId) -> Result<PlacedRow> {
    check_view_in(on, member, id, None).await
}

/// The same, and of several messages that have the file, this one decides its name and contact, where the member sees it.
async fn check_view_in(
    mut on: On<'_>,
    member: &Member,
    id: AttachmentId,
    message: Option<MessageId>,
) -> Result<PlacedRow> {
    member.require(Permission::MessageViewAttachment)?;
    let placed = match place_in(on.again(), member, id, message).await? {
        Some(placed) => placed,
        None => place(on, member, id).await?,
    };
    let row = &placed.attachment;
    if row.deleted_at.is_some() || row.status() != Status::Complete {
        return Err(AppError::not_found("file"));
    }
    Ok(placed)
}

/// What entries of the audit log tell of a file.
pub fn subject(row: &AttachmentRow) -> Subject {
    Subject {
        attachment: Some(row.id),
        message: row.message_id,
        channel: row.channel_id,
        share_link: None,
        file_name: row.file_name.clone(),
        detail: String::new(),
    }
}

/// A file where this member sees it: in its channel, in another one that has it in a message or as its icon, or, not sent yet,
/// as their own.
async fn place(mut on: On<'_>, member: &Member, id: AttachmentId) -> Result<PlacedRow> {
    let found = store::find_placed(on.again(), member, id).await?;
    let refused = if let Some(found) = found {
        match found.access.check() {
            Ok(()) if is_shown(member, &found.placed.attachment) => return Ok(found.placed),
            Ok(()) => AppError::not_found("file"),
            Err(error) => error,
        }
    } else {
        let row = store::find(on.again(), member.organization_id(), id).await?;
        let row = row.ok_or_else(|| AppError::not_found("file"))?;
        let is_own = row.uploaded_by == Some(member.id) && member.only_channel().is_none();
        if row.channel_id.is_none() && is_own {
            return Ok(PlacedRow { attachment: row, first_name: None, phone: None });
        }
        AppError::not_found("file")
    };
    match store::find_elsewhere(on, member, id).await? {
        Some(found) if found.access.check().is_ok() => Ok(found.placed),
        _ => Err(refused),
    }
}

async fn place_in(
    on: On<'_>,
    member: &Member,
    id: AttachmentId,
    message: Option<MessageId>,
) -> Result<Option<PlacedRow>> {
    let Some(message) = message else { return Ok(None) };
    let found = store::find_in_message(on, member, id, message).await?;
    Ok(found.filter(|(found, _)| found.access.check().is_ok()).map(|(found, name)| {
        let mut placed = found.placed;
        placed.attachment.file_name = name.unwrap_or(placed.attachment.file_name);
        placed
    }))
}

/// A file that is not sent yet is its uploader's alone.
fn is_shown(member: &Member, row: &AttachmentRow) -> bool {
    row.message_id.is_some() || row.uploaded_by == Some(member.id)
}

/// One file, for who may see it.
pub async fn find(platform: &Platform, member: &Member, id: AttachmentId) -> Result<Attachment> {
    Ok(check_view(platform, member, id).await?.attachment.into())
}

/// A file to serve, inline or to save, under the name that says whose it is, by the message that it is taken from if that is told;
/// and what the audit log says of it.
pub async fn prepare(
    platform: &Platform,
    member: &Member,
    id: AttachmentId,
    message: Option<MessageId>,
    download: bool,
) -> Result<(Served, Subject)> {
    let PlacedRow { attachment: row, first_name, phone, .. } =
        check_view_in(platform.db.on(), member, id, message).await?;
    let phone_digits = phone.map(|number| PhoneNumber::stored(number).digits()).unwrap_or_default();
    let owner = first_name.filter(|_| download).map(|first_name| Owner { first_name, phone_digits });
    let subject = subject(&row);
    Ok((served(&row, owner.as_ref(), download), subject))
}

/// A file for everybody, and what the audit log says of it.
pub struct PublicFile {
    pub served: Served,
    pub organization: OrganizationId,
    pub subject: Subject,
}

/// A file that anybody may fetch: it is in a message of a bucket whose files are public, or is the icon of one. Asked anew for
/// each request, so that what was turned off is off.
pub async fn prepare_public(platform: &Platform, id: AttachmentId) -> Result<PublicFile> {
    let row = store::find_public(platform.db.on(), id).await?.ok_or_else(|| AppError::not_found("file"))?;
    let (organization, subject) = (row.organization_id, subject(&row));
    Ok(PublicFile { served: served_to_strangers(platform, &row, false).await?, organization, subject })
}

/// A file for whoever was found to have it without an account: without the place of photos, and under the name that it was
/// sent with, for what the organization calls its contact is nobody else's business.
pub async fn served_to_strangers(platform: &Platform, row: &AttachmentRow, download: bool) -> Result<Served> {
    let key = photo_location::key_for_strangers(platform, row).await?;
    let copy = if key == row.key() { "" } else { "-placeless" };
    Ok(Served { etag: format!("\"{}{copy}\"", row.id), key, ..served(row, None, download) })
}

fn served(row: &AttachmentRow, owner: Option<&Owner>, download: bool) -> Served {
    let name = row.file_name().for_download(owner, &row.content_type);
    let inline = is_inline(&row.content_type);
    let is_saved = download || !inline;
    Served {
        key: row.key(),
        etag: format!("\"{}\"", row.id),
        size: u64::try_from(row.file_size).unwrap_or(0),
        disposition: content_disposition(is_saved, &name),
        content_type: if inline { row.content_type.clone() } else { OCTET_STREAM.to_owned() },
        url_lifetime: if is_saved { DOWNLOAD_URL_LIFETIME } else { URL_LIFETIME },
    }
}

/// What is shown in place of a file, for who may see the file.
pub async fn prepare_derived(platform: &Platform, member: &Member, id: AttachmentId, which: Derived) -> Result<Served> {
    let row = check_view(platform, member, id).await?.attachment;
    if let Derived::Page(number) = which {
        preview::ensure_page(platform, &row, number).await?;
    }
    served_preview(platform, id, which).await
}

/// A preview that is stored, for who was found to see the file.
pub async fn served_preview(platform: &Platform, id: AttachmentId, which: Derived) -> Result<Served> {
    let key = ObjectKey::Derived(id.0, which);
    let size = match platform.storage.head(&key).await {
        Ok(info) => info.size,
        Err(StorageError::NotFound) => return Err(AppError::not_found("preview")),
        Err(error) => return Err(error.into()),
    };
    Ok(Served {
        key,
        etag: format!("\"{id}-{which}\""),
        size,
        content_type: preview::CONTENT_TYPE.to_owned(),
        disposition: "inline".to_owned(),
        url_lifetime: URL_LIFETIME,
    })
}

/// Removes all that is stored of a file, and all that was made from it. Done twice it changes nothing.
pub async fn remove_objects(platform: &Platform, id: AttachmentId) -> Result<()> {
    let folder = format!("derived/{id}/");
    let mut derived = platform.storage.list(&folder);
    while let Some(object) = derived.try_next().await? {
        if let Ok(key) = object.key.parse() {
            platform.storage.delete(&key).await?;
        }
    }
    let key = store::object_key(platform.db.on(), id).await?.and_then(|key| key.parse().ok());
    Ok(platform.storage.delete(&key.unwrap_or(ObjectKey::Attachment(id.0))).await?)
}

/// Removes all that a try has left, so that the next one starts from nothing. For the holder of the lease.
pub async fn discard(platform: &Platform, row: &AttachmentRow) -> Result<()> {
    if let Some(id) = &row.multipart_id {
        platform.storage.abort_multipart(&row.key(), id).await?;
    }
    platform.storage.delete(&ObjectKey::Staging(row.id.0, row.attempt_id)).await?;
    remove_objects(platform, row.id).await
}
