//! The live events: what the server publishes and open pages listen to, one enum for both sides.
//!
//! An event names things, it does not carry them: a page that hears one fetches what its member can view. Except
//! `conversation.changed`, which each stream makes for its own member.

use serde::de::value::Error;
use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::ids::{BotId, ChannelId, ContactId, MemberId, MessageId, OrganizationId, PictureId, UserId};
use crate::platform::live::ServerSent;

/// An event. The names and fields are those of `GET /api/events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all_fields = "camelCase")]
pub enum LiveEvent {
    #[serde(rename = "message.created")]
    MessageCreated { channel_id: ChannelId, message_id: MessageId },
    /// The message or one of its files was deleted or restored, the preview of one was made, or its reactions changed.
    #[serde(rename = "message.changed")]
    MessageChanged { channel_id: ChannelId, message_id: MessageId },
    #[serde(rename = "channel.created")]
    ChannelCreated { channel_id: ChannelId },
    #[serde(rename = "channel.read")]
    ChannelRead {
        channel_id: ChannelId,
        message_id: MessageId,
        /// Decides who hears it, and is not sent.
        #[serde(skip)]
        reader: Option<MemberId>,
    },
    /// The row of the conversation list, as the listener sees it now. Comes before the event that changed it.
    #[serde(rename = "conversation.changed")]
    ConversationChanged(ConversationRow),
    #[serde(rename = "contact.created")]
    ContactCreated { contact_id: ContactId, channel_id: ChannelId },
    #[serde(rename = "contact.updated")]
    ContactUpdated { contact_id: ContactId, channel_id: ChannelId },
    /// What people can view or do may differ from now on.
    #[serde(rename = "access.changed")]
    AccessChanged {},
    #[serde(rename = "picture.changed")]
    PictureChanged {
        #[serde(flatten)]
        owner: PictureOwner,
        /// `None` if it was removed.
        picture_id: Option<PictureId>,
    },
    #[serde(rename = "emoji.changed")]
    EmojiChanged {},
    /// Something may have been missed: load everything again.
    #[serde(rename = "resync")]
    Resync {},
    /// A session of this user ended. For the servers themselves: no page hears it.
    #[serde(rename = "session.ended")]
    SessionEnded { user_id: UserId },
}

/// A row of the conversation list, as `GET /api/conversations` returns it. Its type is of a room above this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConversationRow(Value);

impl ConversationRow {
    /// Returns the row; `None` if it is of another version of the server.
    pub fn read<T: DeserializeOwned>(self) -> Option<T> {
        // From bytes, as responses are parsed: from a value it would be another decoder in the browser's module.
        serde_json::from_slice(&serde_json::to_vec(&self.0).ok()?).ok()
    }
}

/// Whose picture changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PictureOwner {
    #[serde(rename = "memberId")]
    Member(MemberId),
    #[serde(rename = "botId")]
    Bot(BotId),
    #[serde(rename = "organizationId")]
    Organization(OrganizationId),
}

impl PictureOwner {
    pub const fn id(self) -> Uuid {
        match self {
            Self::Member(id) => id.0,
            Self::Bot(id) => id.0,
            Self::Organization(id) => id.0,
        }
    }
}

impl LiveEvent {
    pub fn is_resync(&self) -> bool {
        matches!(self, Self::Resync {})
    }

    /// Whether what this person can view or do may differ from now on.
    pub fn changes_access(&self) -> bool {
        matches!(self, Self::Resync {} | Self::AccessChanged {})
    }

    /// The conversation that it is about.
    pub fn channel(&self) -> Option<ChannelId> {
        match self {
            Self::MessageCreated { channel_id, .. }
            | Self::MessageChanged { channel_id, .. }
            | Self::ChannelCreated { channel_id }
            | Self::ChannelRead { channel_id, .. }
            | Self::ContactCreated { channel_id, .. }
            | Self::ContactUpdated { channel_id, .. } => Some(*channel_id),
            _ => None,
        }
    }

    /// The message that it is about.
    pub fn message(&self) -> Option<MessageId> {
        match self {
            Self::MessageCreated { message_id, .. }
            | Self::MessageChanged { message_id, .. }
            | Self::ChannelRead { message_id, .. } => Some(*message_id),
            _ => None,
        }
    }
}

impl ServerSent for LiveEvent {
    fn names() -> &'static [&'static str] {
        let mut names: &'static [_] = &[];
        // Never succeeds: it asks for the names alone.
        let _ = Self::deserialize(Names(&mut names));
        names
    }

    fn read(name: &str, data: &str) -> Option<Self> {
        serde_json::from_slice(format!("{{\"{name}\":{data}}}").as_bytes()).ok()
    }

    fn resync() -> Self {
        Self::Resync {}
    }
}

/// Reads the names of an enum's variants from its `Deserialize`, so that they are listed once.
struct Names<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = Error;

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        *self.0 = variants;
        Err(serde::de::Error::custom("only the names are wanted"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(serde::de::Error::custom("not an enum"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(feature = "server")]
pub use publishing::{Audience, Notice, publish};

#[cfg(feature = "server")]
mod publishing {
    use serde::{Deserialize, Serialize};

    use super::{ConversationRow, LiveEvent};
    use crate::ids::{ChannelId, MemberId, OrganizationId};
    use crate::platform::Platform;
    use crate::platform::events::Event;

    /// The audience of an event. Checked again for each listener when it is delivered.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
    pub enum Audience {
        /// Every member of the organization.
        Organization,
        /// Those who can view this channel.
        Channel(ChannelId),
        /// One member alone.
        Member(MemberId),
        /// No page: the servers themselves.
        Servers,
    }

    /// An event as servers tell each other of it.
    #[derive(Debug, Serialize, Deserialize)]
    pub struct Notice {
        /// `None`: of no single organization.
        pub organization: Option<OrganizationId>,
        pub audience: Audience,
        pub event: LiveEvent,
    }

    impl LiveEvent {
        const fn audience(&self) -> Audience {
            match self {
                Self::MessageCreated { channel_id, .. }
                | Self::MessageChanged { channel_id, .. }
                | Self::ChannelCreated { channel_id }
                | Self::ContactCreated { channel_id, .. }
                | Self::ContactUpdated { channel_id, .. } => Audience::Channel(*channel_id),
                Self::ChannelRead { reader: Some(reader), .. } => Audience::Member(*reader),
                // A row is of one stream, and never published.
                Self::ConversationChanged(_) | Self::ChannelRead { reader: None, .. } | Self::SessionEnded { .. } => {
                    Audience::Servers
                }
                Self::AccessChanged {} | Self::PictureChanged { .. } | Self::EmojiChanged {} | Self::Resync {} => {
                    Audience::Organization
                }
            }
        }

        /// The event that brings a row of the conversation list.
        pub fn conversation_changed(row: &impl Serialize) -> Self {
            Self::ConversationChanged(ConversationRow(serde_json::to_value(row).expect("a row can be written")))
        }

        /// The name of the server-sent event and its data.
        pub fn wire(&self) -> (String, String) {
            let value = serde_json::to_value(self).expect("ids can be written");
            let entry = value.as_object().and_then(|object| object.iter().next()).expect("an enum is an object");
            (entry.0.clone(), entry.1.to_string())
        }
    }

    /// Tells every server, and through it open pages. Called after the commit.
    pub async fn publish(platform: &Platform, organization: impl Into<Option<OrganizationId>>, event: LiveEvent) {
        let notice = Notice { organization: organization.into(), audience: event.audience(), event };
        match serde_json::to_value(&notice) {
            Ok(message) => platform.events.publish(Event { id: platform.clock.new_id(), message }).await,
            Err(error) => tracing::error!(%error, "failed to write an event"),
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(feature = "server")]
    use serde_json::json;

    use super::*;

    #[cfg(feature = "server")]
    #[test]
    fn the_wire_has_names_and_data_as_documented() {
        let id = Uuid::from_u128(7);
        let (channel_id, message_id, contact_id) = (ChannelId(id), MessageId(id), ContactId(id));
        let picture = |owner, picture_id| LiveEvent::PictureChanged { owner, picture_id };
        let events = [
            (LiveEvent::MessageCreated { channel_id, message_id }, "message.created", "channelId messageId"),
            (LiveEvent::MessageChanged { channel_id, message_id }, "message.changed", "channelId messageId"),
            (LiveEvent::ChannelCreated { channel_id }, "channel.created", "channelId"),
            (
                LiveEvent::ChannelRead { channel_id, message_id, reader: Some(MemberId(id)) },
                "channel.read",
                "channelId messageId",
            ),
            (
                LiveEvent::ConversationChanged(ConversationRow(json!({ "unreadCount": 1 }))),
                "conversation.changed",
                "unreadCount",
            ),
            (LiveEvent::ContactCreated { contact_id, channel_id }, "contact.created", "channelId contactId"),
            (LiveEvent::ContactUpdated { contact_id, channel_id }, "contact.updated", "channelId contactId"),
            (LiveEvent::AccessChanged {}, "access.changed", ""),
            (picture(PictureOwner::Bot(BotId(id)), Some(PictureId(id))), "picture.changed", "botId pictureId"),
            (picture(PictureOwner::Member(MemberId(id)), None), "picture.changed", "memberId pictureId"),
            (LiveEvent::EmojiChanged {}, "emoji.changed", ""),
            (LiveEvent::Resync {}, "resync", ""),
            (LiveEvent::SessionEnded { user_id: UserId(id) }, "session.ended", "userId"),
        ];
        let docs = include_str!("../docs/http-internal.md");
        for (event, name, fields) in &events {
            let (written, data) = event.wire();
            assert_eq!(written, *name);
            let object: serde_json::Map<_, _> = serde_json::from_str(&data).unwrap();
            let mut keys: Vec<_> = object.keys().map(String::as_str).collect();
            keys.sort_unstable();
            assert_eq!(keys.join(" "), *fields, "{name}");
            let heard = LiveEvent::read(name, &data).unwrap();
            assert_eq!(heard.wire(), (written, data));
            assert!(
                *name == "session.ended" || docs.contains(&format!("`{name}`")),
                "docs/http-internal.md lacks {name}"
            );
        }
        let mut told: Vec<_> = events.iter().map(|(_, name, _)| *name).collect();
        told.dedup();
        assert_eq!(LiveEvent::names(), told);
    }

    #[test]
    fn what_is_no_event_is_none() {
        for (name, data) in
            [("message.created", "{}"), ("bogus", "{}"), ("message.created", "{\"channelId\":\"x\"}"), ("resync", "")]
        {
            assert_eq!(LiveEvent::read(name, data), None, "{name} {data}");
        }
    }
}
