//! Messages in responses of the REST API.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::conversations::messages::model;
use crate::conversations::messages::model::{AuthorKind, DeliveryStatus, DeliveryType};
use crate::files::attachments::media_type::MediaType;
use crate::files::attachments::model::{Attachment, RemoteFile};
use crate::ids::{AttachmentId, ChannelId, ContactId, MessageId};
use crate::platform::byte_size::ByteSize;
use crate::platform::timestamp::Timestamp;
use crate::rest::icon;

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    pub id: MessageId,
    /// The channel of the message. It can be of any kind.
    pub bucket_id: ChannelId,
    /// The contact of the conversation. Null in team channels and buckets.
    pub contact_id: Option<ContactId>,
    pub author: Author,
    #[schema(example = "Front door")]
    pub title: Option<String>,
    pub subtitle: Option<String>,
    /// Mentions of members are names, such as `@Mara Ellis`.
    #[schema(example = "Somebody rang.")]
    pub body: String,
    pub delivery_type: DeliveryType,
    /// The message of the same channel that this one replies to.
    pub reply_to: Option<MessageId>,
    /// Whether a contact or a member wrote the message.
    pub direction: Direction,
    /// The ID in the system of a gateway.
    #[schema(example = "SM7f3a")]
    pub external_id: Option<String>,
    /// What a gateway has reported. Null if nothing.
    #[schema(value_type = Option<DeliveryStatus>)]
    pub delivery_status: Option<DeliveryStatus>,
    /// Why the message was not delivered, if the gateway said so.
    pub delivery_error: Option<String>,
    /// In order. If none of them is an ICON, the bucket's picture, if any, is added at the end as ICON.
    pub attachments: Vec<MessageAttachment>,
    /// The number of files that the caller's role can't view.
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false)]
    pub hidden_attachments: usize,
    #[schema(value_type = String, format = DateTime, example = "2026-01-05T09:30:00.123Z")]
    pub created_at: Timestamp,
    /// Null if the message was not edited.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub edited_at: Option<Timestamp>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// The direction of a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Inbound,
    #[default]
    Outbound,
}

/// An attachment of a message: a stored file or a URL.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageAttachment {
    pub media_type: MediaType,
    #[schema(example = "banner.png")]
    pub name: Option<String>,
    /// For stored files.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub attachment_uuid: Option<AttachmentId>,
    /// In bytes, for stored files.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<i64>)]
    pub size: Option<ByteSize>,
    /// Detected from the content, for stored files.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "image/png")]
    pub content_type: Option<String>,
    /// For files that are not stored on this server.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub url: Option<String>,
}

impl From<Attachment> for MessageAttachment {
    fn from(file: Attachment) -> Self {
        Self {
            media_type: file.media_type,
            name: Some(file.file_name.as_str().to_owned()),
            attachment_uuid: Some(file.id),
            size: Some(file.file_size),
            content_type: Some(file.content_type),
            url: None,
        }
    }
}

impl From<RemoteFile> for MessageAttachment {
    fn from(file: RemoteFile) -> Self {
        Self {
            media_type: file.media_type,
            name: file.name.map(|name| name.as_str().to_owned()),
            attachment_uuid: None,
            size: None,
            content_type: None,
            url: Some(file.url),
        }
    }
}

/// Merges both in the order in which they were sent.
fn in_order(stored: Vec<Attachment>, remote: Vec<RemoteFile>) -> Vec<MessageAttachment> {
    let mut remote = remote.into_iter().peekable();
    let mut all = Vec::new();
    for (index, file) in stored.into_iter().enumerate() {
        while let Some(before) = remote.next_if(|file| file.after <= index) {
            all.push(before.into());
        }
        all.push(file.into());
    }
    all.extend(remote.map(MessageAttachment::from));
    all
}

/// The author of a message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Author)]
pub struct Author {
    pub kind: AuthorKind,
    /// The ID of the member, contact, access token or file request.
    pub id: Uuid,
    #[schema(example = "doorbell")]
    pub name: String,
}

impl Message {
    /// `icon` is the bucket's picture.
    pub fn new(message: model::Message, icon: Option<&Attachment>) -> Self {
        let body = message.plain_body();
        let mut attachments = in_order(message.attachments, message.remote_files);
        let carried = || attachments.iter().map(|carried| (carried.media_type, carried.attachment_uuid));
        let joining = icon.filter(|icon| icon::joins(icon, carried())).cloned();
        attachments.extend(joining.map(MessageAttachment::from));
        let author = message.author;
        let direction = if author.kind.is_outside() { Direction::Inbound } else { Direction::Outbound };
        let (delivery_status, delivery_error) =
            message.delivery.map_or((None, None), |delivery| (Some(delivery.status), delivery.error));
        Self {
            id: message.id,
            bucket_id: message.channel_id,
            contact_id: message.contact_id,
            author: Author { kind: author.kind, id: author.id, name: author.name },
            title: message.title,
            subtitle: message.subtitle,
            body,
            delivery_type: message.delivery_type,
            reply_to: message.reply_to.map(|quote| quote.id),
            direction,
            external_id: message.external_id,
            delivery_status,
            delivery_error,
            attachments,
            hidden_attachments: message.hidden_attachments,
            created_at: message.created_at,
            edited_at: message.edited_at,
        }
    }
}
