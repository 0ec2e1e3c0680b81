//! The rules of stored files: who can view them, how they are served, and how they are removed completely.

use std::time::Duration;

use futures::TryStreamExt;
use uuid::Uuid;

use super::disposition::content_disposition;
use super::file_name::Owner;
use super::media_type::is_inline;
use super::model::{Attachment, Status};
use super::photo_location;
use super::store::{self, AttachmentRow, PlacedRow};
use crate::channels::access::Visible;
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

/// Lifetime of a signed URL of the store. Files that are shown are requested at our own URL each time.
const URL_LIFETIME: Duration = Duration::from_mins(5);
/// Lifetime of a download's URL. Browsers resume it at the store, so it can be resumed while the URL is valid. A
/// running download continues after that.
pub(super) const DOWNLOAD_URL_LIFETIME: Duration = Duration::from_hours(1);

/// A file that may be served, and how.
pub struct Served {
    pub key: ObjectKey,
    /// A strong tag: the object under a key never changes.
    pub etag: String,
    pub size: u64,
    /// Never a type that a browser would run.
    pub content_type: String,
    pub disposition: String,
    /// Lifetime of its signed URL of the store.
    pub url_lifetime: Duration,
}

/// Returns a file that this member can view: their role may view files, the file is of their organization, and they can
/// view it in its channel, in another one that has it in a message or as its icon, or, unsent, as their own.
pub async fn find_visible(on: On<'_>, member: &Member, id: AttachmentId) -> Result<Visible<PlacedRow>> {
    find_visible_in(on, member, id, None).await
}

/// Does the same, with the name and contact of this message, if several have the file and the member can view it.
async fn find_visible_in(
    mut on: On<'_>,
    member: &Member,
    id: AttachmentId,
    message: Option<MessageId>,
) -> Result<Visible<PlacedRow>> {
    member.require(Permission::MessageViewAttachment)?;
    let in_message = match message {
        Some(message) => store::find_in_message(on.again(), member, id, message).await?,
        None => None,
    };
    let found = match in_message {
        Some(found) => found.access.admit(found.placed)?,
        None => find_anywhere(on, member, id).await?,
    };
    let row = &found.attachment;
    if row.deleted_at.is_some() || row.status != Status::Complete {
        return Err(AppError::not_found("file"));
    }
    Ok(found)
}

async fn find_anywhere(mut on: On<'_>, member: &Member, id: AttachmentId) -> Result<Visible<PlacedRow>> {
    let home = store::find_at_home(on.again(), member, id).await?.ok_or_else(|| AppError::not_found("file"))?;
    let refused = match home.access.admit(home.placed) {
        Ok(found) if is_shown(member, &found.attachment) => return Ok(found),
        Ok(_) => AppError::not_found("file"),
        Err(error) => error,
    };
    match store::find_elsewhere(on, member, id).await? {
        Some(found) => found.access.admit(found.placed),
        None => Err(refused),
    }
}

/// Returns whether a file is sent, or the member's own: an unsent file is visible to its uploader only, and without a
/// channel not by a token of one bucket.
fn is_shown(member: &Member, row: &AttachmentRow) -> bool {
    let is_own = row.uploaded_by == Some(member.id) && (row.channel_id.is_some() || member.only_channel().is_none());
    row.message_id.is_some() || is_own
}

/// Returns the subject of a file's audit entries.
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

/// Returns a file that the member can view.
pub async fn find(platform: &Platform, member: &Member, id: AttachmentId) -> Result<Attachment> {
    Ok(find_visible(platform.db.on(), member, id).await?.into_inner().attachment.into())
}

/// Returns a file to serve, inline or as a download, under its download name, in the given message, if any; and its
/// audit subject.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn prepare(
    platform: &Platform,
    member: &Member,
    id: AttachmentId,
    message: Option<MessageId>,
    download: bool,
) -> Result<(Served, Subject)> {
    let PlacedRow { attachment: row, first_name, phone } =
        find_visible_in(platform.db.on(), member, id, message).await?.into_inner();
    let phone_digits = phone.map(|number| PhoneNumber::stored(number).digits()).unwrap_or_default();
    let owner = first_name.filter(|_| download).map(|first_name| Owner { first_name, phone_digits });
    let subject = subject(&row);
    Ok((served(&row, owner.as_ref(), download), subject))
}

/// A public file and its audit subject.
pub struct PublicFile {
    pub served: Served,
    pub organization: OrganizationId,
    pub subject: Subject,
}

/// Returns a public file: it is in a message of a bucket with public files, or the icon of one. Each request checks
/// that, so that changes take effect at once.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn prepare_public(platform: &Platform, id: AttachmentId) -> Result<PublicFile> {
    let row = store::find_public(platform.db.on(), id).await?.ok_or_else(|| AppError::not_found("file"))?;
    let (organization, subject) = (row.organization_id, subject(&row));
    Ok(PublicFile { served: served_publicly(platform, &row, false).await?, organization, subject })
}

/// Returns a file for people without an account: without the location of photos, and with the name that it was sent
/// with, because the contact's name is private to the organization.
pub async fn served_publicly(platform: &Platform, row: &AttachmentRow, download: bool) -> Result<Served> {
    let key = photo_location::public_key_of(platform, row).await?;
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
        size: row.file_size.0,
        disposition: content_disposition(is_saved, &name),
        content_type: if inline { row.content_type.clone() } else { OCTET_STREAM.to_owned() },
        url_lifetime: if is_saved { DOWNLOAD_URL_LIFETIME } else { URL_LIFETIME },
    }
}

/// Returns the preview of a file, for members who can view the file.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn prepare_derived(platform: &Platform, member: &Member, id: AttachmentId, which: Derived) -> Result<Served> {
    let file = find_visible(platform.db.on(), member, id).await?;
    if let Derived::Page(number) = which {
        preview::ensure_page(platform, &file.attachment, number).await?;
    }
    served_preview(platform, id, which).await
}

/// Returns a stored preview. The caller has checked permission for the file.
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

/// Removes everything derived from a file, or from a picture on another server. Repeating it changes nothing.
pub async fn remove_derived(platform: &Platform, id: Uuid) -> Result<()> {
    let folder = format!("derived/{id}/");
    let mut derived = platform.storage.list(&folder);
    while let Some(object) = derived.try_next().await? {
        if let Ok(key) = object.key.parse() {
            platform.storage.delete(&key).await?;
        }
    }
    Ok(())
}

/// Removes all objects of a file, and everything derived from it. Repeating it changes nothing.
pub async fn remove_objects(platform: &Platform, id: AttachmentId) -> Result<()> {
    remove_derived(platform, id.0).await?;
    let key = store::object_key(platform.db.on(), id).await?;
    Ok(platform.storage.delete(&key.unwrap_or(ObjectKey::Attachment(id.0))).await?)
}

/// Removes all traces of an attempt, so that the next one starts clean. The caller has the lease.
pub async fn discard(platform: &Platform, row: &AttachmentRow) -> Result<()> {
    if let Some(id) = &row.multipart_id {
        platform.storage.abort_multipart(&row.key(), id).await?;
    }
    platform.storage.delete(&row.staged().staging_key()).await?;
    remove_objects(platform, row.id).await
}
