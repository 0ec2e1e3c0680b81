//! HTTP routes of direct uploads.

use super::model::{Failure, NewName, PartsRequest, PresignRequest, PresignedParts, PresignedUpload, UploadedParts};
use crate::files::attachments::model::Attachment;
use crate::ids::AttachmentId;
use crate::platform::error::{AppError, Result};
use crate::platform::json::{Body, NoBody};
use crate::platform::routes::{dioxus_fullstack, *};

#[cfg(feature = "server")]
use {
    super::{multipart, presign, service, unsent},
    crate::people::organizations::service::Member,
    crate::platform::Platform,
    crate::platform::http::BaseUrl,
};

/// Creates the attachment with status `uploading`, and signs a URL that accepts exactly these bytes for five minutes.
#[post("/api/uploads/presign", platform: Platform, member: Member, base: BaseUrl)]
pub async fn presign_upload(body: Body<PresignRequest>) -> Result<PresignedUpload, AppError> {
    presign::presign(&platform, member, &base.0, body.0).await
}

/// Signs URLs for parts of the file, each for five minutes.
#[post("/api/attachments/{id}/parts", platform: Platform, member: Member, base: BaseUrl)]
pub async fn presign_parts(id: AttachmentId, body: Body<PartsRequest>) -> Result<PresignedParts, AppError> {
    multipart::presign_parts(&platform, &member.into(), &base.0, id, &body.0.parts).await
}

/// Lists the parts that have arrived.
#[get("/api/attachments/{id}/parts", platform: Platform, member: Member)]
pub async fn uploaded_parts(id: AttachmentId) -> Result<UploadedParts, AppError> {
    multipart::list(&platform, &member.into(), id).await
}

/// Completes an upload. The server checks the object itself.
#[post("/api/attachments/{id}/complete", platform: Platform, member: Member)]
pub async fn complete_upload(id: AttachmentId, body: NoBody) -> Result<Attachment, AppError> {
    let _ = body;
    service::complete(&platform, &member.into(), id).await
}

/// Records that the client gave up, and why.
#[post("/api/attachments/{id}/fail", platform: Platform, member: Member)]
pub async fn fail_upload(id: AttachmentId, body: Body<Failure>) -> Result<Attachment, AppError> {
    service::fail(&platform, &member.into(), id, body.0).await
}

/// Starts again with a new URL.
#[post("/api/attachments/{id}/retry", platform: Platform, member: Member, base: BaseUrl)]
pub async fn retry_upload(id: AttachmentId, body: NoBody) -> Result<PresignedUpload, AppError> {
    let _ = body;
    service::retry(&platform, &member.into(), &base.0, id).await
}

/// Lists the caller's own complete files that were not sent, the latest first.
#[get("/api/uploads/unsent", platform: Platform, member: Member)]
pub async fn unsent_uploads() -> Result<Vec<Attachment>, AppError> {
    unsent::list(&platform, &member).await
}

/// Renames a file that was not sent yet.
#[post("/api/uploads/{id}/rename", platform: Platform, member: Member)]
pub async fn rename_upload(id: AttachmentId, body: Body<NewName>) -> Result<Attachment, AppError> {
    unsent::rename(&platform, &member.into(), id, &body.0.file_name).await
}

/// Removes a file that was not sent, and frees its space immediately.
#[delete("/api/uploads/{id}", platform: Platform, member: Member)]
pub async fn remove_upload(id: AttachmentId) -> Result<(), AppError> {
    unsent::remove(&platform, &member.into(), id).await
}
