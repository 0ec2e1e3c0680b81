//! Removal of files over HTTP. Uploads have their own routes, and so have the bytes.

use dioxus::prelude::*;

use super::model::{AttachmentId, DeletedFiles};
use crate::platform::error::{AppError, Result};
use crate::platform::json::NoBody;

#[cfg(feature = "server")]
use {super::removal, crate::organizations::service::Member, crate::platform::Platform};

/// Deletes a file for everybody. It can be restored.
#[delete("/api/attachments/{id}", platform: Platform, member: Member)]
pub async fn delete_attachment(id: AttachmentId) -> Result<(), AppError> {
    removal::delete(&platform, &member, id).await
}

#[post("/api/attachments/{id}/restore", platform: Platform, member: Member)]
pub async fn restore_attachment(id: AttachmentId, body: NoBody) -> Result<(), AppError> {
    let _ = body;
    removal::restore(&platform, &member, id).await
}

/// Removes the bytes of a deleted file for good.
#[post("/api/attachments/{id}/purge", platform: Platform, member: Member)]
pub async fn purge_attachment(id: AttachmentId, body: NoBody) -> Result<(), AppError> {
    let _ = body;
    removal::purge(&platform, &member, id).await
}

/// The deleted files that can be restored, latest first, 50 at a time.
#[get("/api/deleted-attachments?before", platform: Platform, member: Member)]
pub async fn list_deleted_attachments(before: Option<String>) -> Result<DeletedFiles, AppError> {
    removal::deleted(&platform, &member, before).await
}
