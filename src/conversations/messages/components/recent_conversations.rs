//! The conversations that were open last, kept in the page's memory and shown at once when they are opened again, while the
//! page requests them. Not what is written or uploaded there: drafts have their own store.

use std::rc::Rc;

use dioxus::prelude::*;

use crate::conversations::opening::model::OpenedConversation;
use crate::ids::{ChannelId, MessageId};
use crate::live_event::{LiveEvent, use_live};
use crate::platform::live::Connection;

/// Maximum number of conversations.
const CONVERSATIONS_MAX: usize = 12;
/// Maximum number of messages of each: the newest.
const MESSAGES_MAX: usize = 100;

/// The copies, for all pages of the app.
#[derive(Clone, Copy)]
pub struct RecentConversations {
    copies: CopyValue<Copies>,
    connection: Connection,
}

/// The number of times that all copies were dropped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Epoch(u64);

#[derive(Default)]
struct Copies {
    /// The last one that was open is at the end.
    opened: Vec<Rc<OpenedConversation>>,
    epoch: Epoch,
}

/// Provides [`RecentConversations`], in the frame around all pages. Copies live as long as the page: logging out and
/// switching the organization load another.
pub fn use_recent_conversations() {
    let connection: Connection = use_context();
    let copies = use_hook(|| CopyValue::new(Copies::default()));
    let mut recent = use_context_provider(|| RecentConversations { copies, connection });
    use_live(move |event: LiveEvent| recent.copies.write().hear(&event));
    use_effect(move || {
        // Changes may have been missed already.
        if (connection.gaps)() > 0 {
            recent.clear();
        }
    });
}

impl RecentConversations {
    /// Returns the copy of a conversation. `at`: only if it contains this message. None while no events arrive, because
    /// changes are unknown then.
    pub fn get(self, channel: ChannelId, at: Option<MessageId>) -> Option<Rc<OpenedConversation>> {
        if self.connection.is_lost() { None } else { self.copies.read().get(channel, at) }
    }

    /// Returns the current epoch. Call it before the conversation is loaded.
    pub fn epoch(self) -> Epoch {
        self.copies.read().epoch
    }

    /// Keeps a conversation as it was left. Ignored if all copies were dropped since `epoch`, because its contents may
    /// not be visible any more.
    pub fn keep(mut self, epoch: Epoch, opened: OpenedConversation) {
        self.copies.write().keep(epoch, opened);
    }

    /// Drops all copies.
    pub fn clear(&mut self) {
        self.copies.write().clear();
    }
}

impl Copies {
    fn get(&self, channel: ChannelId, at: Option<MessageId>) -> Option<Rc<OpenedConversation>> {
        let contains = |opened: &OpenedConversation, at| opened.feed.messages.iter().any(|message| message.id == at);
        let opened = self.opened.iter().find(|opened| opened.channel.id == channel)?;
        at.is_none_or(|at| contains(opened, at)).then(|| opened.clone())
    }

    fn keep(&mut self, epoch: Epoch, mut opened: OpenedConversation) {
        if epoch != self.epoch {
            return;
        }
        self.forget(opened.channel.id);
        let further = opened.feed.messages.len().saturating_sub(MESSAGES_MAX);
        if further > 0 {
            opened.feed.messages.drain(..further);
            opened.feed.has_more = true;
        }
        self.opened.push(Rc::new(opened));
        if self.opened.len() > CONVERSATIONS_MAX {
            self.opened.remove(0);
        }
    }

    /// Drops what an event makes outdated. A new message is only missing, and comes with the response.
    fn hear(&mut self, event: &LiveEvent) {
        if event.changes_access() {
            return self.clear();
        }
        match event {
            LiveEvent::MessageChanged { channel_id, .. }
            | LiveEvent::ChannelCreated { channel_id }
            | LiveEvent::ChannelChanged { channel_id }
            | LiveEvent::ChannelMuted { channel_id, .. }
            | LiveEvent::ChannelUnread { channel_id, .. }
            | LiveEvent::ContactCreated { channel_id, .. }
            | LiveEvent::ContactUpdated { channel_id, .. } => self.forget(*channel_id),
            _ => {}
        }
    }

    fn forget(&mut self, channel: ChannelId) {
        self.opened.retain(|opened| opened.channel.id != channel);
    }

    fn clear(&mut self) {
        self.opened.clear();
        self.epoch.0 += 1;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn channel(number: usize) -> ChannelId {
        ChannelId(Uuid::from_u128(number as u128))
    }

    fn message(number: usize) -> MessageId {
        MessageId(Uuid::from_u128(number as u128))
    }

    /// The conversation of this number, with so many messages.
    fn opened(number: usize, messages: usize) -> OpenedConversation {
        let at = "2025-11-18T10:00:00Z";
        let author = json!({ "kind": "member", "id": Uuid::nil(), "name": "Mara" });
        let message = |id| {
            json!({ "id": message(id), "channelId": channel(number), "author": author, "body": "", "createdAt": at,
                "attachments": [] })
        };
        let messages: Vec<_> = (0..messages).map(message).collect();
        let value = json!({
            "channel": { "id": channel(number), "kind": "team", "name": "office", "private": false, "createdAt": at },
            "feed": { "messages": messages, "hasMore": false, "lastReadId": null },
        });
        serde_json::from_value(value).unwrap()
    }

    fn copies(numbers: impl IntoIterator<Item = usize>) -> Copies {
        let mut copies = Copies::default();
        for number in numbers {
            copies.keep(Epoch(0), opened(number, 1));
        }
        copies
    }

    #[test]
    fn the_last_ones_are_kept() {
        let mut copies = copies(0..CONVERSATIONS_MAX);
        copies.keep(Epoch(0), opened(0, 2));
        copies.keep(Epoch(0), opened(CONVERSATIONS_MAX, 1));
        assert_eq!(copies.opened.len(), CONVERSATIONS_MAX);
        assert!(copies.get(channel(1), None).is_none(), "it was left first");
        assert_eq!(copies.get(channel(0), None).unwrap().feed.messages.len(), 2);
    }

    #[test]
    fn the_newest_messages_are_kept() {
        let mut copies = Copies::default();
        copies.keep(Epoch(0), opened(1, MESSAGES_MAX + 1));
        let kept = copies.get(channel(1), None).unwrap();
        assert_eq!((kept.feed.messages.len(), kept.feed.has_more), (MESSAGES_MAX, true));
        assert!(copies.get(channel(1), Some(message(0))).is_none(), "it would not be where it was left");
        assert!(copies.get(channel(1), Some(message(1))).is_some());
    }

    #[test]
    fn outdated_copies_are_dropped() {
        let (channel_id, message_id) = (channel(1), message(0));
        let contact_id = crate::ids::ContactId(Uuid::nil());
        for (event, is_kept) in [
            (LiveEvent::MessageCreated { channel_id, message_id }, true),
            (LiveEvent::ChannelRead { channel_id, message_id, reader: None }, true),
            (LiveEvent::MessageChanged { channel_id, message_id }, false),
            (LiveEvent::ChannelCreated { channel_id }, false),
            (LiveEvent::ChannelMuted { channel_id, reader: None }, false),
            (LiveEvent::ChannelUnread { channel_id, message_id, reader: None }, false),
            (LiveEvent::ContactUpdated { contact_id, channel_id }, false),
        ] {
            let mut copies = copies([1, 2]);
            copies.hear(&event);
            assert_eq!(copies.get(channel_id, None).is_some(), is_kept, "{event:?}");
            assert!(copies.get(channel(2), None).is_some(), "{event:?}");
        }
    }

    #[test]
    fn nothing_from_before_an_access_change_is_kept() {
        for event in [LiveEvent::AccessChanged {}, LiveEvent::Resync {}] {
            let mut copies = copies([1, 2]);
            let before = copies.epoch;
            copies.hear(&event);
            assert!(copies.opened.is_empty());
            copies.keep(before, opened(1, 1));
            assert!(copies.opened.is_empty(), "it was open at the change");
            copies.keep(copies.epoch, opened(1, 1));
            assert_eq!(copies.opened.len(), 1);
        }
    }
}
