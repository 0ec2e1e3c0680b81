//! Messages, for both sides.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::quote::Quote;
use crate::channels::mentions::{Mention, with_names};
pub use crate::channels::model::DeliveryType;
use crate::files::attachments::model::{Attachment, DeletedAttachment, RemoteFile};
use crate::files::requests::model::FileRequest;
use crate::ids::{AttachmentId, ChannelId, ContactId, MessageId};
use crate::named_enum;
use crate::platform::error::{AppError, Result};
use crate::platform::timestamp::Timestamp;
use crate::platform::visible::trim_invisible;
use crate::platform::{lists, omitted};

/// Maximum length of a message, in characters.
pub const BODY_MAX: usize = 20_000;
/// Maximum length of title and subtitle, in characters.
pub const LINE_MAX: usize = 200;
/// Maximum length of an idempotency key, in bytes.
const IDEMPOTENCY_KEY_MAX: usize = 200;
/// Maximum length of an id in another system, in characters.
#[cfg(feature = "server")]
pub const EXTERNAL_ID_MAX: usize = 200;
/// Maximum length of the reason of a failed delivery, in characters.
#[cfg(feature = "server")]
pub const DELIVERY_ERROR_MAX: usize = 500;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub enum AuthorKind {
    Member,
    Contact,
    /// A program with an access token.
    Token,
    /// Somebody with the link of a file request, in a team channel.
    Visitor,
}

impl AuthorKind {
    /// Whether somebody outside the organization wrote it.
    pub fn is_outside(self) -> bool {
        matches!(self, Self::Contact | Self::Visitor)
    }
}

named_enum! {
    /// The delivery of a message to a contact. A late report of an earlier status changes nothing.
    #[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
    pub enum DeliveryStatus in "messages.delivery_status" {
        /// The gateway has accepted it.
        Queued = "queued";
        /// The provider has it.
        Sent = "sent";
        /// It was not delivered. A later success replaces this.
        Failed = "failed";
        Delivered = "delivered";
        Read = "read";
    }
}

/// What a gateway has reported about a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    pub status: DeliveryStatus,
    /// Why it failed, if the gateway said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Author {
    pub kind: AuthorKind,
    /// The id of the member, the contact, the access token or the file request, or of the bot that the token posts as.
    pub id: Uuid,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    pub id: MessageId,
    pub channel_id: ChannelId,
    /// The contact of the conversation, if it is one with a contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_id: Option<ContactId>,
    pub author: Author,
    /// For messages of programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// With mentions as tokens: see [`mentions`](crate::channels::mentions).
    pub body: String,
    /// Whom it mentions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<Mention>,
    #[serde(default)]
    pub delivery_type: DeliveryType,
    pub created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Timestamp>,
    /// In the order in which they were sent. Empty for members who may not view files.
    pub attachments: Vec<Attachment>,
    /// Files on other servers. Empty for members who may not view files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remote_files: Vec<RemoteFile>,
    /// The number of files that this role may not view.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub hidden_attachments: usize,
    /// In the order of each emoji's first use.
    #[serde(default)]
    pub reactions: Vec<Reaction>,
    /// Deleted files. Empty for members who may not view files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deleted_attachments: Vec<DeletedAttachment>,
    /// The request that the message makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_request: Option<Box<FileRequest>>,
    /// `None` until a gateway reports something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Delivery>,
    /// The id of the message in the system of a gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The message that this one replies to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Box<Quote>>,
    /// For a deleted message, `body` and the lists of files are empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Deletion>,
}

impl Message {
    /// Returns the text with the names of mentioned members.
    pub fn plain_body(&self) -> String {
        with_names(&self.body, &self.mentions)
    }
}

/// Who deleted a message, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deletion {
    pub at: Timestamp,
    /// A name.
    pub by: String,
}

/// The members who reacted with one emoji.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reaction {
    /// A Unicode emoji, or `:name:` of a custom one.
    pub emoji: String,
    /// The picture of a custom emoji that is in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    pub count: usize,
    /// Whether the caller is among them.
    pub mine: bool,
    /// The first 20, by time.
    pub names: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReactionChange {
    /// A Unicode emoji, or `:name:` of a custom one.
    pub emoji: String,
    pub reacted: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewMessage {
    #[serde(default)]
    pub body: String,
    #[serde(default, deserialize_with = "lists::distinct::<{ lists::VALUES_MAX }, _, _>")]
    pub attachment_ids: Vec<AttachmentId>,
    /// The message of the same conversation that this one replies to.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "omitted::or_none")]
    pub reply_to: Option<MessageId>,
    /// Repeating the key creates no second message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// A change to the text of a message.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageEdit {
    pub body: String,
}

/// Checks a title or a subtitle: one line, trimmed; `None` if empty. The limit applies before trimming, as the API's
/// document says.
pub fn check_line(field: &str, text: Option<String>) -> Result<Option<String>> {
    if text.as_ref().is_some_and(|text| text.chars().count() > LINE_MAX) {
        return Err(AppError::invalid(field, format!("Use at most {LINE_MAX} characters. Put the rest in the body.")));
    }
    let line = text.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ").replace(char::is_control, ""));
    Ok(line.map(|line| trim_invisible(&line).to_owned()).filter(|line| !line.is_empty()))
}

/// Checks an id in another system.
#[cfg(feature = "server")]
pub fn check_external_id(id: Option<String>) -> Result<Option<String>> {
    let is_valid = |id: &String| id.chars().count() <= EXTERNAL_ID_MAX && !id.contains(char::is_control);
    match id.filter(|id| !id.is_empty()) {
        Some(id) if !is_valid(&id) => {
            let message = format!("An external ID has 1 to {EXTERNAL_ID_MAX} characters, without control characters.");
            Err(AppError::invalid("externalId", message))
        }
        id => Ok(id),
    }
}

impl NewMessage {
    /// Checks that there is text, which is trimmed, or files, or both.
    pub fn check(self) -> Result<Self> {
        let checked = self.check_below_title()?;
        if checked.body.is_empty() && checked.attachment_ids.is_empty() {
            return Err(AppError::invalid("body", "Write something or attach a file."));
        }
        Ok(checked)
    }

    /// Checks a message that may have only a title.
    pub fn check_below_title(mut self) -> Result<Self> {
        let length = self.body.chars().count();
        self.body = String::from(self.body.replace('\0', "").trim());
        if trim_invisible(&self.body).is_empty() {
            self.body = String::new();
        }
        if length > BODY_MAX {
            return Err(AppError::invalid(
                "body",
                format!(
                    "A message can have at most {BODY_MAX} characters; this one has {length}. Split it, or send it as \
                     a file."
                ),
            ));
        }
        let mut seen = std::collections::HashSet::new();
        self.attachment_ids.retain(|id| seen.insert(*id));
        if self
            .idempotency_key
            .as_ref()
            .is_some_and(|key| key.is_empty() || key.len() > IDEMPOTENCY_KEY_MAX || key.contains('\0'))
        {
            return Err(AppError::invalid(
                "idempotencyKey",
                format!("An idempotency key has 1 to {IDEMPOTENCY_KEY_MAX} bytes, such as a UUID."),
            ));
        }
        Ok(self)
    }
}

/// A hit of a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageHit {
    pub id: MessageId,
    pub channel_id: ChannelId,
    /// Name of the conversation, as in lists.
    pub conversation: String,
    pub author: Author,
    pub created_at: Timestamp,
    /// Part of the message's text, or of the file's name.
    pub excerpt: Excerpt,
    /// Name of the matching file, if the file name matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
}

/// A match with the text around it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    pub before: String,
    pub hit: String,
    pub after: String,
}

/// A page of a feed with its metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FeedPage {
    /// Oldest first.
    pub messages: Vec<Message>,
    /// Whether there are older ones.
    pub has_more: bool,
    /// Whether there are newer ones: only for a page around a message.
    #[serde(default)]
    pub has_newer: bool,
    /// The newest message that this member has read.
    pub last_read_id: Option<MessageId>,
    /// Later messages of others: for a feed that opens, not for an older page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<Unread>,
    /// Whether messages to the contact stay here, because no gateway is connected.
    #[serde(default)]
    pub replies_stay: bool,
}

/// The first unread message of a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unread {
    /// At most [`UNREAD_MAX`](crate::channels::model::UNREAD_MAX): then there may be more.
    pub count: i64,
    pub first_id: MessageId,
    /// When the first one was sent.
    pub since: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_or_carries_something() {
        assert!(NewMessage { body: " \n\0 ".into(), ..Default::default() }.check().is_err());
        assert!(NewMessage { body: "x".repeat(BODY_MAX + 1), ..Default::default() }.check().is_err());
        assert_eq!(NewMessage { body: " hi \n".into(), ..Default::default() }.check().unwrap().body, "hi");
        let id = AttachmentId(Uuid::from_u128(1));
        let files = NewMessage { attachment_ids: vec![id, id], ..Default::default() }.check().unwrap();
        assert_eq!(files.attachment_ids, [id]);
        assert!(
            NewMessage { body: "x".into(), idempotency_key: Some(String::new()), ..Default::default() }
                .check()
                .is_err()
        );
    }
}
