//! The input for a message of a program.

use serde::Deserialize;
use serde::de::IgnoredAny;
use utoipa::ToSchema;

use super::model::Direction;
use super::recipient::ContactInput;
use crate::conversations::messages::model::{DeliveryType, NewMessage, check_external_id, check_line};
use crate::conversations::messages::post::Post;
use crate::files::attachments::file_name::FileName;
use crate::files::attachments::intake::{FileDescription, parse_media_type};
use crate::files::attachments::media_type::MediaType;
use crate::files::attachments::message_files::{MessageFile, What};
use crate::ids::{AttachmentId, MessageId};
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::{lists, omitted};
use crate::rest::body::Object;
use crate::rest::idempotency::RequestKey;

/// A message to send. It needs a title, a body or an attachment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewMessage)]
pub struct Input {
    /// The ID or the name of a bucket, or of another channel that you can post to. Optional for a token that is limited
    /// to a bucket.
    #[schema(example = "deploys")]
    #[serde(default, deserialize_with = "omitted::or_none")]
    pub bucket_id: Option<String>,
    /// The contact whose conversation the message is in, instead of `bucketId`.
    #[schema(value_type = Option<ContactInput>)]
    #[serde(default, deserialize_with = "omitted::or_none")]
    pub contact: Option<Object<ContactInput>>,
    /// The ID in the system of a gateway. A repeated one returns the first message.
    #[schema(max_length = 200)]
    #[serde(default, deserialize_with = "omitted::or_none")]
    pub external_id: Option<String>,
    /// A single line.
    #[schema(example = "Build 512 is out", max_length = 200)]
    #[serde(default, deserialize_with = "omitted::or_none")]
    title: Option<String>,
    /// A single line.
    #[schema(max_length = 200)]
    #[serde(default, deserialize_with = "omitted::or_none")]
    subtitle: Option<String>,
    #[schema(example = "All tests passed.", max_length = 20_000, value_type = Option<String>)]
    #[serde(default, deserialize_with = "omitted::or_default")]
    body: String,
    /// The ID of the message of the same channel that this one replies to.
    #[serde(default, deserialize_with = "omitted::or_none")]
    reply_to: Option<MessageId>,
    #[schema(value_type = Option<DeliveryType>)]
    #[serde(default, deserialize_with = "omitted::or_default")]
    delivery_type: DeliveryType,
    /// For gateways: `inbound` shows the message as written by the contact.
    #[schema(value_type = Option<Direction>)]
    #[serde(default, deserialize_with = "omitted::or_default")]
    pub direction: Direction,
    #[schema(max_items = 100, value_type = Option<Vec<AttachmentInput>>)]
    #[serde(default, deserialize_with = "omitted::or_empty::<{ lists::VALUES_MAX }, _, _>")]
    attachments: Vec<Object<AttachmentInput>>,
    /// IDs of stored files. They come after `attachments`.
    #[schema(max_items = 100, value_type = Option<Vec<AttachmentId>>)]
    #[serde(default, deserialize_with = "omitted::or_empty::<{ lists::VALUES_MAX }, _, _>")]
    attachment_uuids: Vec<AttachmentId>,
    /// The URL of a picture: short for an item of `attachments`. It comes after them.
    #[schema(example = "https://example.com/banner.png")]
    #[serde(default, deserialize_with = "omitted::or_none")]
    image_url: Option<String>,
    /// The URL of a video. It comes next.
    #[serde(default, deserialize_with = "omitted::or_none")]
    video_url: Option<String>,
    /// The URL of a GIF. It comes last.
    #[serde(default, deserialize_with = "omitted::or_none")]
    gif_url: Option<String>,
    /// Accepted and ignored.
    #[schema(value_type = Option<serde_json::Value>)]
    #[serde(default, rename = "locale")]
    _locale: Ignored,
    /// Accepted and ignored.
    #[schema(value_type = Option<serde_json::Value>)]
    #[serde(default, rename = "collapseId")]
    _collapse_id: Ignored,
    /// Accepted and ignored.
    #[schema(value_type = Option<serde_json::Value>)]
    #[serde(default, rename = "groupId")]
    _group_id: Ignored,
    /// Accepted and ignored.
    #[schema(value_type = Option<serde_json::Value>)]
    #[serde(default, rename = "sound")]
    _sound: Ignored,
    /// Accepted and ignored.
    #[schema(value_type = Option<serde_json::Value>)]
    #[serde(default, rename = "tapUrl")]
    _tap_url: Ignored,
    /// Accepted and ignored.
    #[schema(value_type = Option<serde_json::Value>)]
    #[serde(default, rename = "actions")]
    _actions: Ignored,
    /// Accepted and ignored.
    #[schema(value_type = Option<serde_json::Value>)]
    #[serde(default, rename = "addMarkAsReadAction")]
    _add_mark_as_read_action: Ignored,
    /// Accepted and ignored.
    #[schema(value_type = Option<serde_json::Value>)]
    #[serde(default, rename = "addDeleteAction")]
    _add_delete_action: Ignored,
    /// Accepted and ignored.
    #[schema(value_type = Option<serde_json::Value>)]
    #[serde(default, rename = "userIds")]
    _user_ids: Ignored,
    /// Accepted and ignored.
    #[schema(value_type = Option<serde_json::Value>)]
    #[serde(default, rename = "snoozes")]
    _snoozes: Ignored,
    /// Accepted and ignored.
    #[schema(value_type = Option<serde_json::Value>)]
    #[serde(default, rename = "postpones")]
    _postpones: Ignored,
    /// Accepted and ignored.
    #[schema(value_type = Option<serde_json::Value>)]
    #[serde(default, rename = "attachmentOptions")]
    _attachment_options: Ignored,
}

/// Fields of similar services, which their clients send. They are accepted and have no effect.
pub const IGNORED_FIELDS: [&str; 12] = [
    "locale",
    "collapseId",
    "groupId",
    "sound",
    "tapUrl",
    "actions",
    "addMarkAsReadAction",
    "addDeleteAction",
    "userIds",
    "snoozes",
    "postpones",
    "attachmentOptions",
];

/// A value of any type, which is dropped.
#[derive(Debug, Default, Deserialize)]
struct Ignored(IgnoredAny);

/// A stored file or a URL: either `attachmentUuid` or `url`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewMessageAttachment)]
pub struct AttachmentInput {
    /// Required with `url`, unless `saveOnServer` is true. For stored files it is known, and a type that contradicts
    /// the file is rejected.
    #[schema(value_type = Option<MediaType>, example = "IMAGE")]
    #[serde(default, deserialize_with = "omitted::or_none")]
    media_type: Option<String>,
    /// The name shown in this message. Unsafe characters are replaced, and it is cut to 255 bytes, keeping the
    /// extension.
    #[schema(example = "banner.png")]
    #[serde(default, deserialize_with = "omitted::or_none")]
    name: Option<String>,
    /// An http or https URL. Browsers load the file from there, unless the server stores a copy.
    #[schema(example = "https://example.com/banner.png")]
    #[serde(default, deserialize_with = "omitted::or_none")]
    url: Option<String>,
    #[serde(default, deserialize_with = "omitted::or_none")]
    attachment_uuid: Option<AttachmentId>,
    /// Whether the server fetches the URL and stores a copy. If it can't be fetched, the message is not sent.
    #[schema(value_type = Option<bool>)]
    #[serde(default, deserialize_with = "omitted::or_default")]
    save_on_server: bool,
}

/// Requested attachments, before the server has fetched those to store.
pub enum Asked {
    MessageFile(MessageFile),
    /// The server stores a copy. `field` is the field of the request.
    Fetched {
        field: String,
        url: String,
        description: FileDescription,
    },
}

impl Input {
    /// Removes and returns all requested attachments, in order.
    pub fn take_asked(&mut self) -> Result<Vec<Asked>> {
        let mut asked = Vec::new();
        for (index, Object(item)) in std::mem::take(&mut self.attachments).into_iter().enumerate() {
            asked.push(item.into_asked(format!("attachments[{index}]"))?);
        }
        for (index, id) in std::mem::take(&mut self.attachment_uuids).into_iter().enumerate() {
            let what = What::Stored { id, media_type: None };
            asked.push(Asked::MessageFile(MessageFile {
                field: format!("attachmentUuids[{index}]"),
                what,
                name: None,
            }));
        }
        for (field, url, media_type) in [
            ("imageUrl", self.image_url.take(), MediaType::Image),
            ("videoUrl", self.video_url.take(), MediaType::Video),
            ("gifUrl", self.gif_url.take(), MediaType::Gif),
        ] {
            if let Some(url) = url {
                let what = What::Elsewhere { url, media_type };
                asked.push(Asked::MessageFile(MessageFile { field: field.to_owned(), what, name: None }));
            }
        }
        Ok(asked)
    }

    /// Checks everything that can be checked before files are stored and a contact is created. `files` is the number of files.
    pub fn check_text(&self, files: usize) -> Result<()> {
        let title = check_line("title", self.title.clone())?;
        check_line("subtitle", self.subtitle.clone())?;
        check_external_id(self.external_id.clone())?;
        let message = NewMessage { body: self.body.clone(), ..NewMessage::default() };
        let says_something = title.is_some() || files > 0;
        if says_something { message.check_below_title() } else { message.check() }.map(|_| ())
    }

    pub fn into_post(self, carried: Vec<MessageFile>, key: Option<RequestKey>) -> Post {
        let idempotency_key = key.map(|key| key.0);
        Post {
            message: NewMessage { body: self.body, reply_to: self.reply_to, idempotency_key, ..NewMessage::default() },
            title: self.title,
            subtitle: self.subtitle,
            delivery_type: self.delivery_type,
            carried,
            external_id: self.external_id,
        }
    }
}

impl AttachmentInput {
    fn into_asked(self, field: String) -> Result<Asked> {
        let refuse = |message: &str| Err(AppError::new(ErrorKind::MalformedRequest, message).on(&field));
        let parse = |text: &str| parse_media_type(&format!("{field}.mediaType"), text);
        let media_type = self.media_type.as_deref().map(parse).transpose()?;
        let what = match (self.url, self.attachment_uuid) {
            (Some(_), Some(_)) => return refuse("Use either url or attachmentUuid, not both."),
            (None, None) => return refuse("Either url or attachmentUuid is required."),
            (None, Some(id)) => What::Stored { id, media_type },
            (Some(url), None) if self.save_on_server => {
                let description = FileDescription { name: self.name.unwrap_or_default(), media_type };
                return Ok(Asked::Fetched { field, url, description });
            }
            (Some(url), None) => {
                let Some(media_type) = media_type else {
                    return refuse("mediaType is required with url.");
                };
                What::Elsewhere { url, media_type }
            }
        };
        let name = self.name.map(|name| FileName::new(&name)).filter(|name| !name.is_empty());
        Ok(Asked::MessageFile(MessageFile { field, what, name }))
    }
}
