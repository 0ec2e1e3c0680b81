//! `PUT /api/storage/{key}`: receives signed uploads for local disk, as an S3 store does for its own.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use tokio::time::sleep;
use uuid::Uuid;

use super::model::MultipartPlan;
use crate::files::attachments::store::upload;
use crate::files::attachments::upload_failure::{Failed, Step, noted};
use crate::files::staged::expects_upload;
use crate::ids::AttachmentId;
use crate::platform::Platform;
use crate::platform::body_deadline::{BodyDeadline, TimedOut, with_deadline};
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::parsing::Query;
use crate::platform::storage::local_disk::ReceiveError;
use crate::platform::storage::signed_url::SignedQuery;
use crate::platform::storage::{LocalDisk, ObjectKey, PartKey, PartPlace, Storage, StorageError};

/// How often a running upload checks that it is still expected.
const EXPECTED_CHECK_INTERVAL: Duration = Duration::from_secs(10);

/// Receives exactly the announced bytes, until the URL expires or the upload ends.
pub async fn receive_upload(
    platform: Platform,
    Path(key): Path<String>,
    Query(query): Query<SignedQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let Storage::LocalDisk(disk) = &platform.storage else { return Err(AppError::not_found("upload")) };
    let size = i64::try_from(query.size).ok();
    let etag = match (key.parse(), key.parse::<PartKey>()) {
        (Ok(ObjectKey::Staging(id, attempt)), _) => {
            let failed = Failed { size, ..Failed::of(id, attempt) };
            let received = receive_whole(&platform, disk, (id, attempt), query, &headers, body).await;
            noted(&platform, Step::Put, failed, received)?;
            None
        }
        (_, Ok(part)) => {
            // The storage's name for the upload: the client keeps it over its attempts.
            let failed = Failed { size, ..Failed::of(part.attachment, part.upload) };
            let received = receive_part(&platform, disk, part, query, &headers, body).await;
            Some(noted(&platform, Step::Put, failed, received)?)
        }
        _ => return Err(AppError::not_found("upload")),
    };
    let mut response = Response::builder().status(StatusCode::OK);
    if let Some(etag) = etag {
        response = response.header(header::ETAG, etag);
    }
    Ok(response.body(Body::empty()).unwrap_or_default())
}

/// Receives a file in one PUT, which must have the announced type.
async fn receive_whole(
    platform: &Platform,
    disk: &LocalDisk,
    (id, attempt): (Uuid, Uuid),
    query: SignedQuery,
    headers: &HeaderMap,
    body: Body,
) -> Result<()> {
    let key = ObjectKey::Staging(id, attempt);
    disk.verify_put(&key, &query, platform.clock.now())?;
    if headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) != Some(&query.content_type) {
        let message = format!("The header Content-Type must be {}, as in the presigned headers.", query.content_type);
        return Err(AppError::new(ErrorKind::UnsupportedMediaType, message));
    }
    check_length(headers, query.size)?;
    let expected = async || is_expected(platform, id, attempt).await;
    if !expected().await? {
        return Err(over());
    }
    // A unique name for each PUT, so that two concurrent ones don't write into one file.
    let temporary = platform.clock.new_id();
    let idle = BodyDeadline::Idle(platform.config.upload_idle_timeout);
    let (bytes, timed_out) = with_deadline(body, idle);
    let receiving = disk.receive(&key, query.size, query.checksum.as_deref(), temporary, bytes);
    let mut receiving = std::pin::pin!(receiving);
    let received = loop {
        tokio::select! {
            received = &mut receiving => break received,
            () = sleep(EXPECTED_CHECK_INTERVAL) => {
                // The upload ended while this request began, and did not end it.
                if let Ok(false) = expected().await {
                    disk.end_upload(&key);
                }
            }
        }
    };
    received.map_err(|error| refusal(error, query.size, &timed_out))?;
    // It may have been completed while these bytes arrived: the frozen object stays, and these are discarded.
    if !expected().await? {
        disk.delete(&key).await?;
    }
    Ok(())
}

/// Receives a part at its offset. Returns its `ETag`.
async fn receive_part(
    platform: &Platform,
    disk: &LocalDisk,
    key: PartKey,
    query: SignedQuery,
    headers: &HeaderMap,
    body: Body,
) -> Result<String> {
    disk.verify_put(&key, &query, platform.clock.now())?;
    check_length(headers, query.size)?;
    let Some(checksum) = query.checksum else { return Err(AppError::not_found("upload")) };
    let expected =
        upload::expects_parts(platform.db.on(), AttachmentId(key.attachment), &key.upload.to_string()).await?;
    let file_size = expected.ok_or_else(over)?.0;
    let plan = MultipartPlan::of(file_size);
    let etag = format!("\"{checksum}\"");
    let offset = plan.offset(key.number);
    let place = PartPlace { upload: key.upload, number: key.number, offset, size: query.size, checksum };
    let idle = BodyDeadline::Idle(platform.config.upload_idle_timeout);
    let (bytes, timed_out) = with_deadline(body, idle);
    let received = disk.receive_part(place, bytes).await;
    received.map_err(|error| refusal(error, query.size, &timed_out))?;
    Ok(etag)
}

fn check_length(headers: &HeaderMap, size: u64) -> Result<()> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length != size) { Err(wrong_size(size)) } else { Ok(()) }
}

fn over() -> AppError {
    let message = "This upload was completed, failed or retried. Its URL no longer accepts data.";
    AppError::new(ErrorKind::InvalidTransition, message)
}

/// Returns whether an attachment or a picture expects these bytes.
async fn is_expected(platform: &Platform, id: Uuid, attempt: Uuid) -> Result<bool> {
    Ok(expects_upload(platform.db.on(), id, attempt).await?)
}

fn wrong_size(size: u64) -> AppError {
    AppError::new(ErrorKind::SizeMismatch, format!("Expected exactly {size} bytes. Send that many, or presign again."))
}

fn refusal(error: ReceiveError, size: u64, timed_out: &TimedOut) -> AppError {
    if timed_out.get() {
        let message = "The upload timed out: no data arrived for a while. Try again.";
        return AppError::new(ErrorKind::TooSlow, message);
    }
    match error {
        ReceiveError::WrongSize { .. } => wrong_size(size),
        ReceiveError::WrongChecksum => AppError::new(
            ErrorKind::ChecksumMismatch,
            "The checksum doesn't match. The data was changed on the way. Retry the upload.",
        ),
        ReceiveError::Superseded => AppError::conflict("Another request is sending this upload, or it has ended."),
        ReceiveError::Interrupted => AppError::new(
            ErrorKind::MalformedRequest,
            "The connection was lost before the upload finished. Retry the \
                upload.",
        ),
        // Ended while these bytes arrived.
        ReceiveError::Storage(StorageError::NotFound) => over(),
        ReceiveError::Storage(error) => error.into(),
    }
}
