//! Uploads in parts: begun by the first requested part, joined by `complete`, ended by `fail`.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::model::{MultipartPlan, PartRequest, PresignedPart, PresignedParts, UploadedPart, UploadedParts};
use super::presign::{absolute, check_checksum};
use super::service::{leased, wrong_state};
use super::uploader::Uploader;
use crate::files::attachments::model::Status;
use crate::files::attachments::store::{AttachmentRow, upload};
use crate::files::attachments::upload_failure::{Failed, Step, noted};
use crate::files::staged::lease;
use crate::files::staged::object::terms;
use crate::ids::AttachmentId;
use crate::platform::Platform;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::storage::{ObjectKey, StorageError, StoredPart};

/// Maximum number of URLs per request.
const PARTS_PER_REQUEST: usize = 100;
/// Maximum number of missing parts that an error names.
const MAX_NAMED_PARTS: usize = 10;

/// Signs a URL for each of these parts.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn presign_parts(
    platform: &Platform,
    uploader: &Uploader,
    base_url: &str,
    id: AttachmentId,
    wanted: &[PartRequest],
) -> Result<PresignedParts> {
    let failed = Failed { attachment: Some(id.0), ..Failed::default() };
    noted(platform, Step::Presign, failed, sign_parts(platform, uploader, base_url, id, wanted).await)
}

async fn sign_parts(
    platform: &Platform,
    uploader: &Uploader,
    base_url: &str,
    id: AttachmentId,
    wanted: &[PartRequest],
) -> Result<PresignedParts> {
    let row = uploader.own(platform, id).await?;
    uploader.require_upload()?;
    let size = row.file_size.0;
    let plan = MultipartPlan::of(size);
    check_parts(plan, wanted)?;
    let (key, upload) = (ObjectKey::Attachment(id.0), begun(platform, uploader, row).await?);
    upload::note_signed(platform.db.on(), id, platform.clock.now()).await?;
    let mut parts = Vec::with_capacity(wanted.len());
    let mut expires_at = platform.clock.now();
    for PartRequest { part_number, checksum_sha256 } in wanted {
        let size = plan.size_of(*part_number, size);
        let terms = terms(platform, size, String::new(), Some(checksum_sha256.clone()));
        let signed = platform.storage.presign_part(&key, &upload, *part_number, &terms).await?;
        expires_at = signed.expires_at;
        parts.push(PresignedPart {
            part_number: *part_number,
            size,
            upload_url: absolute(base_url, signed.url),
            method: "PUT".to_owned(),
            headers: signed.headers.into_iter().collect(),
        });
    }
    Ok(PresignedParts { parts, expires_at })
}

fn check_parts(plan: MultipartPlan, wanted: &[PartRequest]) -> Result<()> {
    if wanted.is_empty() || wanted.len() > PARTS_PER_REQUEST {
        return Err(AppError::invalid("parts", format!("Request 1 to {PARTS_PER_REQUEST} parts at a time.")));
    }
    for part in wanted {
        if part.part_number == 0 || part.part_number > plan.part_count {
            let message = format!("This file has parts 1 to {}, not {}.", plan.part_count, part.part_number);
            return Err(AppError::invalid("partNumber", message));
        }
        check_checksum("checksumSha256", &part.checksum_sha256)?;
    }
    Ok(())
}

/// Returns the storage's id for the upload, which the first request begins.
async fn begun(platform: &Platform, uploader: &Uploader, row: AttachmentRow) -> Result<String> {
    if let (Status::Uploading, Some(upload)) = (row.status, row.multipart_id) {
        return Ok(upload);
    }
    let (row, lease) = leased(platform, uploader, row.id, &[Status::Uploading]).await?;
    let Some((lease, _turn)) = lease else { return Err(wrong_state(&row, "sent in parts. Retry it first")) };
    lease::hold(
        platform,
        lease,
        Box::pin(async {
            // Another request began it while this one waited.
            if let Some(upload) = row.multipart_id {
                return Ok(upload);
            }
            let key = ObjectKey::Attachment(row.id.0);
            let upload = platform.storage.create_multipart(&key, platform.clock.new_id(), &row.declared_type).await?;
            if upload::begin_parts(platform.db.on(), lease, &upload).await? {
                return Ok(upload);
            }
            platform.storage.abort_multipart(&key, &upload).await?;
            Err(AppError::conflict("This upload was changed. Try again."))
        }),
    )
    .await
}

/// Lists what has arrived, so that only the rest is sent.
pub async fn list(platform: &Platform, uploader: &Uploader, id: AttachmentId) -> Result<UploadedParts> {
    let row = uploader.own(platform, id).await?;
    if row.status != Status::Uploading {
        return Err(wrong_state(&row, "continued"));
    }
    let stored = match &row.multipart_id {
        Some(upload) => match platform.storage.list_parts(&ObjectKey::Attachment(id.0), upload).await {
            Err(StorageError::NotFound) => {
                let message = "The storage no longer has the parts of this upload. If all parts had arrived, complete it; \
                     otherwise retry it.";
                return Err(AppError::new(ErrorKind::InvalidTransition, message));
            }
            listed => listed?,
        },
        None => Vec::new(),
    };
    let part = |part: StoredPart| UploadedPart {
        part_number: part.number,
        size: part.size,
        etag: part.etag,
        checksum_sha256: part.checksum,
    };
    Ok(UploadedParts { plan: MultipartPlan::of(row.file_size.0), parts: stored.into_iter().map(part).collect() })
}

/// Joins the parts under the final key, and stores the checksum. Does nothing after one PUT. The caller has the
/// lease.
#[tracing::instrument(skip_all, fields(id = %row.id))]
pub async fn join(platform: &Platform, row: &mut AttachmentRow) -> Result<()> {
    let Some(upload) = &row.multipart_id else { return Ok(()) };
    let key = ObjectKey::Attachment(row.id.0);
    let parts = match platform.storage.list_parts(&key, upload).await {
        // An earlier call joined them, and its response was lost. The object under the key is checked next.
        Err(StorageError::NotFound) => return Ok(()),
        listed => listed?,
    };
    check_whole(MultipartPlan::of(row.file_size.0), row.file_size.0, &parts)?;
    row.checksum_sha256 = composite(&parts);
    let joined = platform.storage.complete_multipart(&key, upload, &parts).await;
    match joined {
        // The store's client repeats a call whose response was lost, and the store no longer knows the upload.
        Err(StorageError::NotFound) => Ok(()),
        // The response was lost: the object shows whether it succeeded.
        Err(StorageError::Failed(reason)) => match platform.storage.head(&key).await {
            Ok(info) if info.size == row.file_size.0 => Ok(()),
            _ => Err(StorageError::Failed(reason).into()),
        },
        joined => Ok(joined?),
    }
}

/// Checks that every part has arrived with its planned size.
fn check_whole(plan: MultipartPlan, file_size: u64, parts: &[StoredPart]) -> Result<()> {
    let sizes: BTreeMap<_, _> = parts.iter().map(|part| (part.number, part.size)).collect();
    let missing: Vec<_> =
        (1..=plan.part_count).filter(|number| sizes.get(number) != Some(&plan.size_of(*number, file_size))).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let named: Vec<_> = missing.iter().take(MAX_NAMED_PARTS).map(u32::to_string).collect();
    let more = if missing.len() > MAX_NAMED_PARTS { ", …" } else { "" };
    let message = format!(
        "{} of {} parts are missing: {}{more}. Send them, then complete the upload.",
        missing.len(),
        plan.part_count,
        named.join(", ")
    );
    Err(AppError::new(ErrorKind::ObjectMissing, message))
}

/// Computes the checksum like S3: the SHA-256 of the parts' SHA-256s in order, and their number.
fn composite(parts: &[StoredPart]) -> Option<String> {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(STANDARD.decode(part.checksum.as_ref()?).ok()?);
    }
    Some(format!("{}-{}", STANDARD.encode(digest.finalize()), parts.len()))
}
