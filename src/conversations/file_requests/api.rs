//! File requests over HTTP, for members. What their links lead to is `public`.

use crate::files::requests::model::{CreatedFileRequest, FileRequest, NewFileRequest};
use crate::ids::FileRequestId;
use crate::platform::error::{AppError, Result};
use crate::platform::json::{Body, NoBody};
use crate::platform::routes::{dioxus_fullstack, *};

#[cfg(feature = "server")]
use {
    super::service, crate::people::organizations::service::Member, crate::platform::Platform,
    crate::platform::http::BaseUrl,
};

/// Requests files in a conversation. Only this answer tells the address of the link.
#[post("/api/file-requests", platform: Platform, member: Member, base: BaseUrl)]
pub async fn create_file_request(body: Body<NewFileRequest>) -> Result<CreatedFileRequest, AppError> {
    service::create(&platform, &member, &base.0, body.0).await
}

/// Latest first, 50 at a time: `before` is the id of the last one seen.
#[get("/api/file-requests?before", platform: Platform, member: Member)]
pub async fn list_file_requests(before: Option<FileRequestId>) -> Result<Vec<FileRequest>, AppError> {
    service::list(&platform, &member, before, service::PAGE).await
}

/// Ends the link of a request at once.
#[post("/api/file-requests/{id}/revoke", platform: Platform, member: Member)]
pub async fn revoke_file_request(id: FileRequestId, body: NoBody) -> Result<FileRequest, AppError> {
    let _ = body;
    service::revoke(&platform, &member, id).await
}
