//! A feed as it opens: with a page of the server or one that was kept, which the server's response then replaces.

use std::rc::Rc;

use dioxus::prelude::*;

use super::arrivals::Arrivals;
use super::feed::Feed;
use super::folding::unfold;
use super::freshness::{Asked, Freshness};
use crate::conversations::messages::model::{FeedPage, Message, Unread};
use crate::ids::{ChannelId, MessageId};
use crate::people::organizations::components::use_session;

/// What a feed shows beside its messages, as of its opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedMarks {
    /// The newest message that was read.
    pub last_read: Option<MessageId>,
    pub unread: Option<Unread>,
    /// Whether messages to the contact stay here, because no gateway is connected.
    pub replies_stay: bool,
}

impl From<&FeedPage> for FeedMarks {
    fn from(page: &FeedPage) -> Self {
        Self { last_read: page.last_read_id, unread: page.unread, replies_stay: page.replies_stay }
    }
}

/// Creates the feed of a conversation, which opens `at` a message. `opens_at_end`: the newest message is in view first.
pub fn use_feed(channel: ChannelId, page: &FeedPage, at: Option<MessageId>, opens_at_end: bool) -> Feed {
    let me = use_session().member_id;
    use_hook(|| at.map(unfold));
    Feed {
        channel,
        me: me.0,
        messages: use_signal(|| page.messages.iter().cloned().map(Rc::new).collect()),
        has_more: use_signal(|| page.has_more),
        has_newer: use_signal(|| page.has_newer),
        loading: use_signal(|| false),
        first_unread: use_signal(|| page.unread.map(|unread| unread.first_id)),
        freshness: use_hook(|| {
            let mut freshness = Freshness::default();
            freshness.begin(page.messages.iter().map(|message| message.id));
            CopyValue::new(freshness)
        }),
        arrivals: use_signal(|| Arrivals::new(opens_at_end, page.last_read_id)),
    }
}

impl Feed {
    /// Shows the newest page of the server over messages that were kept. What is in view stays there.
    pub fn replace_kept(mut self, asked: Asked, page: FeedPage) {
        if let Some(Unread { first_id, .. }) = page.unread
            && self.first_unread.peek().is_none_or(|known| first_id < known)
        {
            self.first_unread.set(Some(first_id));
        }
        // Another part was opened in the meantime, and came from the server.
        if *self.has_newer.peek() {
            return;
        }
        if self.continues_in(&page) {
            self.add(asked, page.messages);
        } else if self.is_at_end() {
            self.show(page);
        } else {
            // The messages in between load while scrolling down.
            self.has_newer.set(true);
        }
    }

    /// Returns whether no message is missing between the shown ones and a page.
    fn continues_in(self, page: &FeedPage) -> bool {
        let first = page.messages.first().map(|message| message.id);
        !page.has_more || self.newest().zip(first).is_some_and(|(newest, first)| newest >= first)
    }

    /// Returns the shown messages as a page to keep. `None` if they don't include the newest, or if a change of one is
    /// still loading.
    pub fn to_keep(self, replies_stay: bool) -> Option<FeedPage> {
        let messages = self.messages.peek();
        let shown = |message: &Rc<Message>| [Some(message.id), message.reply_to.as_ref().map(|quote| quote.id)];
        let is_current = self.freshness.peek().is_current(messages.iter().flat_map(shown).flatten());
        if !is_current || *self.has_newer.peek() {
            return None;
        }
        Some(FeedPage {
            messages: messages.iter().map(|message| Message::clone(message)).collect(),
            has_more: *self.has_more.peek(),
            has_newer: false,
            last_read_id: self.arrivals.peek().marked_read,
            unread: None,
            replies_stay,
        })
    }
}
