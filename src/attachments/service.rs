//! The rules of stored files: who may see them, what they are called, what they turn out to be.

use futures::TryStreamExt;

use super::disposition::content_disposition;
use super::file_name::{FileName, Owner};
use super::media_type::{MediaType, OCTET_STREAM, is_inline};
use super::model::{Attachment, AttachmentId, MessageId, PreviewState, Status};
use super::sniff::{self, Verdict};
use super::store::{self, AttachmentRow, Lease, NewAttachment, PlacedRow, Verified};
use super::{photo_location, preview};
use crate::audit::model::Action;
use crate::audit::service::{self as audit, By, Subject};
use crate::channels::access::check_access;
use crate::channels::model::ChannelId;
use crate::channels::service as channels;
use crate::contacts::model::PhoneNumber;
use crate::organizations::model::{MemberId, OrganizationId, Permission};
use crate::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::Tx;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::jobs;
use crate::platform::storage::{Derived, ObjectKey, StorageError};

/// Most files of one message.
pub const FILES_PER_MESSAGE: usize = 100;
/// How many files the panel beside a conversation shows.
const LATEST: i64 = 30;

/// A file that may be served, and how.
pub struct Served {
    pub key: ObjectKey,
    /// Strong: what is stored under a key never changes.
    pub etag: String,
    pub size: u64,
    /// Never one that a browser would run.
    pub content_type: String,
    pub disposition: String,
}

/// The three checks, in order: may this role see files; is the file of this organisation; may this member see its contact
/// (or, where it has none, its channel).
pub async fn check_view(platform: &Platform, member: &Member, id: AttachmentId) -> Result<PlacedRow> {
    member.require(Permission::MessageViewAttachment)?;
    let placed = place(platform, member, id).await?;
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
    }
}

/// A file where this member sees it: in its channel, in another one that has it in a message or as its icon, or, not sent yet,
/// as their own.
async fn place(platform: &Platform, member: &Member, id: AttachmentId) -> Result<PlacedRow> {
    let found = store::find_placed(platform.db.on(), member, id).await?;
    let refused = if let Some(found) = found {
        match check_access(member, &found.access) {
            Ok(()) if is_shown(member, &found.placed.attachment) => return Ok(found.placed),
            Ok(()) => AppError::not_found("file"),
            Err(error) => error,
        }
    } else {
        let row = store::find(platform.db.on(), member.organization_id(), id).await?;
        let row = row.ok_or_else(|| AppError::not_found("file"))?;
        let is_own = row.uploaded_by == Some(member.id) && member.only_channel().is_none();
        if row.channel_id.is_none() && is_own {
            return Ok(PlacedRow { attachment: row, first_name: None, phone: None });
        }
        AppError::not_found("file")
    };
    match store::find_elsewhere(platform.db.on(), member, id).await? {
        Some(found) if check_access(member, &found.access).is_ok() => Ok(found.placed),
        _ => Err(refused),
    }
}

/// A file that is not sent yet is its uploader's alone.
fn is_shown(member: &Member, row: &AttachmentRow) -> bool {
    row.message_id.is_some() || row.uploaded_by == Some(member.id)
}

/// One file, for who may see it.
pub async fn find(platform: &Platform, member: &Member, id: AttachmentId) -> Result<Attachment> {
    Ok(check_view(platform, member, id).await?.attachment.into())
}

/// A file to serve, inline or to save, under the name that says whose it is; and what the audit log says of it.
pub async fn prepare(
    platform: &Platform,
    member: &Member,
    id: AttachmentId,
    download: bool,
) -> Result<(Served, Subject)> {
    let PlacedRow { attachment: row, first_name, phone, .. } = check_view(platform, member, id).await?;
    let phone_digits = phone.map(|number| PhoneNumber::stored(number).digits()).unwrap_or_default();
    let owner = first_name.filter(|_| download).map(|first_name| Owner { first_name, phone_digits });
    let subject = subject(&row);
    Ok((served(row, owner.as_ref(), download), subject))
}

/// A file that anybody may fetch: it is in a message of a bucket whose files are public, or is the icon of one. Asked anew for
/// each request, so that what was turned off is off.
pub async fn prepare_public(platform: &Platform, id: AttachmentId, download: bool) -> Result<Served> {
    let row = store::find_public(platform.db.on(), id).await?.ok_or_else(|| AppError::not_found("file"))?;
    // Where a photo was taken is not told to strangers.
    let key = photo_location::key_for_strangers(platform, &row).await?;
    let copy = if key == row.key() { "" } else { "-placeless" };
    Ok(Served { etag: format!("\"{id}{copy}\""), key, ..served(row, None, download) })
}

fn served(row: AttachmentRow, owner: Option<&Owner>, download: bool) -> Served {
    let name = row.file_name().for_download(owner, &row.content_type);
    let inline = is_inline(&row.content_type);
    Served {
        key: row.key(),
        etag: format!("\"{}\"", row.id),
        size: u64::try_from(row.file_size).unwrap_or(0),
        disposition: content_disposition(download || !inline, &name),
        content_type: if inline { row.content_type } else { OCTET_STREAM.to_owned() },
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
    })
}

/// Looks at an uploaded object itself: it is there, has the announced size, and its first bytes agree with the announced
/// type. Then the bytes are moved to where no upload URL reaches. A mismatch fails the attachment and removes the object.
/// Only the holder of the upload's lease may call this: two at once, with the old URL replayed between them, could move
/// other bytes over what was verified.
pub async fn verify_and_freeze(platform: &Platform, row: &AttachmentRow, lease: Lease) -> Result<()> {
    let (staged, key) = (ObjectKey::Staging(row.id.0, row.attempt_id), row.key());
    let found = look(platform, row, &staged, &key).await?;
    if i64::try_from(found.size) != Ok(row.file_size) {
        let reason = format!("{} bytes were announced, {} came", row.file_size, found.size);
        return refuse(platform, row, lease, ErrorKind::SizeMismatch, reason).await;
    }
    if let Some(version) = &found.staged {
        platform.storage.promote(&staged, &key, version).await?;
    }
    let start = platform.storage.read_start(&key, sniff::SNIFF_BYTES).await?;
    let content_type = match sniff::judge(&row.declared_type, &start) {
        Verdict::Known(content_type) => content_type,
        Verdict::Mismatch(seen) => {
            let seen = seen.map_or("something else".to_owned(), |seen| format!("{seen} by its first bytes"));
            let reason = format!("announced as {}, it is {seen}", row.declared_type);
            return refuse(platform, row, lease, ErrorKind::TypeMismatch, reason).await;
        }
    };
    let pixels = sniff::pixel_size(&content_type, &start);
    let preview = preview::is_made_for(&content_type).then_some(PreviewState::Pending);
    let animated = sniff::may_move(&content_type, &start);
    let cut = photo_location::cut(platform, row, &content_type).await?;
    let verified = Verified {
        content_type: &content_type,
        media_type: match row.object_key {
            // What the server takes in is named when it is taken.
            Some(_) => MediaType::from_name(&row.media_type).unwrap_or(MediaType::Icon),
            None => MediaType::of(&content_type),
        },
        pixels,
        checksum_sha256: cut.checksum.as_deref().or(row.checksum_sha256.as_deref()),
        preview,
        animated,
        location: cut.location,
        now: platform.clock.now(),
    };
    let mut tx = platform.db.begin().await?;
    let completed = store::set_complete(tx.on(), lease, &verified).await?;
    if completed {
        let by = By::sender(row.organization_id, row.uploaded_by);
        audit::record(platform, tx.on(), &by, Action::Uploaded, &subject(row)).await?;
    }
    if completed && preview.is_some() {
        jobs::enqueue(tx.on(), preview::JOB, row.id.0, verified.now).await?;
    }
    tx.commit().await?;
    platform.job_added.notify_one();
    Ok(())
}

struct Found {
    size: u64,
    /// The version of the staged object; none when it was moved already.
    staged: Option<String>,
}

async fn look(platform: &Platform, row: &AttachmentRow, staged: &ObjectKey, key: &ObjectKey) -> Result<Found> {
    // What came in parts was joined under its final key: nothing staged may take its place.
    if row.multipart_id.is_none() {
        match platform.storage.head(staged).await {
            Ok(info) => return Ok(Found { size: info.size, staged: Some(info.version) }),
            Err(StorageError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    match platform.storage.head(key).await {
        // Moved by a call that was cut off before it could write so down.
        Ok(info) => Ok(Found { size: info.size, staged: None }),
        Err(StorageError::NotFound) => Err(AppError::new(
            ErrorKind::ObjectMissing,
            "Nothing was uploaded yet. PUT the file to its upload URL first, then complete it.",
        )),
        Err(error) => Err(error.into()),
    }
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

async fn refuse(platform: &Platform, row: &AttachmentRow, lease: Lease, kind: ErrorKind, reason: String) -> Result<()> {
    discard(platform, row).await?;
    store::set_failed(platform.db.on(), lease, &reason).await?;
    Err(AppError::new(kind, format!("The file was refused: {reason}. Pick it again or retry.")))
}

/// Takes files for a message, in order, inside its transaction. All or none; the error names what is wrong. `body` is what
/// the message says: its files are found by it.
pub async fn link_to_message(
    tx: &mut Tx,
    organization: OrganizationId,
    uploader: Option<MemberId>,
    channel: ChannelId,
    message: MessageId,
    body: &str,
    ids: &[AttachmentId],
) -> Result<()> {
    if ids.len() > FILES_PER_MESSAGE {
        return Err(AppError::invalid(
            "attachmentIds",
            format!("A message takes at most {FILES_PER_MESSAGE} files. Send the rest in another."),
        ));
    }
    for (position, id) in (0_i32..).zip(ids) {
        // First the tenant, then the claim: both inside the transaction.
        let row = store::find(tx.on(), organization, *id).await?;
        let claimed = row.is_some() && store::claim(&mut *tx, *id, message, channel, uploader).await?;
        if !claimed {
            return Err(why_not(row, *id, uploader, channel));
        }
        store::link(&mut *tx, message, position, *id).await?;
    }
    if !ids.is_empty() && !body.is_empty() {
        store::note_words(tx, message, body).await?;
    }
    Ok(())
}

fn why_not(row: Option<AttachmentRow>, id: AttachmentId, uploader: Option<MemberId>, channel: ChannelId) -> AppError {
    let visible =
        row.filter(|row| row.uploaded_by == uploader && row.channel_id == Some(channel) && row.deleted_at.is_none());
    let Some(row) = visible else {
        let message = format!("There is no file {id} of yours in this channel. Upload it here first.");
        return AppError::new(ErrorKind::NotFound, message).on("attachmentIds");
    };
    let (kind, message) = if row.status() == Status::Complete {
        (ErrorKind::AttachmentAlreadySent, format!("The file {id} was sent already. Upload it again to send it again."))
    } else {
        let state = row.status;
        (
            ErrorKind::AttachmentNotComplete,
            format!("The file {id} is {state}, not complete. Complete or retry it, or send without it."),
        )
    };
    AppError::new(kind, message).on("attachmentIds")
}

/// The latest files of a channel, for the panel beside it.
pub async fn latest(platform: &Platform, member: &Member, channel: ChannelId) -> Result<Vec<Attachment>> {
    member.require(Permission::MessageViewAttachment)?;
    channels::find(platform, member, channel).await?;
    let rows = store::latest_of_channel(platform.db.on(), channel, LATEST).await?;
    Ok(rows.into_iter().map(Attachment::from).collect())
}

/// Stores a file that the server itself has, complete at once. `uploader` is none for what a contact sent.
pub async fn import(
    platform: &Platform,
    organization: OrganizationId,
    channel: ChannelId,
    uploader: Option<MemberId>,
    name: &str,
    declared_type: &str,
    file: &std::path::Path,
) -> Result<AttachmentId> {
    let unreadable = |error| AppError::unexpected("a file to import cannot be read", error);
    let size = tokio::fs::metadata(file).await.map_err(unreadable)?.len();
    let (id, attempt_id) = (AttachmentId(platform.clock.new_id()), platform.clock.new_id());
    let file_name = FileName::new(name);
    let new = NewAttachment {
        id,
        organization,
        channel: Some(channel),
        uploaded_by: uploader,
        file_name: &file_name,
        file_size: i64::try_from(size).unwrap_or(i64::MAX),
        declared_type,
        checksum_sha256: None,
        attempt_id,
        object_key: None,
        media_type: None,
        now: platform.clock.now(),
    };
    store::insert(platform.db.on(), new).await?;
    platform.storage.put_file(&ObjectKey::Staging(id.0, attempt_id), declared_type, file).await?;
    let row = store::find(platform.db.on(), organization, id).await?.ok_or_else(AppError::internal)?;
    let lease = store::lease(platform.db.on(), &row, platform.clock.now()).await?.ok_or_else(AppError::internal)?;
    verify_and_freeze(platform, &row, lease).await?;
    Ok(id)
}
