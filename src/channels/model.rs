//! Channels and the list of conversations.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::{AttachmentId, ChannelId, ContactId, MemberId, MessageId};
use crate::named_enum;
use crate::platform::lists;
use crate::platform::timestamp::Timestamp;
use crate::ui::Tint;

named_enum! {
    #[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
    pub enum ChannelKind in "channels.kind" {
        /// A conversation of colleagues.
        Team = "team";
        /// The conversation with one contact.
        Contact = "contact";
        /// A channel that programs post to.
        Bucket = "bucket";
    }
}

named_enum! {
    /// How urgent a message is.
    #[derive(Default)]
    #[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
    pub enum DeliveryType in "messages.delivery_type" {
        #[default]
        Normal = "NORMAL";
        /// Notifies everyone who can view it, regardless of their settings.
        Critical = "CRITICAL";
        /// Notifies without a sound.
        Silent = "SILENT";
        /// Notifies nobody, but is unread.
        NoPush = "NO_PUSH";
    }
}

impl DeliveryType {
    pub fn is_normal(&self) -> bool {
        *self == Self::Normal
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Channel {
    pub id: ChannelId,
    pub kind: ChannelKind,
    /// For a contact's channel: the contact's name.
    pub name: String,
    pub private: bool,
    pub contact_id: Option<ContactId>,
    /// For buckets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<BucketLook>,
    /// A conversation that is done. It is not in the list until the contact writes again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
    /// Whether the caller has muted it: only critical messages notify them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub muted: bool,
    pub created_at: Timestamp,
}

/// The appearance of a bucket, and whether its files are public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BucketLook {
    pub color: Tint,
    /// Its own picture; without one, an icon is drawn from name and color.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<AttachmentId>,
    /// Anyone with the public URL of a file in it can fetch it.
    pub public_files: bool,
}

impl BucketLook {
    /// Returns the URL of the picture, for people who can view the bucket.
    pub fn picture_url(&self) -> Option<String> {
        self.icon.map(|id| format!("/api/messages/attachments/{id}"))
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewChannel {
    pub name: String,
    /// Only team channels are created here: a contact always has its own.
    #[serde(default = "team")]
    pub kind: String,
    #[serde(default)]
    pub private: bool,
}

/// What to change of a team channel.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChannelChanges {
    pub name: String,
}

fn team() -> String {
    "team".to_owned()
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelMembers {
    #[serde(deserialize_with = "lists::distinct::<{ lists::MEMBERS_MAX }, _, _>")]
    pub member_ids: Vec<MemberId>,
}

/// A message up to which, or from which, messages are marked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadMark {
    pub message_id: Uuid,
}

/// Whether the caller mutes a conversation.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mute {
    pub muted: bool,
}

/// A row of the conversation list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    #[serde(flatten)]
    pub channel: Channel,
    pub unread_count: i64,
    pub last_message: Option<Preview>,
    /// Whether the contact is assigned to the caller.
    pub assigned: bool,
    /// The number of critical unread messages.
    #[serde(default)]
    pub critical_count: i64,
    /// The number of unread messages that mention the caller.
    #[serde(default)]
    pub mention_count: i64,
}

impl Conversation {
    /// Returns the cursor by which lists are ordered and paged: the last message, or, if there is none, the channel.
    /// Both ids grow with time.
    pub fn place(&self) -> Uuid {
        self.last_message.as_ref().map_or(self.channel.id.0, |last| last.id.0)
    }
}

/// The last message, in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Preview {
    /// The message's id.
    pub id: MessageId,
    pub text: String,
    pub own: bool,
    /// The first name of the colleague, or the name of the program, that wrote it. `None`: you or the contact did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    pub created_at: Timestamp,
    /// Whether it is deleted. Then nothing else is included.
    pub deleted: bool,
    /// For messages of programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "DeliveryType::is_normal")]
    pub delivery_type: DeliveryType,
    /// Whether it mentions you.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mentioned: bool,
    /// Without deleted ones.
    pub attachment_count: i64,
    /// The type of the first attachment that is not deleted.
    pub content_type: Option<String>,
    pub file_name: Option<String>,
}

impl Preview {
    /// Describes the files in few words, such as `Photo` or `3 files`. `None` if there are none.
    pub fn files(&self) -> Option<String> {
        let count = self.attachment_count;
        let name = || self.file_name.clone().filter(|name| !name.is_empty());
        let words = match self.content_type.as_deref().and_then(|content_type| content_type.split('/').next()) {
            _ if count == 0 => return None,
            Some("image") if count > 1 => format!("{count} photos"),
            Some("image") => "Photo".to_owned(),
            Some("video") => "Video".to_owned(),
            Some("audio") => "Voice note".to_owned(),
            _ if count > 1 => format!("{count} files"),
            _ => name().unwrap_or_else(|| "File".to_owned()),
        };
        Some(words)
    }
}

/// Larger counts are shown as "99+", and not counted further.
pub const UNREAD_MAX: i64 = 100;

/// Checks the name of a team channel: what people type after a `#`.
pub fn check_channel_name(text: &str) -> crate::platform::error::Result<String> {
    crate::people::accounts::model::check_name("name", text.trim().trim_start_matches('#'))
}

/// How many messages searches find, by their words and by the names of their files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchIndex {
    /// Whether searches find all messages. Otherwise an upgrade is still indexing older ones.
    pub complete: bool,
    /// Messages that were indexed since the upgrade.
    pub indexed: i64,
    /// Messages that there were at the upgrade.
    pub total: i64,
}

impl SearchIndex {
    pub const COMPLETE: Self = Self { complete: true, indexed: 0, total: 0 };
}
