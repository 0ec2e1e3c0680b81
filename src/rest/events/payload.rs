//! The data of an event: its subject as the REST API shows it to a member, at the time of the call.

use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::channels::service as channels;
use crate::conversations::file_requests::service as file_requests;
use crate::conversations::messages::service as messages;
use crate::event_log::{EventKind, LoggedEvent};
use crate::files::attachments::service as attachments;
use crate::files::requests::model::FileRequest;
use crate::ids::{AttachmentId, ChannelId, ContactId, FileRequestId, MessageId};
use crate::people::contacts::service as contacts;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::{AppError, Result};
use crate::platform::timestamp::Timestamp;
use crate::rest::attachments::StoredFile;
use crate::rest::contacts::Contact;
use crate::rest::icon;
use crate::rest::messages::Message;

/// What an event is about.
#[derive(Debug, Clone, Copy)]
pub struct Subject {
    pub kind: EventKind,
    pub channel: ChannelId,
    pub id: Uuid,
    /// The message of an attachment, and the one that a file request received.
    pub message: Option<MessageId>,
}

impl Subject {
    /// Returns `None` for an event of a kind that this version does not know.
    pub fn of(event: &LoggedEvent) -> Option<Self> {
        let kind = EventKind::from_name(&event.kind)?;
        Some(Self { kind, channel: event.channel_id, id: event.subject_id, message: event.message_id })
    }
}

/// A message that was deleted.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeletedMessage {
    id: MessageId,
    bucket_id: ChannelId,
}

/// A file with its message.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReadyFile {
    #[serde(flatten)]
    file: StoredFile,
    message_id: Option<MessageId>,
    bucket_id: ChannelId,
}

/// A file request with the message that it received.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReceivedFiles {
    #[serde(flatten)]
    request: FileRequest,
    message: Message,
}

/// Returns the body of an event.
pub fn envelope(kind: &str, timestamp: Timestamp, data: Value) -> Value {
    json!({ "type": kind, "timestamp": timestamp, "data": data })
}

/// Returns the data of an event with absolute URLs. `None` if the member can't view it now, or it no longer exists.
pub async fn render(platform: &Platform, member: &Member, subject: Subject, base_url: &str) -> Result<Option<Value>> {
    match data(platform, member, subject).await {
        Ok(mut data) => {
            make_absolute(&mut data, base_url);
            Ok(Some(data))
        }
        Err(error) if error.status().is_client_error() => Ok(None),
        Err(error) => Err(error),
    }
}

async fn data(platform: &Platform, member: &Member, subject: Subject) -> Result<Value> {
    let Subject { kind, channel, id, message } = subject;
    channels::find(platform, member, channel).await?;
    match kind {
        EventKind::MessageCreated | EventKind::MessageUpdated => {
            json_of(shown_message(platform, member, MessageId(id)).await?)
        }
        EventKind::MessageDeleted => json_of(DeletedMessage { id: MessageId(id), bucket_id: channel }),
        EventKind::AttachmentReady => {
            let file = attachments::find(platform, member, AttachmentId(id)).await?.into();
            json_of(ReadyFile { file, message_id: message, bucket_id: channel })
        }
        EventKind::ContactCreated | EventKind::ContactUpdated => {
            json_of(Contact::from(contacts::find(platform, member, ContactId(id)).await?))
        }
        EventKind::FileRequestReceived => {
            let request = file_requests::get(platform, member, FileRequestId(id)).await?;
            let message = message.ok_or_else(|| AppError::not_found("message"))?;
            json_of(ReceivedFiles { request, message: shown_message(platform, member, message).await? })
        }
    }
}

async fn shown_message(platform: &Platform, member: &Member, id: MessageId) -> Result<Message> {
    let message = messages::find(platform, member, id).await?;
    if message.deleted.is_some() {
        return Err(AppError::not_found("message"));
    }
    let icon = icon::of(platform, member, message.channel_id).await?;
    Ok(Message::new(message, icon.as_ref()))
}

fn json_of(data: impl Serialize) -> Result<Value> {
    serde_json::to_value(data).map_err(|error| AppError::unexpected("failed to write the data of an event", error))
}

/// Adds the base to URLs that begin with a slash. Fields with a URL are named so.
fn make_absolute(value: &mut Value, base_url: &str) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                match field {
                    Value::String(url) if is_url(name) && url.starts_with('/') => url.insert_str(0, base_url),
                    other => make_absolute(other, base_url),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| make_absolute(item, base_url)),
        _ => {}
    }
}

fn is_url(name: &str) -> bool {
    name == "url" || name.ends_with("Url")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_urls_become_absolute() {
        let mut data = json!({
            "url": "/a", "downloadUrl": "/b", "body": "/c", "list": [{ "publicUrl": "/d" }],
            "remote": { "url": "https://example.com/e" }, "none": null
        });
        make_absolute(&mut data, "https://files.example.com");
        let expected = json!({
            "url": "https://files.example.com/a", "downloadUrl": "https://files.example.com/b", "body": "/c",
            "list": [{ "publicUrl": "https://files.example.com/d" }], "remote": { "url": "https://example.com/e" },
            "none": null
        });
        assert_eq!(data, expected);
    }
}
