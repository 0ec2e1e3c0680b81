//! `POST /messages/with-attachment`

use axum::Extension;
use axum::extract::Multipart;
use axum::response::IntoResponse;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::input::{AttachmentInput, Input};
use super::model::{Direction, Message};
use super::send::{Sent, send};
use crate::attachments::intake;
use crate::attachments::linking::FILES_PER_MESSAGE;
use crate::attachments::model::AttachmentId;
use crate::messaging::model::DeliveryType;
use crate::platform::Platform;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::rest::body::parse;
use crate::rest::caller::Caller;
use crate::rest::created::created;
use crate::rest::error::ErrorBody;
use crate::rest::idempotency::RequestKey;
use crate::rest::multipart::{self, File, FileBytes, malformed, read_text, refuse_nameless, refuse_twice};

/// Files and the fields of a message, in any order.
#[derive(ToSchema)]
#[schema(as = NewMessageWithFiles)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "described, never made: it is read field by field")]
pub struct Form {
    /// The bytes, in one field for each file.
    #[schema(inline, min_items = 1, max_items = 100)]
    file: Vec<FileBytes>,
    /// As in `POST /messages`.
    #[schema(example = "door-camera", nullable = false)]
    bucket_id: Option<String>,
    #[schema(example = "Person at the door", max_length = 200, nullable = false)]
    title: Option<String>,
    #[schema(max_length = 200, nullable = false)]
    subtitle: Option<String>,
    #[schema(max_length = 20_000, nullable = false)]
    body: Option<String>,
    #[schema(nullable = false)]
    delivery_type: Option<DeliveryType>,
    #[schema(nullable = false)]
    direction: Option<Direction>,
    /// As in `POST /messages`, after the files: JSON, in one field for each or all in one.
    #[schema(max_items = 100, nullable = false)]
    attachments: Option<Vec<AttachmentInput>>,
    /// Stored files, in one field for each.
    #[schema(max_items = 100, nullable = false)]
    attachment_uuids: Option<Vec<AttachmentId>>,
    #[schema(nullable = false)]
    image_url: Option<String>,
    #[schema(nullable = false)]
    video_url: Option<String>,
    #[schema(nullable = false)]
    gif_url: Option<String>,
}

/// Sends a message with files in one request.
///
/// All or nothing: when one file is refused, nothing is stored and nothing is sent.
#[utoipa::path(
    post,
    path = "/messages/with-attachment",
    tag = "Messages",
    request_body(content = Form, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "It was sent.", body = Message, headers(("Location", description = "Where it is."))),
        (status = 400, description = "The form cannot be read, or a file is too large or of a type that is not taken.", body = ErrorBody)
    )
)]
pub async fn create_message_with_attachment(
    platform: Platform,
    caller: Caller,
    key: Option<Extension<RequestKey>>,
    multipart::Form(form): multipart::Form,
) -> Result<impl IntoResponse> {
    intake::check_may_store(&platform, &caller.member)?;
    let (files, fields) = read(&platform, form).await?;
    if files.is_empty() {
        return Err(AppError::new(ErrorKind::MalformedRequest, "Send the file in the form field file.").on("file"));
    }
    let input: Input = parse(Value::Object(fields).to_string().as_bytes())?;
    let sent = send(&platform, &caller, key.map(|Extension(key)| key), files, input).await?;
    Ok(created(&format!("messages/{}", sent.id), sent))
}

/// The files, and the fields as the JSON of `POST /messages`.
async fn read(platform: &Platform, mut form: Multipart) -> Result<(Vec<Sent>, Map<String, Value>)> {
    let (mut files, mut fields) = (Vec::new(), Map::new());
    while let Some(field) = form.next_field().await.map_err(|error| malformed(&error))? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            if files.len() == FILES_PER_MESSAGE {
                let message = format!("A message takes at most {FILES_PER_MESSAGE} files. Send the rest in another.");
                return Err(AppError::new(ErrorKind::MalformedRequest, message).on("file"));
            }
            let File { name, spooled } = File::read(platform, field).await?;
            files.push(Sent { name, spooled });
            continue;
        }
        if name.is_empty() {
            return Err(refuse_nameless());
        }
        let text = read_text(&name, field).await?;
        match name.as_str() {
            "attachmentUuids" => list_of(&mut fields, name)?.push(Value::String(text)),
            "attachments" => {
                let value = serde_json::from_str(&text).map_err(|error| {
                    AppError::new(ErrorKind::MalformedRequest, format!("attachments is not JSON: {error}."))
                        .on("attachments")
                })?;
                let list = list_of(&mut fields, name)?;
                match value {
                    Value::Array(items) => list.extend(items),
                    item => list.push(item),
                }
            }
            _ if fields.contains_key(&name) => return Err(refuse_twice(&name)),
            _ => {
                fields.insert(name, Value::String(text));
            }
        }
    }
    Ok((files, fields))
}

fn list_of(fields: &mut Map<String, Value>, name: String) -> Result<&mut Vec<Value>> {
    let list = fields.entry(name).or_insert_with(|| Value::Array(Vec::new()));
    list.as_array_mut().ok_or_else(AppError::internal)
}
