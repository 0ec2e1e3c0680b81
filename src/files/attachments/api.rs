//! HTTP routes for deleting files and for photo locations. Uploads and downloads have their own routes.

use super::model::{DeletedFiles, FileText, PhotoLocation};
use crate::ids::AttachmentId;
use crate::platform::error::{AppError, Result};
use crate::platform::json::{Body, NoBody};
use crate::platform::routes::{dioxus_fullstack, *};

#[cfg(feature = "server")]
use {
    super::photo_location, super::removal, super::text, crate::people::organizations::service::Member,
    crate::platform::Platform,
};

/// Deletes a file for everyone. It can be restored.
#[delete("/api/attachments/{id}", platform: Platform, member: Member)]
pub async fn delete_attachment(id: AttachmentId) -> Result<(), AppError> {
    removal::delete(&platform, &member, id).await
}

#[post("/api/attachments/{id}/restore", platform: Platform, member: Member)]
pub async fn restore_attachment(id: AttachmentId, body: NoBody) -> Result<(), AppError> {
    let _ = body;
    removal::restore(&platform, &member, id).await
}

/// Permanently removes the bytes of a deleted file.
#[post("/api/attachments/{id}/purge", platform: Platform, member: Member)]
pub async fn purge_attachment(id: AttachmentId, body: NoBody) -> Result<(), AppError> {
    let _ = body;
    removal::purge(&platform, &member, id).await
}

/// Lists the deleted files that can be restored, latest first, 50 at a time.
#[get("/api/deleted-attachments?before", platform: Platform, member: Member)]
pub async fn list_deleted_attachments(before: Option<String>) -> Result<DeletedFiles, AppError> {
    removal::deleted(&platform, &member, before).await
}

/// Returns whether the organization keeps photo locations.
#[get("/api/photo-location", platform: Platform, member: Member)]
pub async fn get_photo_location() -> Result<PhotoLocation, AppError> {
    photo_location::choice(&platform, &member).await
}

#[patch("/api/photo-location", platform: Platform, member: Member)]
pub async fn set_photo_location(body: Body<PhotoLocation>) -> Result<PhotoLocation, AppError> {
    photo_location::choose(&platform, &member, body.0).await
}

/// Returns the start of a text file, decoded.
#[get("/api/attachments/{id}/text", platform: Platform, member: Member)]
pub async fn attachment_text(id: AttachmentId) -> Result<FileText, AppError> {
    text::read(&platform, &member, id).await
}
