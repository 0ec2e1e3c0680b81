//! Verification of an uploaded object: it is checked when its upload is completed, and from then on out of reach of its
//! URL.

use std::fs::File;

use metrics::counter;

use super::media_type::MediaType;
use super::model::PreviewState;
use super::photo_location;
use super::service::{discard, subject};
use super::sniff;
use super::store::AttachmentRow;
use super::store::upload::{self, Verified};
use crate::files::staged::Lease;
use crate::files::staged::object::{Frozen, freeze};
use crate::files::uploads::uploader::Uploader;
use crate::files::{media, previews as preview};
use crate::people::audit::model::Action;
use crate::people::audit::service as audit;
use crate::people::audit::service::By;
use crate::platform::byte_size::ByteSize;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::file_types::recognize::{SNIFF_BYTES, Verdict, judge, needs_tracks, with_tracks};
use crate::platform::storage::{Storage, StorageError};
use crate::platform::{Platform, jobs};

pub const UPLOADED: &str = "attache_uploaded_bytes_total";
/// Maximum size of an object that is fetched from a store to find its tracks, in bytes.
const FETCHED_MAX: ByteSize = ByteSize(64_000_000);

/// Checks an uploaded object itself: it exists, has the announced size, and its first bytes match the announced type.
/// Then the bytes are moved to a key without an upload URL. A mismatch fails the attachment and removes the object.
/// Only the holder of the upload's lease may call this: two concurrent calls, with the old URL replayed between them,
/// could move other bytes over the verified ones. The `uploader`, if there is one, must still have permission to upload at
/// the end.
#[tracing::instrument(skip_all, fields(id = %row.id))]
pub async fn verify_and_freeze(
    platform: &Platform,
    row: &AttachmentRow,
    lease: Lease,
    uploader: Option<&Uploader>,
) -> Result<()> {
    if let Frozen::WrongSize(size) = freeze(platform, &row.staged()).await? {
        let reason = format!("expected {} bytes, received {}", row.file_size.0, size);
        return refuse(platform, row, lease, ErrorKind::SizeMismatch, reason).await;
    }
    let start = platform.storage.read_start(&row.key(), SNIFF_BYTES).await?;
    let content_type = match judge(&row.declared_type, row.file_name().extension(), &start) {
        Verdict::Known(content_type) => of_tracks(platform, row, content_type, &start).await?,
        Verdict::Mismatch(seen) => {
            let seen = seen.map_or("something else".to_owned(), |seen| format!("{seen} according to its content"));
            let reason = format!("declared as {}, but it is {seen}", row.declared_type);
            return refuse(platform, row, lease, ErrorKind::TypeMismatch, reason).await;
        }
    };
    if let Some(Err(error)) = uploader.map(|uploader| uploader.check_kind(&content_type)) {
        discard(platform, row).await?;
        upload::set_failed(platform.db.on(), lease, &error.message, None).await?;
        return Err(error);
    }
    let pixels = sniff::pixel_size(&content_type, &start);
    let preview = preview::is_made_for(&content_type).then_some(PreviewState::Pending);
    let animated = sniff::may_move(&content_type, &start);
    let cut = match photo_location::cut(platform, row, &content_type).await {
        Err(error) if error.kind == ErrorKind::UnreadableMedia => {
            discard(platform, row).await?;
            upload::set_failed(platform.db.on(), lease, &error.message, None).await?;
            return Err(error);
        }
        cut => cut?,
    };
    let verified = Verified {
        content_type: &content_type,
        media_type: match row.object_key {
            // Files that passed through the server got their media type on arrival.
            Some(_) => row.media_type,
            None => MediaType::of(&content_type),
        },
        pixels,
        checksum_sha256: cut.checksum.as_deref().or(row.checksum_sha256.as_deref()),
        preview,
        animated,
        location: cut.location,
        now: platform.clock.now(),
    };
    let mut tx = match uploader {
        Some(uploader) => uploader.begin(platform).await?.0,
        None => platform.db.begin().await?,
    };
    let completed = upload::set_complete(tx.on(), lease, &verified).await?;
    if completed {
        let by = uploader.map_or_else(|| By::sender(row.organization_id, row.uploaded_by), Uploader::by);
        audit::record(platform, tx.on(), &by, Action::Uploaded, &subject(row)).await?;
    }
    if completed && preview.is_some() {
        jobs::enqueue(tx.on(), &preview::MakePreview { file: row.id }, row.organization_id.0, verified.now).await?;
    }
    tx.commit().await?;
    if completed {
        counter!(UPLOADED).increment(row.file_size.0);
    }
    platform.job_added.notify_one();
    Ok(())
}

/// Returns the type with its tracks, if the start of the file does not distinguish video from audio.
pub async fn of_tracks(platform: &Platform, row: &AttachmentRow, content_type: String, start: &[u8]) -> Result<String> {
    let is_near = matches!(platform.storage, Storage::LocalDisk(_)) || row.file_size <= FETCHED_MAX;
    // Files that passed through the server were checked before they were stored.
    if row.object_key.is_some() || !is_near || !needs_tracks(&content_type, start) {
        return Ok(content_type);
    }
    let local = platform.storage.local_file(&row.key()).await?;
    let file = File::open(local.path()).map_err(StorageError::from)?;
    let tracks = media::tracks(platform, row.organization_id, file).await.map_err(photo_location::busy)?;
    Ok(tracks.map_or(content_type.clone(), |tracks| with_tracks(&content_type, tracks).to_owned()))
}

async fn refuse(platform: &Platform, row: &AttachmentRow, lease: Lease, kind: ErrorKind, reason: String) -> Result<()> {
    discard(platform, row).await?;
    upload::set_failed(platform.db.on(), lease, &reason, None).await?;
    Err(AppError::new(kind, format!("The file was rejected: {reason}. Choose it again or retry.")))
}
