//! `POST /messages/with-attachment`

use axum::Extension;
use axum::http::HeaderMap;
use serde::de::IgnoredAny;
use utoipa::ToSchema;

use super::input::{AttachmentInput, IGNORED_FIELDS, Input};
use super::model::{Direction, Message};
use super::recipient::ContactInput;
use super::send::{Delivered, Sent, send};
use crate::conversations::messages::model::DeliveryType;
use crate::files::attachments::intake;
use crate::files::attachments::linking::FILES_PER_MESSAGE;
use crate::ids::{AttachmentId, OrganizationId};
use crate::platform::Platform;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::rest::body::parse;
use crate::rest::caller::Caller;
use crate::rest::error::ErrorBody;
use crate::rest::idempotency::RequestKey;
use crate::rest::multipart::{self, File, FileBytes, Texts, refuse_nameless, refuse_twice, refuse_unknown};

/// Files and message fields, in any order.
#[derive(ToSchema)]
#[schema(as = NewMessageWithFiles)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "described, never made: it is read field by field")]
pub struct Form {
    /// The content of a file. Repeat the field for more files.
    #[schema(inline, min_items = 1, max_items = 100)]
    file: Vec<FileBytes>,
    /// As in `POST /messages`.
    #[schema(example = "door-camera", nullable = false)]
    bucket_id: Option<String>,
    /// As in `POST /messages`, as JSON.
    #[schema(nullable = false)]
    contact: Option<ContactInput>,
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    external_id: Option<String>,
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
    /// As in `POST /messages`, as JSON: one item for each field, or one list. These come after the files.
    #[schema(max_items = 100, nullable = false)]
    attachments: Option<Vec<AttachmentInput>>,
    /// The ID of a stored file. Repeat the field for more files.
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
/// If one file is rejected, nothing is stored or sent.
#[utoipa::path(
    post,
    path = "/messages/with-attachment",
    tag = "Messages",
    request_body(content = Form, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "An earlier message with this `externalId`.", body = Message),
        (status = 201, description = "Sent.", body = Message, headers(("Location", description = "The URL."))),
        (status = 400, description = "The form is malformed, or a file is too large or has a type that is not allowed.", body = ErrorBody)
    )
)]
pub async fn create_message_with_attachment(
    platform: Platform,
    caller: Caller,
    headers: HeaderMap,
    key: Option<Extension<RequestKey>>,
    form: multipart::Form,
) -> Result<Delivered> {
    intake::check_may_store(&platform, &caller.member)?;
    let (files, fields) = read(&platform, caller.member.organization_id(), form).await?;
    let caller = Caller::again(&platform, &headers).await?;
    intake::check_may_store(&platform, &caller.member)?;
    if files.is_empty() {
        return Err(AppError::new(ErrorKind::MalformedRequest, "Send the file in the form field file.").on("file"));
    }
    let input: Input = parse(fields.as_bytes())?;
    send(&platform, &caller, key.map(|Extension(key)| key), files, input).await
}

/// The fields with one text.
const TEXT_FIELDS: [&str; 10] = [
    "bucketId",
    "externalId",
    "title",
    "subtitle",
    "body",
    "deliveryType",
    "direction",
    "imageUrl",
    "videoUrl",
    "gifUrl",
];
/// The field with one JSON object.
const CONTACT: &str = "contact";

/// The fields of a form, as JSON texts, so that their memory is proportional to the sent bytes.
#[derive(Default)]
struct Fields {
    texts: Vec<(String, String)>,
    attachments: Vec<String>,
    attachment_count: usize,
    uuids: Vec<String>,
}

impl Fields {
    /// Rejects a field before its content is read.
    fn check(&self, name: &str) -> Result<()> {
        match name {
            "" => Err(refuse_nameless()),
            "attachmentUuids" if self.uuids.len() == FILES_PER_MESSAGE => Err(too_many(name)),
            "attachments" | "attachmentUuids" => Ok(()),
            _ if IGNORED_FIELDS.contains(&name) => Ok(()),
            _ if name != CONTACT && !TEXT_FIELDS.contains(&name) => {
                let known = format!("file, {CONTACT}, attachments, attachmentUuids, {}", TEXT_FIELDS.join(", "));
                Err(refuse_unknown(name, &known))
            }
            _ if self.texts.iter().any(|(other, _)| other == name) => Err(refuse_twice(name)),
            _ => Ok(()),
        }
    }

    fn add(&mut self, name: String, text: String) -> Result<()> {
        match name.as_str() {
            // Omitted.
            name if text.is_empty() || IGNORED_FIELDS.contains(&name) => Ok(()),
            "attachments" => self.add_attachments(&text),
            "attachmentUuids" => {
                self.uuids.push(json_text(&text));
                Ok(())
            }
            CONTACT => {
                serde_json::from_str::<IgnoredAny>(&text).map_err(|error| not_json(CONTACT, &error))?;
                self.texts.push((name, text));
                Ok(())
            }
            _ => {
                self.texts.push((name, json_text(&text)));
                Ok(())
            }
        }
    }

    /// Adds one item or a list of items. Only their number is checked here; the items are validated with the whole message.
    fn add_attachments(&mut self, text: &str) -> Result<()> {
        let invalid = |error: serde_json::Error| not_json("attachments", &error);
        let text = text.trim_matches([' ', '\t', '\r', '\n']);
        if let Some(list) = text.strip_prefix('[') {
            let count = serde_json::from_str::<Vec<IgnoredAny>>(text).map_err(invalid)?.len();
            let items = list.strip_suffix(']').unwrap_or_default();
            self.attachment_count += count;
            self.attachments.extend((count > 0).then(|| items.to_owned()));
        } else {
            serde_json::from_str::<IgnoredAny>(text).map_err(invalid)?;
            self.attachment_count += 1;
            self.attachments.push(text.to_owned());
        }
        if self.attachment_count > FILES_PER_MESSAGE { Err(too_many("attachments")) } else { Ok(()) }
    }

    /// Returns the JSON of `POST /messages`.
    fn into_json(self) -> String {
        let texts = self.texts.into_iter().map(|(name, text)| format!("{}:{text}", json_text(&name)));
        let lists = [("attachments", self.attachments), ("attachmentUuids", self.uuids)];
        let lists = lists.into_iter().filter(|(_, items)| !items.is_empty());
        let lists = lists.map(|(name, items)| format!("\"{name}\":[{}]", items.join(",")));
        format!("{{{}}}", texts.chain(lists).collect::<Vec<_>>().join(","))
    }
}

fn not_json(field: &str, error: &serde_json::Error) -> AppError {
    AppError::new(ErrorKind::MalformedRequest, format!("{field} is not JSON: {error}.")).on(field)
}

fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn too_many(field: &str) -> AppError {
    let message = format!("A message can have at most {FILES_PER_MESSAGE} files. Send the rest in another message.");
    AppError::new(ErrorKind::MalformedRequest, message).on(field)
}

/// Reads the files, and the fields as the JSON of `POST /messages`.
async fn read(
    platform: &Platform,
    organization: OrganizationId,
    mut form: multipart::Form,
) -> Result<(Vec<Sent>, String)> {
    let (mut files, mut fields, mut texts) = (Vec::new(), Fields::default(), Texts::default());
    while let Some(field) = form.next_field().await? {
        let name = multipart::name_of_field(&field).unwrap_or_default();
        if name == "file" {
            if files.len() == FILES_PER_MESSAGE {
                return Err(too_many("file"));
            }
            let File { name, spooled } = File::read(platform, organization, field).await?;
            files.push(Sent { name, spooled });
            continue;
        }
        fields.check(&name)?;
        let text = texts.read(&name, field).await?;
        fields.add(name, text)?;
    }
    Ok((files, fields.into_json()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(fields: &[(&str, &str)]) -> Result<String> {
        let mut read = Fields::default();
        for (name, text) in fields {
            read.check(name)?;
            read.add((*name).to_owned(), (*text).to_owned())?;
        }
        Ok(read.into_json())
    }

    #[test]
    fn fields_become_the_json_of_a_message() {
        assert_eq!(json(&[]).unwrap(), "{}");
        let fields = [
            ("title", "a \"b\""),
            ("attachments", " [{\"url\": \"x\"}, {}] "),
            ("attachments", "{\"url\": \"y\"}"),
            ("attachments", "[]"),
            ("contact", "{\"phone\": \"+1\"}"),
            ("attachmentUuids", "1"),
            ("attachmentUuids", "2"),
        ];
        let expected = r#"{"title":"a \"b\"","contact":{"phone": "+1"},"attachments":[{"url": "x"}, {},{"url": "y"}],"attachmentUuids":["1","2"]}"#;
        assert_eq!(json(&fields).unwrap(), expected);
    }

    #[test]
    fn lists_end_at_a_hundred_and_nothing_unknown_is_read() {
        let zeros = format!("[{}0]", "0,".repeat(49_000));
        for (fields, field) in [
            (vec![("attachments", zeros.as_str())], "attachments"),
            (vec![("attachments", "{}"); 101], "attachments"),
            (vec![("attachmentUuids", "1"); 101], "attachmentUuids"),
            (vec![("colour", "red")], "colour"),
            (vec![("title", "a"), ("title", "b")], "title"),
            (vec![("attachments", "[{}")], "attachments"),
            (vec![("contact", "{},\"direction\":\"inbound\"")], "contact"),
            (vec![("contact", "{}"), ("contact", "{}")], "contact"),
            (vec![("attachments", "[{}],\"direction\":\"inbound\",\"attachments\":[{}]")], "attachments"),
        ] {
            assert_eq!(json(&fields).unwrap_err().field.as_deref(), Some(field));
        }
    }
}
