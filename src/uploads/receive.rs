//! `PUT /api/storage/{key}`: where local disk takes the bytes of a signed upload, as an S3 store does for its own.

use axum::body::Body;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;

use crate::attachments::model::AttachmentId;
use crate::attachments::store;
use crate::platform::Platform;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::storage::local_disk::ReceiveError;
use crate::platform::storage::signed_url::SignedQuery;
use crate::platform::storage::{ObjectKey, Storage, StorageError};

/// Takes exactly the announced bytes of the announced type, until the URL expires or the upload is complete.
pub async fn receive_upload(
    platform: Platform,
    Path(key): Path<String>,
    Query(query): Query<SignedQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let Storage::LocalDisk(disk) = &platform.storage else { return Err(AppError::not_found("upload")) };
    let Ok(key @ ObjectKey::Staging(id, attempt)) = key.parse() else { return Err(AppError::not_found("upload")) };
    disk.verify_put(&key, &query, platform.clock.now())?;
    let text = |name| headers.get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    if text(header::CONTENT_TYPE) != Some(&query.content_type) {
        let message = format!("Send the header Content-Type: {}, as the presigned headers say.", query.content_type);
        return Err(AppError::new(ErrorKind::UnsupportedMediaType, message));
    }
    let announced = text(header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length != query.size) {
        return Err(wrong_size(query.size));
    }
    if !store::expects_upload(platform.db.on(), AttachmentId(id), attempt).await? {
        let message = "This upload is complete, failed or was retried: its URL no longer takes bytes.";
        return Err(AppError::new(ErrorKind::InvalidTransition, message));
    }
    // A name of its own for each PUT, so that two at once do not write into one file.
    let temporary = platform.clock.new_id();
    match disk.receive(&key, query.size, temporary, body.into_data_stream()).await {
        Ok(()) => {}
        Err(ReceiveError::WrongSize { .. }) => return Err(wrong_size(query.size)),
        Err(ReceiveError::Interrupted) => {
            return Err(AppError::new(
                ErrorKind::MalformedRequest,
                "The connection was lost before all bytes came. Retry.",
            ));
        }
        Err(ReceiveError::Storage(error)) => return Err(no_space(error)),
    }
    // It may have been completed while these bytes came: what is frozen stays, and these are not kept.
    if !store::expects_upload(platform.db.on(), AttachmentId(id), attempt).await? {
        disk.delete(&key).await?;
    }
    Ok(Response::builder().status(StatusCode::OK).body(Body::empty()).unwrap_or_default())
}

fn wrong_size(size: u64) -> AppError {
    AppError::new(
        ErrorKind::SizeMismatch,
        format!("Exactly {size} bytes were announced. Send as many, or presign anew."),
    )
}

fn no_space(error: StorageError) -> AppError {
    match error {
        StorageError::Failed(reason) if reason.contains("os error 28") => {
            tracing::error!(%reason, "storage");
            AppError::new(
                ErrorKind::Unavailable,
                "The server's disk is full. Ask who runs it to make room, then retry.",
            )
        }
        other => other.into(),
    }
}
