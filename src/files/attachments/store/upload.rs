//! SQL of unfinished uploads: each step, guarded by the lease.

use std::time::Duration;

use super::{LocationState, Result};
use crate::files::attachments::media_type::{FileKind, MediaType};
use crate::files::attachments::model::PreviewState;
use crate::files::attachments::store::judged::DETECTION_VERSION;
use crate::files::staged::Lease;
use crate::ids::{AttachmentId, AttemptId};
use crate::platform::byte_size::ByteSize;
use crate::platform::db::{On, execute, fetch_optional};
use crate::platform::timestamp::Timestamp;

/// The size of the whole file, while it comes in these parts: for signed URLs.
pub async fn expects_parts(on: On<'_>, id: AttachmentId, multipart: &str) -> Result<Option<ByteSize>> {
    let row = fetch_optional!(
        on,
        (ByteSize,),
        "SELECT file_size FROM attachments WHERE id = $1 AND multipart_id = $2 AND status = 'uploading'",
        id,
        multipart
    )?;
    Ok(row.map(|(size,)| size))
}

/// Changes the upload to one in parts, and releases the lease. Returns whether this call did it.
pub async fn begin_parts(on: On<'_>, lease: Lease, multipart: &str) -> Result<bool> {
    let changed = execute!(
        on,
        "UPDATE attachments SET multipart_id = $4, leased_until = NULL
         WHERE id = $1 AND attempt_id = $2 AND lease_id = $3 AND leased_until IS NOT NULL AND status = 'uploading'",
        lease.id,
        lease.attempt,
        lease.holder,
        multipart
    )?;
    Ok(changed > 0)
}

/// Records that the upload is active, at most once a minute, because it is called with every part.
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

pub struct Verified<'a> {
    pub content_type: &'a str,
    pub media_type: MediaType,
    pub pixels: Option<(i32, i32)>,
    pub checksum_sha256: Option<&'a str>,
    /// State of its preview; `None` for types without one.
    pub preview: Option<PreviewState>,
    pub animated: bool,
    /// See [`super::photo_location`].
    pub location: Option<LocationState>,
    pub now: Timestamp,
}

/// Changes `uploading → complete`. Returns whether this call did it: not if the lease has expired and somebody else has
/// it.
pub async fn set_complete(on: On<'_>, lease: Lease, verified: &Verified<'_>) -> Result<bool> {
    let changed = execute!(
        on,
        "UPDATE attachments SET status = 'complete', content_type = $4, media_type = $5, width = $6, height = $7,
           uploaded_at = $8, checksum_sha256 = $9, preview = $10, animated = $11, location = $12, kind = $13,
           judged = $14,
           failure_reason = NULL, leased_until = NULL
         WHERE id = $1 AND attempt_id = $2 AND lease_id = $3 AND leased_until IS NOT NULL AND status = 'uploading'",
        lease.id,
        lease.attempt,
        lease.holder,
        verified.content_type,
        verified.media_type.name(),
        verified.pixels.map(|(width, _)| width),
        verified.pixels.map(|(_, height)| height),
        verified.now,
        verified.checksum_sha256,
        verified.preview.map(PreviewState::name),
        verified.animated,
        verified.location,
        FileKind::of(verified.content_type).name(),
        DETECTION_VERSION
    )?;
    Ok(changed > 0)
}

/// Changes `uploading → failed`; a failed upload keeps its first reason. `parts` is the upload in parts that a retry
/// can continue. Returns whether the lease was still held.
pub async fn set_failed(on: On<'_>, lease: Lease, reason: &str, parts: Option<&str>) -> Result<bool> {
    let changed = execute!(
        on,
        "UPDATE attachments SET status = 'failed', failure_reason = COALESCE(failure_reason, $4), leased_until = NULL,
           multipart_id = $5
         WHERE id = $1 AND attempt_id = $2 AND lease_id = $3 AND leased_until IS NOT NULL AND status <> 'complete'",
        lease.id,
        lease.attempt,
        lease.holder,
        reason,
        parts
    )?;
    Ok(changed > 0)
}

/// Changes `failed → uploading`, or gives a slow upload a new URL. Each attempt has its own staging key; `parts` is the
/// upload in parts that continues. Returns whether this call did it.
pub async fn set_uploading(
    on: On<'_>,
    lease: Lease,
    attempt: AttemptId,
    parts: Option<&str>,
    now: Timestamp,
) -> Result<bool> {
    let changed = execute!(
        on,
        "UPDATE attachments SET status = 'uploading', failure_reason = NULL, attempt_id = $4, multipart_id = $5, signed_at = $6,
           leased_until = NULL
         WHERE id = $1 AND attempt_id = $2 AND lease_id = $3 AND leased_until IS NOT NULL AND status <> 'complete'",
        lease.id,
        lease.attempt,
        lease.holder,
        attempt,
        parts,
        now
    )?;
    Ok(changed > 0)
}
