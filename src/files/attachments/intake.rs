//! Files that pass through the server: uploads by programs, and files that the server fetches for them. They are
//! streamed to an unnamed file, checked, then stored; a rejected one leaves nothing.

use std::fs::File;
use std::io::{self, Write};
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use tokio::time::{Instant, timeout_at};

use super::file_name::FileName;
use super::media_type::MediaType;
use super::photo_location::busy;
use super::service::discard;
use super::store::{self, AttachmentRow, NewAttachment};
use super::upload_failure::{Failed, Step, noted};
use super::verify::verify_and_freeze;
use crate::files::media;
use crate::files::quotas::reservation::Reservation;
use crate::files::quotas::service as quotas;
use crate::files::requests::visit::Visit;
use crate::files::staged::lease;
use crate::files::uploads::uploader::Uploader;
use crate::ids::{AttachmentId, AttemptId, ChannelId, MemberId, OrganizationId};
use crate::people::audit::service as audit;
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::byte_size::{ByteSize, format_size};
use crate::platform::db::Tx;
use crate::platform::error::{AppError, ErrorKind, Result, quoted};
use crate::platform::file_types::covers;
use crate::platform::file_types::recognize::{SNIFF_BYTES, by_bytes, needs_tracks, with_tracks};
use crate::platform::remote_fetch::FetchError;
use crate::platform::storage::{FiledKey, ObjectKey, StorageError, WriteBuffer};

/// Minimum rate of a body in bytes a second, so that a slow client can't hold a connection forever.
pub const MIN_BYTES_PER_SECOND: u32 = 16_000;

/// A received file that is not stored yet. It has no name on this machine: it disappears when dropped, or in a crash.
pub struct Spooled {
    file: File,
    size: u64,
    start: Vec<u8>,
    /// Held until the file is counted.
    _room: Reservation,
}

/// The caller's description of an incoming file.
#[derive(Debug, Clone, Default)]
pub struct FileDescription {
    /// The unsanitized name. It is made safe here.
    pub name: String,
    /// `None`: detected from the bytes.
    pub media_type: Option<MediaType>,
}

/// Checks that this member may store files through the server. Called before a body is read.
pub fn check_may_store(platform: &Platform, member: &Member) -> Result<()> {
    if !platform.config.attachments.enabled {
        let message = "This server doesn't store files for programs: ATTACHMENTS_ENABLED is off. Ask your \
            administrator.";
        return Err(AppError::new(ErrorKind::AttachmentsDisabled, message));
    }
    member.require(Permission::AttachmentUpload)
}

/// Parses a media type, exactly.
pub fn parse_media_type(field: &str, text: &str) -> Result<MediaType> {
    MediaType::from_name(text).ok_or_else(|| {
        let message =
            format!("{} is not a media type. Use VIDEO, IMAGE, GIF, AUDIO or ICON, or leave it out.", quoted(text));
        AppError::new(ErrorKind::InvalidMediaType, message).on(field)
    })
}

/// Returns the deadline of a body.
fn time_for_body(grace: Duration, limit: u64) -> Duration {
    grace + Duration::from_secs(limit / u64::from(MIN_BYTES_PER_SECOND))
}

/// Receives the bytes, up to `limit` and the deadline.
pub async fn spool<E>(
    platform: &Platform,
    organization: OrganizationId,
    bytes: impl Stream<Item = Result<Bytes, E>>,
    limit: u64,
    refuse: impl Fn(E) -> AppError,
) -> Result<Spooled> {
    noted(platform, Step::Program, Failed::default(), take_in(platform, organization, bytes, limit, refuse).await)
}

async fn take_in<E>(
    platform: &Platform,
    organization: OrganizationId,
    bytes: impl Stream<Item = Result<Bytes, E>>,
    limit: u64,
    refuse: impl Fn(E) -> AppError,
) -> Result<Spooled> {
    let deadline = Instant::now() + time_for_body(platform.config.attachments.body_grace, limit);
    let mut bytes = std::pin::pin!(bytes);
    let mut file = platform.storage.scratch_file().await?;
    let (mut room, gathered) = (Reservation::new(platform, organization), WriteBuffer::reserve());
    let (mut size, mut start, mut buffer) = (0_u64, Vec::new(), Vec::new());
    let most = usize::try_from(SNIFF_BYTES).unwrap_or(usize::MAX);
    loop {
        let next = timeout_at(deadline, bytes.next()).await;
        let Some(chunk) = next.map_err(|_| too_slow())? else { break };
        let chunk = chunk.map_err(&refuse)?;
        size += chunk.len() as u64;
        if size > limit {
            return Err(too_large(limit));
        }
        room.grow(size).await.map_err(|error| error.on("file"))?;
        let missing = most.saturating_sub(start.len()).min(chunk.len());
        start.extend_from_slice(&chunk[..missing]);
        buffer.extend_from_slice(&chunk);
        if buffer.len() >= gathered.size() {
            file = write(file, std::mem::take(&mut buffer)).await?;
        }
    }
    file = write(file, buffer).await?;
    if size == 0 {
        return Err(AppError::invalid("file", "This file is empty. Choose another file."));
    }
    Ok(Spooled { file, size, start, _room: room })
}

async fn write(mut file: File, bytes: Vec<u8>) -> Result<File> {
    let written = tokio::task::spawn_blocking(move || file.write_all(&bytes).map(|()| file)).await;
    Ok(written.map_err(io::Error::other).flatten().map_err(StorageError::from)?)
}

fn too_slow() -> AppError {
    AppError::new(ErrorKind::TooSlow, "The upload timed out. Try again.").on("file")
}

/// Returns the error for a file over the limit, for all ways of upload.
pub fn too_large(limit: u64) -> AppError {
    let message = format!(
        "The file size exceeds the limit of {}. Compress the file, or upload it directly to the storage with a \
         presigned URL.",
        format_size(limit)
    );
    AppError::new(ErrorKind::FileTooLarge, message).on("file")
}

/// Stores a file for a later message; `channel` is the only one that it can be used in. All or nothing: a rejected one
/// leaves neither row nor object.
#[tracing::instrument(skip_all)]
pub async fn store(
    platform: &Platform,
    member: &Member,
    channel: Option<ChannelId>,
    spooled: Spooled,
    description: FileDescription,
) -> Result<AttachmentId> {
    let failed = Failed { size: i64::try_from(spooled.size).ok(), ..Failed::default() };
    noted(platform, Step::Program, failed, keep(platform, member, channel, spooled, description).await)
}

async fn keep(
    platform: &Platform,
    member: &Member,
    channel: Option<ChannelId>,
    spooled: Spooled,
    description: FileDescription,
) -> Result<AttachmentId> {
    check_may_store(platform, member)?;
    let Spooled { file, size, start, _room: room } = spooled;
    let content_type = content_type(platform, member, &file, &start).await?;
    let media_type = judge(platform, content_type, description.media_type)?;
    let (id, attempt_id) = (AttachmentId(platform.clock.new_id()), AttemptId(platform.clock.new_id()));
    let key = FiledKey {
        user: member.user_id.0,
        folder: media_type.name(),
        id: id.0,
        extension: FiledKey::extension_of(content_type),
    };
    let new = NewAttachment {
        id,
        organization: member.organization_id(),
        channel,
        uploaded_by: Some(member.id),
        file_request: None,
        file_name: &FileName::new(&description.name),
        file_size: ByteSize(size),
        declared_type: content_type,
        checksum_sha256: None,
        attempt_id,
        object_key: Some(ObjectKey::Filed(key)),
        media_type: Some(media_type),
        is_icon: description.media_type == Some(MediaType::Icon),
        now: platform.clock.now(),
    };
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    member.require(Permission::AttachmentUpload)?;
    store::insert(tx.on(), new).await?;
    quotas::check(platform, &mut tx, member.organization_id(), size).await.map_err(|error| error.on("file"))?;
    commit(platform, tx, member.organization_id(), id).await?;
    drop(room);
    let row = store::find(platform.db.on(), member.organization_id(), id).await?.ok_or_else(AppError::internal)?;
    if let Err(error) = put(platform, &member.clone().into(), &row, file, size).await {
        undo(platform, &row).await;
        return Err(error);
    }
    Ok(id)
}

/// Stores a file that somebody with the link of a file request sent by a form. Its limits are those of the link, and it is kept as one
/// that was uploaded directly. All or nothing.
pub async fn store_by_link(
    platform: &Platform,
    visit: &Visit,
    spooled: Spooled,
    name: &str,
    declared_type: &str,
) -> Result<AttachmentId> {
    visit.check_announced_kind(declared_type)?;
    let Spooled { file, size, _room: room, .. } = spooled;
    let (id, attempt_id) = (AttachmentId(platform.clock.new_id()), AttemptId(platform.clock.new_id()));
    let new = NewAttachment {
        id,
        organization: visit.request.organization_id,
        channel: Some(visit.request.channel_id),
        uploaded_by: None,
        file_request: Some(visit.request.id),
        file_name: &FileName::new(name),
        file_size: ByteSize(size),
        declared_type,
        checksum_sha256: None,
        attempt_id,
        object_key: None,
        media_type: None,
        is_icon: false,
        now: platform.clock.now(),
    };
    let (mut tx, visit) = visit.begin(platform).await?;
    let uploader = Uploader::from(visit);
    store::insert(tx.on(), new).await?;
    uploader.check_counted(platform, &mut tx, size).await?;
    commit(platform, tx, uploader.organization(), id).await?;
    drop(room);
    let row = store::find(platform.db.on(), uploader.organization(), id).await?.ok_or_else(AppError::internal)?;
    if let Err(error) = put(platform, &uploader, &row, file, size).await {
        undo(platform, &row).await;
        return Err(error);
    }
    Ok(id)
}

/// Detects the type of the bytes. If their start does not distinguish video from audio, a worker reads further.
async fn content_type(platform: &Platform, member: &Member, file: &File, start: &[u8]) -> Result<&'static str> {
    let name = by_bytes(start);
    if !needs_tracks(name, start) {
        return Ok(name);
    }
    let file = file.try_clone().map_err(StorageError::from)?;
    let tracks = media::tracks(platform, member.organization_id(), file).await.map_err(busy)?;
    Ok(tracks.map_or(name, |tracks| with_tracks(name, tracks)))
}

/// Removes stored files whose message was rejected.
pub async fn take_back(platform: &Platform, organization: OrganizationId, ids: &[AttachmentId]) {
    for id in ids {
        match store::find(platform.db.on(), organization, *id).await {
            Ok(Some(row)) if row.message_id.is_none() => undo(platform, &row).await,
            _ => {}
        }
    }
}

/// Commits the row of a new file. If only the response was lost, it is taken back.
async fn commit(platform: &Platform, tx: Tx, organization: OrganizationId, id: AttachmentId) -> Result<()> {
    let committed = tx.commit().await;
    if committed.is_err() {
        take_back(platform, organization, &[id]).await;
    }
    Ok(committed?)
}

async fn put(platform: &Platform, uploader: &Uploader, row: &AttachmentRow, file: File, size: u64) -> Result<()> {
    let staged = row.staged().staging_key();
    platform.storage.put_open_file(&staged, &row.declared_type, file, size).await?;
    let lease = lease::take(platform, &row.staged()).await?.ok_or_else(AppError::internal)?;
    lease::hold(platform, lease, Box::pin(verify_and_freeze(platform, row, lease, Some(uploader)))).await
}

/// A file that can't be removed now looks like an unfinished upload, and is removed with those.
async fn undo(platform: &Platform, row: &AttachmentRow) {
    if let Err(error) = remove(platform, row).await {
        tracing::warn!(%error, file = %row.id, "a rejected file could not be deleted, the clean-up will retry");
    }
}

/// Nobody could see the file, so the audit log doesn't name it.
async fn remove(platform: &Platform, row: &AttachmentRow) -> Result<()> {
    discard(platform, row).await?;
    let mut tx = platform.db.begin().await?;
    if store::forget(tx.on(), row.id).await? {
        audit::take_back(tx.on(), row.organization_id, row.id).await?;
    }
    Ok(tx.commit().await?)
}

/// Checks that files of this type are accepted. Returns their media type.
fn judge(platform: &Platform, content_type: &str, description: Option<MediaType>) -> Result<MediaType> {
    let allowed = &platform.config.attachments.allowed_types;
    if !allowed.iter().any(|entry| covers(entry, content_type)) {
        let message = format!(
            "This file is {content_type}, which is not allowed. Allowed types: {}. Or upload it directly to the \
             storage with a presigned URL.",
            allowed.join(", ")
        );
        return Err(AppError::new(ErrorKind::FileTypeNotAllowed, message).on("file"));
    }
    match description {
        Some(description) if !description.fits(content_type) => {
            let is = MediaType::of(content_type).name();
            let message = format!(
                "This file is {content_type}, so its media type is {is}, not {}. Leave mediaType out.",
                description.name()
            );
            Err(AppError::new(ErrorKind::MediaTypeMismatch, message).on("mediaType"))
        }
        Some(description) => Ok(description),
        None => Ok(MediaType::of(content_type)),
    }
}

/// Fetches a file from another server and stores it. Errors say which URL failed and why.
#[tracing::instrument(skip_all)]
pub async fn fetch(
    platform: &Platform,
    member: &Member,
    channel: Option<ChannelId>,
    url: &str,
    description: FileDescription,
) -> Result<AttachmentId> {
    check_may_store(platform, member)?;
    let refuse = |error: FetchError| refused_fetch(url, &error);
    let begun = platform.remote_fetch.begin(url, platform.config.attachments.max_file_size).await.map_err(refuse);
    let remote = noted(platform, Step::Program, Failed::default(), begun)?;
    let name = if description.name.is_empty() { remote.name.clone() } else { description.name };
    let stored = async {
        let limit = platform.config.attachments.max_file_size;
        let spooled = spool(platform, member.organization_id(), remote.stream(), limit, refuse).await?;
        store(platform, member, channel, spooled, FileDescription { name, media_type: description.media_type }).await
    };
    // The request has a URL and no file.
    stored.await.map_err(|error| if error.field.as_deref() == Some("file") { error.on("url") } else { error })
}

/// Fetches a picture for a preview, within the limits of files that pass through the server, without storing it.
/// Returns it with its type.
pub async fn fetch_picture(
    platform: &Platform,
    organization: OrganizationId,
    url: &str,
) -> Result<(File, &'static str)> {
    let refuse = |error: FetchError| refused_fetch(url, &error);
    let remote = platform.remote_fetch.begin(url, platform.config.attachments.max_file_size).await.map_err(refuse)?;
    let limit = platform.config.attachments.max_file_size;
    let spooled = spool(platform, organization, remote.stream(), limit, refuse).await?;
    let content_type = by_bytes(&spooled.start);
    judge(platform, content_type, Some(MediaType::Image))?;
    Ok((spooled.file, content_type))
}

fn refused_fetch(url: &str, error: &FetchError) -> AppError {
    // The part before an @ may be a password.
    let shown: String =
        url.rsplit('@').next().unwrap_or_default().chars().filter(|c| !c.is_control()).take(200).collect();
    let kind = match error {
        FetchError::TooLarge(limit) => return too_large(*limit).on("url"),
        FetchError::Timeout(_) => ErrorKind::RemoteFetchTimeout,
        FetchError::WrongUrl(_) | FetchError::NotPublic => ErrorKind::InvalidUrl,
        FetchError::TooManyRedirects
        | FetchError::Status(_)
        | FetchError::Unreachable
        | FetchError::UnknownCoding(_)
        | FetchError::Garbled => ErrorKind::RemoteFetchFailed,
    };
    AppError::new(kind, format!("{shown} could not be fetched: {error}. Correct the URL, or send the file itself."))
        .on("url")
}

/// Stores a file of the server itself, immediately complete. `uploader` is `None` for a file of a contact.
pub async fn import(
    platform: &Platform,
    organization: OrganizationId,
    channel: ChannelId,
    uploader: Option<MemberId>,
    name: &str,
    declared_type: &str,
    file: &std::path::Path,
) -> Result<AttachmentId> {
    let unreadable = |error| AppError::unexpected("failed to read a file to import", error);
    let size = tokio::fs::metadata(file).await.map_err(unreadable)?.len();
    let (id, attempt_id) = (AttachmentId(platform.clock.new_id()), AttemptId(platform.clock.new_id()));
    let file_name = FileName::new(name);
    let new = NewAttachment {
        id,
        organization,
        channel: Some(channel),
        uploaded_by: uploader,
        file_request: None,
        file_name: &file_name,
        file_size: ByteSize(size),
        declared_type,
        checksum_sha256: None,
        attempt_id,
        object_key: None,
        media_type: None,
        is_icon: false,
        now: platform.clock.now(),
    };
    store::insert(platform.db.on(), new).await?;
    platform.storage.put_file(&ObjectKey::Staging(id.0, attempt_id.0), declared_type, file).await?;
    let row = store::find(platform.db.on(), organization, id).await?.ok_or_else(AppError::internal)?;
    let lease = lease::take(platform, &row.staged()).await?.ok_or_else(AppError::internal)?;
    lease::hold(platform, lease, Box::pin(verify_and_freeze(platform, &row, lease, None))).await?;
    Ok(id)
}
