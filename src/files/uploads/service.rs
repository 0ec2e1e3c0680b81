//! The rules of `complete`, `fail` and `retry`.

use std::time::Duration;

use tokio::time::timeout;
use tracing::Instrument;

use super::model::{Failure, PresignedUpload};
use super::multipart;
use super::presign::sign;
use super::uploader::Uploader;
use crate::files::attachments::model::{Attachment, Status};
use crate::files::attachments::service::discard;
use crate::files::attachments::store::{AttachmentRow, upload};
use crate::files::attachments::upload_failure::{Failed, Reason, Step, note, noted};
use crate::files::attachments::verify::verify_and_freeze;
use crate::files::staged::object::{object_missing, terms};
use crate::files::staged::{Lease, Owner, lease};
use crate::ids::{AttachmentId, AttemptId};
use crate::platform::Platform;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::storage::StorageError;
use crate::platform::wait_queue::WorkGuard;

/// Maximum length of a failure's reason, in characters.
const REASON_MAX: usize = 300;
/// Timeout of a check, including joining or copying the object: 5 TB are joined, and 5 GB copied, in less.
const VERIFY_TIMEOUT: Duration = Duration::from_mins(15);

/// What the log says of an upload.
fn failed(row: &AttachmentRow) -> Failed {
    Failed { size: i64::try_from(row.file_size.0).ok(), ..Failed::of(row.id.0, row.attempt_id.0) }
}

fn took_too_long() -> AppError {
    StorageError::failed("checking an upload timed out").into()
}

pub fn wrong_state(row: &AttachmentRow, wanted: &str) -> AppError {
    let state = row.status;
    AppError::new(ErrorKind::InvalidTransition, format!("This upload is {state}, so it cannot become {wanted}."))
}

/// Returns an upload of this uploader with its lease, once no other request has it; without the lease, if it is in none of
/// the states `from` by then. The caller has checked that it is their own.
pub async fn leased<'p>(
    platform: &'p Platform,
    uploader: &Uploader,
    id: AttachmentId,
    from: &[Status],
) -> Result<(AttachmentRow, Option<(Lease, WorkGuard<'p>)>)> {
    let read = || async {
        let row = uploader.current(platform, id).await?;
        let staged = from.contains(&row.status).then(|| row.staged());
        Ok((row, staged))
    };
    lease::wait(platform, Owner::Attachments, read).await
}

/// Changes `uploading → complete`, after a check of the object itself. Repeating it on a complete one changes nothing;
/// two concurrent calls both return the result of one.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn complete(platform: &Platform, uploader: &Uploader, id: AttachmentId) -> Result<Attachment> {
    uploader.own(platform, id).await?;
    uploader.require_upload()?;
    let (mut row, lease) = leased(platform, uploader, id, &[Status::Uploading]).await?;
    if let Some((lease, turn)) = lease {
        drop(turn);
        let (worker, by) = (platform.clone(), uploader.clone());
        // The store may take longer than the client or a proxy waits: the next request then finds the result.
        let failed = failed(&row);
        let work = async move {
            let _turn = worker.wait_queue.begin();
            let checking = async {
                multipart::join(&worker, &mut row).await?;
                match verify_and_freeze(&worker, &row, lease, Some(&by)).await {
                    // To the client, "not found" would mean that the upload itself is gone, or its link has ended.
                    Err(error) if error.kind == ErrorKind::NotFound => {
                        by.check_link(&worker).await?;
                        Err(object_missing(Owner::Attachments))
                    }
                    verified => verified,
                }
            };
            let checking = async { timeout(VERIFY_TIMEOUT, checking).await.unwrap_or_else(|_| Err(took_too_long())) };
            noted(&worker, Step::Complete, failed, lease::hold(&worker, lease, Box::pin(checking)).await)
        };
        let checked = tokio::spawn(work.in_current_span()).await;
        checked.map_err(|error| AppError::unexpected("failed to check an upload", error))??;
    }
    let row = uploader.current(platform, id).await?;
    match row.status {
        Status::Complete => Ok(row.into()),
        Status::Failed => Err(wrong_state(&row, "complete. Retry it first")),
        Status::Uploading => Err(wrong_state(&row, "complete: it was retried in the meantime")),
    }
}

/// Changes `uploading → failed`, and removes the bytes. Repeating it on a failed one changes nothing.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn fail(platform: &Platform, uploader: &Uploader, id: AttachmentId, failure: Failure) -> Result<Attachment> {
    uploader.own(platform, id).await?;
    let (row, lease) = leased(platform, uploader, id, &[Status::Uploading, Status::Failed]).await?;
    if let Some((lease, _turn)) = lease {
        if row.status == Status::Uploading {
            let reason = Reason { kind: failure.kind, status: None, store_code: failure.store_code.as_deref() };
            note(platform, Step::Client, failed(&row), reason);
        }
        let reason: String = failure.reason.chars().filter(|c| !c.is_control()).take(REASON_MAX).collect();
        lease::hold(
            platform,
            lease,
            Box::pin(async {
                discard(platform, &row).await?;
                Ok(upload::set_failed(platform.db.on(), lease, reason.trim(), None).await?)
            }),
        )
        .await?;
    }
    let row = uploader.current(platform, id).await?;
    match row.status {
        Status::Failed => Ok(row.into()),
        _ => Err(wrong_state(&row, "failed")),
    }
}

/// Changes `failed → uploading`, with a new URL. Also for a slow upload whose URL has expired. Stored parts of a failed
/// one are kept, and then there is no URL for one PUT; otherwise it starts from the beginning.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn retry(
    platform: &Platform,
    uploader: &Uploader,
    base_url: &str,
    id: AttachmentId,
) -> Result<PresignedUpload> {
    let failed = Failed { attachment: Some(id.0), ..Failed::default() };
    noted(platform, Step::Presign, failed, sign_anew(platform, uploader, base_url, id).await)
}

async fn sign_anew(
    platform: &Platform,
    uploader: &Uploader,
    base_url: &str,
    id: AttachmentId,
) -> Result<PresignedUpload> {
    uploader.own(platform, id).await?;
    uploader.require_upload()?;
    let (row, lease) = leased(platform, uploader, id, &[Status::Uploading, Status::Failed]).await?;
    let Some((lease, _turn)) = lease else { return Err(wrong_state(&row, "uploading again")) };
    let size = row.file_size.0;
    let (attempt, parts) = lease::hold(
        platform,
        lease,
        Box::pin(async {
            let parts = kept_parts(platform, &row).await?;
            let attempt = restart(platform, uploader, &row, lease, size, parts).await?;
            Ok((attempt.ok_or_else(|| wrong_state(&row, "uploading again"))?, parts))
        }),
    )
    .await?;
    let goes_on = parts.is_some();
    tracing::info!(attachment = %id, %attempt, before = %row.attempt_id, goes_on, "upload retried");
    let terms = terms(platform, size, row.declared_type, row.checksum_sha256);
    let signed = sign(platform, base_url, id, attempt, terms).await?;
    Ok(PresignedUpload { upload_url: signed.upload_url.filter(|_| !goes_on), ..signed })
}

/// Returns the upload in parts that a failed one continues. `None` if the storage has ended it.
async fn kept_parts<'r>(platform: &Platform, row: &'r AttachmentRow) -> Result<Option<&'r str>> {
    let (Status::Failed, Some(parts)) = (row.status, row.multipart_id.as_deref()) else { return Ok(None) };
    match platform.storage.list_parts(&row.key(), parts).await {
        Err(StorageError::NotFound) => Ok(None),
        listed => Ok(listed.map(|_| Some(parts))?),
    }
}

/// Counts the file again, because failed uploads don't count, and begins a new attempt, with `parts` or from the
/// beginning.
async fn restart(
    platform: &Platform,
    uploader: &Uploader,
    row: &AttachmentRow,
    lease: Lease,
    size: u64,
    parts: Option<&str>,
) -> Result<Option<AttemptId>> {
    if parts.is_none() {
        discard(platform, row).await?;
    }
    let attempt = AttemptId(platform.clock.new_id());
    let (mut tx, uploader) = uploader.begin(platform).await?;
    if !upload::set_uploading(tx.on(), lease, attempt, parts, platform.clock.now()).await? {
        return Ok(None);
    }
    if row.status == Status::Failed {
        uploader.check_counted(platform, &mut tx, size).await?;
    }
    tx.commit().await?;
    Ok(Some(attempt))
}
