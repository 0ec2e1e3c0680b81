//! The plain form of the page, for browsers without a script: files and text in one request. Each file is streamed to the storage; if
//! one is rejected, nothing is kept.

use axum::body::Body;
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Request};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};

use super::{Access, REQUESTS, access, count_file, count_message, count_use, not_found, private, refused};
use crate::conversations::file_requests::submission;
use crate::conversations::messages::model::NewMessage;
use crate::files::attachments::intake;
use crate::files::attachments::linking::check_count;
use crate::files::attachments::media_type::check_content_type;
use crate::files::link_access::count_visit;
use crate::files::requests::visit::Visit;
use crate::files::uploads::presign::size_limit;
use crate::ids::{AttachmentId, MessageId};
use crate::platform::Platform;
use crate::platform::body_deadline::{BodyDeadline, with_deadline};
use crate::platform::byte_size::format_size;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::multipart::{Form, Texts, file_name_of_field, malformed, name_of_field};

/// Receives the form. Answers by a redirect to the page, or by a page that says why it was rejected.
pub async fn receive(platform: &Platform, token: &str, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let answered = async {
        count_visit(platform, &parts, REQUESTS).await?;
        let visit = match access(platform, token, &parts).await? {
            Access::Nothing => return Ok(not_found()),
            Access::Locked(_) => return Ok(private(Redirect::to(&format!("/r/{token}")).into_response())),
            Access::Open(visit) => visit,
        };
        count_use(platform, &visit).await?;
        let id = read_and_send(platform, &visit, parts, body).await?;
        Ok(private(Redirect::to(&format!("/r/{token}?sent={id}")).into_response()))
    };
    answered.await.unwrap_or_else(|error: AppError| refused(Some(token), &error))
}

async fn read_and_send(platform: &Platform, visit: &Visit, parts: Parts, body: Body) -> Result<MessageId> {
    let deadline = BodyDeadline::MinRate {
        grace: platform.config.attachments.body_grace,
        bytes_per_second: intake::MIN_BYTES_PER_SECOND,
    };
    let (bytes, timed_out) = with_deadline(body, deadline);
    let form = Form::from_request(Request::from_parts(parts, Body::from_stream(bytes)), &()).await?;
    let mut stored = Vec::new();
    let sent = match read(platform, visit, form, &mut stored).await {
        Ok(Read::SentBefore(id)) => Ok(id),
        Ok(Read::Message(message)) => send(platform, visit, message).await,
        // The parser only knows that the body ended early.
        Err(_) if timed_out.get() => Err(AppError::new(ErrorKind::TooSlow, "The upload timed out. Try again.")),
        Err(error) => Err(error),
    };
    if sent.is_err() {
        intake::take_back(platform, visit.request.organization_id, &stored).await;
    }
    sent
}

async fn send(platform: &Platform, visit: &Visit, message: NewMessage) -> Result<MessageId> {
    count_message(platform, visit.request.organization_id).await?;
    submission::submit(platform, visit, message).await
}

enum Read {
    /// The browser sent the form twice.
    SentBefore(MessageId),
    Message(NewMessage),
}

async fn read(platform: &Platform, visit: &Visit, mut form: Form, stored: &mut Vec<AttachmentId>) -> Result<Read> {
    let (mut texts, mut body, mut key) = (Texts::default(), String::new(), None);
    while let Some(field) = form.next_field().await? {
        let name = name_of_field(&field).unwrap_or_default();
        match name.as_str() {
            "key" => {
                // PostgreSQL stores no NUL.
                let text = texts.read(&name, field).await?.replace('\0', "");
                if let Some(sent) = submission::sent_before(platform, visit, &text).await? {
                    return Ok(Read::SentBefore(sent));
                }
                key = Some(text);
            }
            "message" => body = texts.read(&name, field).await?,
            "file" => stored.extend(store(platform, visit, field, stored.len()).await?),
            // Not of this form.
            _ => {
                texts.read(&name, field).await?;
            }
        }
    }
    let key = key.filter(|key| !key.is_empty()).unwrap_or_else(|| platform.clock.new_id().to_string());
    Ok(Read::Message(NewMessage {
        body,
        attachment_ids: stored.clone(),
        idempotency_key: Some(key),
        ..NewMessage::default()
    }))
}

/// Stores a file. A field where none was chosen has an empty name and no bytes.
async fn store(platform: &Platform, visit: &Visit, field: Field<'_>, count: usize) -> Result<Option<AttachmentId>> {
    let name = file_name_of_field(&field);
    let declared_type = check_content_type(field.content_type().unwrap_or_default())?;
    let room = visit.room(platform.db.on()).await?;
    let (left, file_max) = (u64::try_from(room.bytes).unwrap_or(0), size_limit(platform));
    let organization = visit.request.organization_id;
    let spooled =
        match intake::spool(platform, organization, field, left.min(file_max), |error| malformed(&error)).await {
            Ok(spooled) => spooled,
            Err(error) if name.is_empty() && error.kind == ErrorKind::InvalidValue => return Ok(None),
            Err(error) if error.kind == ErrorKind::FileTooLarge && left <= file_max => {
                return Err(visit.too_large(room.bytes));
            }
            Err(error) if error.kind == ErrorKind::FileTooLarge => {
                let message = format!("A file can be at most {}. Choose a smaller file.", format_size(file_max));
                return Err(AppError::new(ErrorKind::TooLarge, message).on("file"));
            }
            Err(error) => return Err(error),
        };
    if room.files == 0 {
        return Err(visit.too_many());
    }
    check_count("file", count + 1)?;
    count_file(platform, organization).await?;
    intake::store_by_link(platform, visit, spooled, &name, &declared_type).await.map(Some)
}
