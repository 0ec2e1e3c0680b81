//! The live events: what the server publishes and open pages listen to, one enum for both sides.
//!
//! An event names things, it does not carry them: a page that hears one fetches what its member can view. Only the row of the
//! conversation list comes with it, which each stream makes for its own member.

use serde::de::value::Error;
use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::ids::{BotId, ChannelId, ContactId, MemberId, MessageId, OrganizationId, PictureId, UserId};
use crate::platform::live::{self, ServerSent};

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
    /// It was renamed, closed or opened again.
    #[serde(rename = "channel.changed")]
    ChannelChanged { channel_id: ChannelId },
    #[serde(rename = "channel.read")]
    ChannelRead {
        channel_id: ChannelId,
        message_id: MessageId,
        /// Decides who hears it, and is not sent.
        #[serde(skip)]
        reader: Option<MemberId>,
    },
    /// You marked messages as unread, from this one on.
    #[serde(rename = "channel.unread")]
    ChannelUnread {
        channel_id: ChannelId,
        message_id: MessageId,
        #[serde(skip)]
        reader: Option<MemberId>,
    },
    /// You muted or unmuted it.
    #[serde(rename = "channel.muted")]
    ChannelMuted {
        channel_id: ChannelId,
        #[serde(skip)]
        reader: Option<MemberId>,
    },
    /// You marked all conversations as read.
    #[serde(rename = "channels.read")]
    ChannelsRead {
        #[serde(skip)]
        reader: Option<MemberId>,
    },
    /// Your own settings changed.
    #[serde(rename = "settings.changed")]
    SettingsChanged {
        #[serde(skip)]
        member: Option<MemberId>,
    },
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

    /// Whether only your own marks or settings changed.
    pub fn is_personal(&self) -> bool {
        matches!(
            self,
            Self::ChannelRead { .. }
                | Self::ChannelUnread { .. }
                | Self::ChannelMuted { .. }
                | Self::ChannelsRead { .. }
                | Self::SettingsChanged { .. }
        )
    }

    /// The conversation that it is about.
    pub fn channel(&self) -> Option<ChannelId> {
        match self {
            Self::MessageCreated { channel_id, .. }
            | Self::MessageChanged { channel_id, .. }
            | Self::ChannelCreated { channel_id }
            | Self::ChannelChanged { channel_id }
            | Self::ChannelRead { channel_id, .. }
            | Self::ChannelUnread { channel_id, .. }
            | Self::ChannelMuted { channel_id, .. }
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
            | Self::ChannelRead { message_id, .. }
            | Self::ChannelUnread { message_id, .. } => Some(*message_id),
            _ => None,
        }
    }
}

/// An event as a page receives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    pub event: LiveEvent,
    /// The row of the conversation that the event is about, as the page's member saw it when the event was sent.
    pub conversation: Option<ConversationRow>,
}

/// The field of an event's data that has the row.
#[derive(Deserialize)]
struct WithRow {
    conversation: Option<ConversationRow>,
}

impl ServerSent for Received {
    fn names() -> &'static [&'static str] {
        let mut names: &'static [_] = &[];
        // Never succeeds: it asks for the names alone.
        let _ = LiveEvent::deserialize(Names(&mut names));
        names
    }

    fn read(name: &str, data: &str) -> Option<Self> {
        let event = serde_json::from_slice(format!("{{\"{name}\":{data}}}").as_bytes()).ok()?;
        let WithRow { conversation } = serde_json::from_slice(data.as_bytes()).ok()?;
        Some(Self { event, conversation })
    }

    fn resync() -> Self {
        Self { event: LiveEvent::Resync {}, conversation: None }
    }
}

/// Calls `on_event` for each event while the component is mounted.
pub fn use_live(mut on_event: impl FnMut(LiveEvent) + 'static) {
    live::use_live(move |received: Received| on_event(received.event));
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

    use super::LiveEvent;
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
                | Self::ChannelChanged { channel_id }
                | Self::ContactCreated { channel_id, .. }
                | Self::ContactUpdated { channel_id, .. } => Audience::Channel(*channel_id),
                Self::ChannelRead { reader, .. }
                | Self::ChannelUnread { reader, .. }
                | Self::ChannelMuted { reader, .. }
                | Self::ChannelsRead { reader }
                | Self::SettingsChanged { member: reader } => match reader {
                    Some(reader) => Audience::Member(*reader),
                    None => Audience::Servers,
                },
                Self::SessionEnded { .. } => Audience::Servers,
                Self::AccessChanged {} | Self::PictureChanged { .. } | Self::EmojiChanged {} | Self::Resync {} => {
                    Audience::Organization
                }
            }
        }

        /// The name of the server-sent event and its data, with the row of the conversation that it is about.
        pub fn wire(&self, conversation: Option<&impl Serialize>) -> (String, String) {
            let mut value = serde_json::to_value(self).expect("ids can be written");
            let (name, data) = value.as_object_mut().and_then(|object| object.iter_mut().next()).expect("an object");
            if let Some(row) = conversation {
                data["conversation"] = serde_json::to_value(row).expect("a row can be written");
            }
            (name.clone(), data.to_string())
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
            (LiveEvent::ChannelChanged { channel_id }, "channel.changed", "channelId"),
            (
                LiveEvent::ChannelRead { channel_id, message_id, reader: Some(MemberId(id)) },
                "channel.read",
                "channelId messageId",
            ),
            (
                LiveEvent::ChannelUnread { channel_id, message_id, reader: Some(MemberId(id)) },
                "channel.unread",
                "channelId messageId",
            ),
            (LiveEvent::ChannelMuted { channel_id, reader: Some(MemberId(id)) }, "channel.muted", "channelId"),
            (LiveEvent::ChannelsRead { reader: Some(MemberId(id)) }, "channels.read", ""),
            (LiveEvent::SettingsChanged { member: Some(MemberId(id)) }, "settings.changed", ""),
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
            let (written, data) = event.wire(None::<&()>);
            assert_eq!(written, *name);
            let object: serde_json::Map<_, _> = serde_json::from_str(&data).unwrap();
            let mut keys: Vec<_> = object.keys().map(String::as_str).collect();
            keys.sort_unstable();
            assert_eq!(keys.join(" "), *fields, "{name}");
            let heard = Received::read(name, &data).unwrap();
            assert_eq!((heard.event.wire(None::<&()>), heard.conversation), ((written, data), None));
            assert!(
                *name == "session.ended" || docs.contains(&format!("`{name}`")),
                "docs/http-internal.md lacks {name}"
            );
        }
        let mut told: Vec<_> = events.iter().map(|(_, name, _)| *name).collect();
        told.dedup();
        assert_eq!(Received::names(), told);
    }

    #[cfg(feature = "server")]
    #[test]
    fn a_row_comes_with_its_event() {
        let event = LiveEvent::ChannelCreated { channel_id: ChannelId(Uuid::from_u128(7)) };
        let (name, data) = event.wire(Some(&[1, 2]));
        let received = Received::read(&name, &data).unwrap();
        assert_eq!((received.event, received.conversation.unwrap().read()), (event, Some([1, 2])));
    }

    #[test]
    fn what_is_no_event_is_none() {
        for (name, data) in
            [("message.created", "{}"), ("bogus", "{}"), ("message.created", "{\"channelId\":\"x\"}"), ("resync", "")]
        {
            assert_eq!(Received::read(name, data), None, "{name} {data}");
        }
    }
}
