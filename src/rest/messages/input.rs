//! What a program says of a message to send.

use serde::Deserialize;
use utoipa::ToSchema;

use super::model::Direction;
use crate::attachments::carry::{Carried, What};
use crate::attachments::file_name::FileName;
use crate::attachments::intake::{Said, parse_media_type};
use crate::attachments::media_type::MediaType;
use crate::attachments::model::AttachmentId;
use crate::messaging::model::{DeliveryType, NewMessage};
use crate::messaging::post::Post;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::{left_out, lists};
use crate::rest::body::Object;
use crate::rest::idempotency::RequestKey;

/// A message to send. It has a title, a body or something attached.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewMessage)]
pub struct Input {
    /// Where to: the id or the name of a bucket, or of any other channel that the caller may post to. A token that is bound
    /// to a bucket may leave it out.
    #[schema(example = "deploys")]
    #[serde(default, deserialize_with = "left_out::or_none")]
    pub bucket_id: Option<String>,
    /// One line.
    #[schema(example = "Build 512 is out", max_length = 200)]
    #[serde(default, deserialize_with = "left_out::or_none")]
    title: Option<String>,
    /// One line.
    #[schema(max_length = 200)]
    #[serde(default, deserialize_with = "left_out::or_none")]
    subtitle: Option<String>,
    #[schema(example = "All tests passed.", max_length = 20_000)]
    #[serde(default, deserialize_with = "left_out::or_default")]
    body: String,
    #[serde(default, deserialize_with = "left_out::or_default")]
    delivery_type: DeliveryType,
    /// `inbound` is for gateways: it stands in a contact's channel as theirs.
    #[serde(default, deserialize_with = "left_out::or_default")]
    pub direction: Direction,
    #[schema(max_items = 100, value_type = Vec<AttachmentInput>)]
    #[serde(default, deserialize_with = "left_out::or_empty::<{ lists::VALUES_MAX }, _, _>")]
    attachments: Vec<Object<AttachmentInput>>,
    /// Stored files, after `attachments`.
    #[schema(max_items = 100)]
    #[serde(default, deserialize_with = "left_out::or_empty::<{ lists::VALUES_MAX }, _, _>")]
    attachment_uuids: Vec<AttachmentId>,
    /// A picture elsewhere, after those: short for one of `attachments`.
    #[schema(example = "https://example.com/banner.png")]
    #[serde(default, deserialize_with = "left_out::or_none")]
    image_url: Option<String>,
    /// A video elsewhere, after it.
    #[serde(default, deserialize_with = "left_out::or_none")]
    video_url: Option<String>,
    /// A GIF elsewhere, last.
    #[serde(default, deserialize_with = "left_out::or_none")]
    gif_url: Option<String>,
}

/// A stored file, or a URL elsewhere: one of `attachmentUuid` and `url`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewMessageAttachment)]
pub struct AttachmentInput {
    /// A URL that stays where it is needs it. That of a stored file is known; one that contradicts its bytes is refused.
    #[schema(value_type = Option<MediaType>, example = "IMAGE")]
    #[serde(default, deserialize_with = "left_out::or_none")]
    media_type: Option<String>,
    /// As this message calls it; made safe, and cut at 255 bytes with its ending kept.
    #[schema(example = "banner.png")]
    #[serde(default, deserialize_with = "left_out::or_none")]
    name: Option<String>,
    /// http or https. It stays where it is, unless the server stores a copy: browsers load it from there.
    #[schema(example = "https://example.com/banner.png")]
    #[serde(default, deserialize_with = "left_out::or_none")]
    url: Option<String>,
    #[serde(default, deserialize_with = "left_out::or_none")]
    attachment_uuid: Option<AttachmentId>,
    /// The server fetches the URL and stores a copy. One that cannot be fetched fails the whole message.
    #[serde(default, deserialize_with = "left_out::or_default")]
    save_on_server: bool,
}

/// What a message shall carry, before the server has fetched what it is asked to keep.
pub enum Asked {
    Carried(Carried),
    /// The server stores a copy. `field` is where the request says so.
    Fetched {
        field: String,
        url: String,
        said: Said,
    },
}

impl Input {
    /// Takes out all that is to be carried, in the one order.
    pub fn take_asked(&mut self) -> Result<Vec<Asked>> {
        let mut asked = Vec::new();
        for (index, Object(item)) in std::mem::take(&mut self.attachments).into_iter().enumerate() {
            asked.push(item.into_asked(format!("attachments[{index}]"))?);
        }
        for (index, id) in std::mem::take(&mut self.attachment_uuids).into_iter().enumerate() {
            let what = What::Stored { id, media_type: None };
            asked.push(Asked::Carried(Carried { field: format!("attachmentUuids[{index}]"), what, name: None }));
        }
        for (field, url, media_type) in [
            ("imageUrl", self.image_url.take(), MediaType::Image),
            ("videoUrl", self.video_url.take(), MediaType::Video),
            ("gifUrl", self.gif_url.take(), MediaType::Gif),
        ] {
            if let Some(url) = url {
                let what = What::Elsewhere { url, media_type };
                asked.push(Asked::Carried(Carried { field: field.to_owned(), what, name: None }));
            }
        }
        Ok(asked)
    }

    pub fn into_post(self, carried: Vec<Carried>, key: Option<RequestKey>) -> Post {
        let idempotency_key = key.map(|key| key.0);
        Post {
            message: NewMessage { body: self.body, idempotency_key, ..NewMessage::default() },
            title: self.title,
            subtitle: self.subtitle,
            delivery_type: self.delivery_type,
            carried,
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
                let said = Said { name: self.name.unwrap_or_default(), media_type };
                return Ok(Asked::Fetched { field, url, said });
            }
            (Some(url), None) => {
                let Some(media_type) = media_type else {
                    return refuse("mediaType is required with url.");
                };
                What::Elsewhere { url, media_type }
            }
        };
        let name = self.name.map(|name| FileName::new(&name)).filter(|name| !name.is_empty());
        Ok(Asked::Carried(Carried { field, what, name }))
    }
}
