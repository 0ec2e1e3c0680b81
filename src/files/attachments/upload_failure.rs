//! What the log says of an upload that failed: enough to find out why a day later, and nothing of the file itself.

use metrics::counter;
use serde_json::Value;
use uuid::Uuid;

use crate::platform::Platform;
use crate::platform::error::{ErrorKind, Result};
use crate::platform::storage::{Storage, is_error_code};

pub const FAILED: &str = "attache_uploads_failed_total";

/// How far an upload came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It was refused before it began, or before a new attempt.
    Presign,
    /// Its bytes did not come to local disk.
    Put,
    /// What came was not what was announced, or the storage failed.
    Complete,
    /// The client gave it up.
    Client,
    /// Nothing was heard of it any more.
    CleanUp,
    /// It came through the server, for a program.
    Program,
}

impl Step {
    const fn name(self) -> &'static str {
        match self {
            Self::Presign => "presign",
            Self::Put => "put",
            Self::Complete => "complete",
            Self::Client => "client",
            Self::CleanUp => "clean_up",
            Self::Program => "program",
        }
    }

    /// Why an upload ends here, if no error says so.
    const fn reason(self) -> &'static str {
        match self {
            Self::Client => "canceled",
            Self::CleanUp => "timed_out",
            _ => "other",
        }
    }
}

/// Which upload failed. Nothing of it is known before it has begun.
#[derive(Debug, Clone, Copy, Default)]
pub struct Failed {
    pub attachment: Option<Uuid>,
    pub attempt: Option<Uuid>,
    /// Announced, in bytes.
    pub size: Option<i64>,
    /// An avatar, a logo or an emoji, whose limits are fixed.
    pub is_picture: bool,
}

impl Failed {
    pub fn of(attachment: Uuid, attempt: Uuid) -> Self {
        Self { attachment: Some(attachment), attempt: Some(attempt), ..Self::default() }
    }
}

/// Logs the failure of a step, if it failed, and hands the outcome on.
pub fn noted<T>(platform: &Platform, step: Step, failed: Failed, outcome: Result<T>) -> Result<T> {
    // An upload that is busy with another request continues.
    if let Err(error) = &outcome
        && !(error.kind == ErrorKind::Conflict && error.retry_after.is_some())
    {
        let status = Some(error.status().as_u16());
        note(
            platform,
            step,
            failed,
            Reason { kind: Some(error.kind), status, store_code: error.store_code.as_deref() },
        );
    }
    outcome
}

/// Why it failed, by names alone: messages may tell what a file is called.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reason<'a> {
    /// `None` where the step says all.
    pub kind: Option<ErrorKind>,
    /// What was answered.
    pub status: Option<u16>,
    /// The code of the storage that failed.
    pub store_code: Option<&'a str>,
}

/// Logs one line.
pub fn note(platform: &Platform, step: Step, failed: Failed, reason: Reason<'_>) {
    let Failed { size, is_picture, .. } = failed;
    let Reason { kind, status, store_code } = reason;
    // Of a client it may be anything.
    let store_code = store_code.filter(|code| is_error_code(code));
    let variable = variable(kind, store_code, is_picture, matches!(platform.storage, Storage::R2(_)));
    let (attachment, attempt) = (failed.attachment.map(display), failed.attempt.map(display));
    let reason = kind.map_or_else(|| step.reason().to_owned(), name);
    let step = step.name();
    counter!(FAILED, "step" => step, "reason" => reason.clone()).increment(1);
    if status.is_some_and(|status| status >= 500) {
        tracing::warn!(
            attachment,
            attempt,
            step,
            reason,
            status,
            store_code,
            variable,
            size,
            is_picture,
            "upload failed"
        );
    } else {
        tracing::info!(
            attachment,
            attempt,
            step,
            reason,
            status,
            store_code,
            variable,
            size,
            is_picture,
            "upload failed"
        );
    }
}

fn display(id: Uuid) -> tracing::field::DisplayValue<Uuid> {
    tracing::field::display(id)
}

/// As in the error's `kind`.
fn name(kind: ErrorKind) -> String {
    match serde_json::to_value(kind) {
        Ok(Value::String(name)) => name,
        _ => String::new(),
    }
}

/// Returns the setting to look at. `None` where no setting is at fault.
fn variable(kind: Option<ErrorKind>, store_code: Option<&str>, is_picture: bool, is_s3: bool) -> Option<&'static str> {
    if let Some(code) = store_code {
        return Some(match code {
            _ if !is_s3 => "STORAGE_ROOT",
            "AccessDenied" | "InvalidAccessKeyId" | "SignatureDoesNotMatch" | "401" | "403" => "S3_ACCESS_KEY_ID",
            "NoSuchBucket" => "S3_BUCKET",
            "AuthorizationHeaderMalformed" | "PermanentRedirect" => "S3_REGION",
            "EntityTooLarge" => "UPLOADS_MAX_FILE_SIZE",
            _ => "S3_ENDPOINT",
        });
    }
    match kind? {
        ErrorKind::TooLarge if !is_picture => Some("UPLOADS_MAX_FILE_SIZE"),
        ErrorKind::QuotaExceeded => Some("ORGANIZATION_QUOTA"),
        ErrorKind::FileTooLarge => Some("ATTACHMENTS_MAX_FILE_SIZE"),
        ErrorKind::FileTypeNotAllowed => Some("ATTACHMENTS_ALLOWED_MIME_TYPES"),
        ErrorKind::AttachmentsDisabled => Some("ATTACHMENTS_ENABLED"),
        ErrorKind::RemoteFetchTimeout => Some("REMOTE_FETCH_TIMEOUT"),
        // Browsers reach the bucket by its CORS policy alone.
        ErrorKind::ObjectMissing | ErrorKind::Network if is_s3 => Some("S3_BUCKET"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_named_by_what_failed() {
        let of = |kind, code, is_s3| variable(Some(kind), code, false, is_s3);
        assert_eq!(of(ErrorKind::TooLarge, None, true), Some("UPLOADS_MAX_FILE_SIZE"));
        assert_eq!(variable(Some(ErrorKind::TooLarge), None, true, true), None, "the limit of pictures is fixed");
        assert_eq!(of(ErrorKind::QuotaExceeded, None, false), Some("ORGANIZATION_QUOTA"));
        assert_eq!(of(ErrorKind::Unavailable, Some("AccessDenied"), true), Some("S3_ACCESS_KEY_ID"));
        assert_eq!(of(ErrorKind::Unavailable, Some("NoAnswer"), true), Some("S3_ENDPOINT"));
        assert_eq!(of(ErrorKind::Unavailable, Some("StorageFull"), false), Some("STORAGE_ROOT"));
        assert_eq!(of(ErrorKind::ObjectMissing, None, true), Some("S3_BUCKET"));
        assert_eq!(of(ErrorKind::ObjectMissing, None, false), None);
        assert_eq!(name(ErrorKind::SizeMismatch), "size_mismatch");
    }
}
