//! What the script of the page asks for: the same presigned uploads and parts as in the app, and sending. Answers and errors are JSON.

use axum::Json;
use axum::extract::Path;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::{Access, REQUESTS, access, count_file, count_message, count_use, private};
use crate::conversations::file_requests::submission;
use crate::conversations::messages::model::NewMessage;
use crate::files::attachments::file_name::FileName;
use crate::files::attachments::model::{Attachment, Status};
use crate::files::link_access::count_visit;
use crate::files::requests::visit::{Visit, not_found};
use crate::files::uploads::model::{Failure, PartsRequest, PresignRequest};
use crate::files::uploads::uploader::Uploader;
use crate::files::uploads::{multipart, presign, service, unsent};
use crate::ids::{AttachmentId, MessageId};
use crate::platform::Platform;
use crate::platform::byte_size::ByteSize;
use crate::platform::error::{AppError, Result};
use crate::platform::http::BaseUrl;
use crate::platform::json::Body;

/// A link that works, for a visitor who has entered its password if it has one.
async fn open(platform: &Platform, token: &str, parts: &Parts) -> Result<Visit> {
    count_visit(platform, parts, REQUESTS).await?;
    match access(platform, token, parts).await? {
        Access::Nothing => Err(not_found()),
        Access::Locked(_) => Err(AppError::forbidden("Enter the password first. Reload the page.")),
        Access::Open(visit) => {
            count_use(platform, &visit).await?;
            Ok(visit)
        }
    }
}

async fn uploader(platform: &Platform, token: &str, parts: &Parts) -> Result<Uploader> {
    open(platform, token, parts).await.map(Uploader::from)
}

fn answer<T: Serialize>(answered: Result<T>) -> Response {
    private(answered.map_or_else(IntoResponse::into_response, |value| Json(value).into_response()))
}

/// An id in the path. One that is none is nobody's upload.
fn upload_id(text: &str) -> Result<AttachmentId> {
    text.parse().map(AttachmentId).map_err(|_| AppError::not_found("upload"))
}

/// An upload as its visitor sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Uploaded {
    id: AttachmentId,
    status: Status,
    file_name: FileName,
    file_size: ByteSize,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<String>,
}

impl From<Attachment> for Uploaded {
    fn from(file: Attachment) -> Self {
        Self {
            id: file.id,
            status: file.status,
            file_name: file.file_name,
            file_size: file.file_size,
            failure_reason: file.failure_reason,
        }
    }
}

/// A file to upload.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewUpload {
    #[serde(default)]
    file_name: String,
    file_size: i64,
    #[serde(default)]
    content_type: String,
}

/// `POST /r/{token}/uploads`
pub async fn presign_request_upload(
    platform: Platform,
    Path(token): Path<String>,
    base: BaseUrl,
    parts: Parts,
    body: Result<Body<NewUpload>>,
) -> Response {
    let answered = async {
        let visit = open(&platform, &token, &parts).await?;
        let Body(new) = body?;
        count_file(&platform, visit.request.organization_id).await?;
        let channel = visit.request.channel_id;
        let request = PresignRequest {
            file_name: new.file_name,
            file_size: new.file_size,
            content_type: new.content_type,
            ..PresignRequest::file(channel)
        };
        presign::presign_file(&platform, &visit.into(), &base.0, Some(channel), request).await
    };
    answer(answered.await)
}

/// `GET /r/{token}/uploads/{id}`: for a page that was loaded again.
pub async fn request_upload(platform: Platform, Path((token, id)): Path<(String, String)>, parts: Parts) -> Response {
    let answered = async {
        let uploader = uploader(&platform, &token, &parts).await?;
        let row = uploader.own(&platform, upload_id(&id)?).await?;
        Ok(Uploaded::from(Attachment::from(row)))
    };
    answer(answered.await)
}

/// `POST /r/{token}/uploads/{id}/parts`
pub async fn presign_request_parts(
    platform: Platform,
    Path((token, id)): Path<(String, String)>,
    base: BaseUrl,
    parts: Parts,
    body: Result<Body<PartsRequest>>,
) -> Response {
    let answered = async {
        let uploader = uploader(&platform, &token, &parts).await?;
        multipart::presign_parts(&platform, &uploader, &base.0, upload_id(&id)?, &body?.0.parts).await
    };
    answer(answered.await)
}

/// `GET /r/{token}/uploads/{id}/parts`
pub async fn uploaded_request_parts(
    platform: Platform,
    Path((token, id)): Path<(String, String)>,
    parts: Parts,
) -> Response {
    let answered = async {
        let uploader = uploader(&platform, &token, &parts).await?;
        multipart::list(&platform, &uploader, upload_id(&id)?).await
    };
    answer(answered.await)
}

/// `POST /r/{token}/uploads/{id}/complete`
pub async fn complete_request_upload(
    platform: Platform,
    Path((token, id)): Path<(String, String)>,
    parts: Parts,
) -> Response {
    let answered = async {
        let uploader = uploader(&platform, &token, &parts).await?;
        service::complete(&platform, &uploader, upload_id(&id)?).await.map(Uploaded::from)
    };
    answer(answered.await)
}

/// `POST /r/{token}/uploads/{id}/fail`
pub async fn fail_request_upload(
    platform: Platform,
    Path((token, id)): Path<(String, String)>,
    parts: Parts,
    body: Result<Body<Failure>>,
) -> Response {
    let answered = async {
        let uploader = uploader(&platform, &token, &parts).await?;
        service::fail(&platform, &uploader, upload_id(&id)?, body?.0).await.map(Uploaded::from)
    };
    answer(answered.await)
}

/// `POST /r/{token}/uploads/{id}/retry`
pub async fn retry_request_upload(
    platform: Platform,
    Path((token, id)): Path<(String, String)>,
    base: BaseUrl,
    parts: Parts,
) -> Response {
    let answered = async {
        let uploader = uploader(&platform, &token, &parts).await?;
        service::retry(&platform, &uploader, &base.0, upload_id(&id)?).await
    };
    answer(answered.await)
}

/// `DELETE /r/{token}/uploads/{id}`
pub async fn remove_request_upload(
    platform: Platform,
    Path((token, id)): Path<(String, String)>,
    parts: Parts,
) -> Response {
    let answered = async {
        let uploader = uploader(&platform, &token, &parts).await?;
        unsent::remove(&platform, &uploader, upload_id(&id)?).await
    };
    answer(answered.await)
}

/// What was sent.
#[derive(Serialize)]
struct Sent {
    id: MessageId,
}

/// `POST /r/{token}/send`
pub async fn send_request(
    platform: Platform,
    Path(token): Path<String>,
    parts: Parts,
    body: Result<Body<NewMessage>>,
) -> Response {
    let answered = async {
        let visit = open(&platform, &token, &parts).await?;
        let Body(message) = body?;
        count_message(&platform, visit.request.organization_id).await?;
        submission::submit(&platform, &visit, message).await.map(|id| Sent { id })
    };
    answer(answered.await)
}
