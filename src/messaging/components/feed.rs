//! The messages of a feed, and how older, newer and missed ones come to it.

use std::rc::Rc;

use dioxus::prelude::*;

use crate::channels::model::ChannelId;
use crate::messaging::api::{get_message, list_messages_after, load_feed};
use crate::messaging::model::{Message, MessageId};
use crate::ui::browser;

/// The messages that are shown, oldest first.
#[derive(Clone, Copy)]
pub struct Feed {
    pub channel: ChannelId,
    /// Shared with the rows, so that those that stay are told by one look.
    pub messages: Signal<Vec<Rc<Message>>>,
    pub has_more: Signal<bool>,
    /// Whether there are newer ones than are shown: after the feed was opened at a message.
    pub has_newer: Signal<bool>,
    pub loading: Signal<bool>,
}

impl Feed {
    /// Whether a message belongs among those that are shown and is not there: older ones come with scrolling up.
    pub fn lacks(self, id: MessageId) -> bool {
        let messages = self.messages.peek();
        let before_all = messages.first().is_some_and(|first| id < first.id);
        !before_all && messages.binary_search_by_key(&id, |message| message.id).is_err()
    }

    /// Adds messages in their places; one that is there already stays once.
    pub fn add(mut self, new: Vec<Message>) {
        let mut messages = self.messages.write();
        for message in new.into_iter().map(Rc::new) {
            match messages.binary_search_by_key(&message.id, |known| known.id) {
                Ok(place) => messages[place] = message,
                Err(place) => messages.insert(place, message),
            }
        }
    }

    /// Fetches a message that is shown and has changed. Answers whether other files are to be seen now.
    pub async fn refresh(self, id: MessageId) -> bool {
        let files = |known: &[Rc<Message>]| {
            let place = known.binary_search_by_key(&id, |message| message.id).ok()?;
            Some(known[place].attachments.iter().map(|file| file.id).collect::<Vec<_>>())
        };
        let Some(before) = files(&self.messages.peek()) else { return false };
        let Ok(message) = get_message(id).await else { return false };
        let changed = message.attachments.iter().map(|file| file.id).ne(before);
        self.add(vec![message]);
        changed
    }

    pub fn newest(self) -> Option<MessageId> {
        self.messages.peek().last().map(|message| message.id)
    }

    pub async fn load_older(mut self) {
        let oldest = self.messages.peek().first().map(|message| message.id);
        if !(self.has_more)() || (self.loading)() {
            return;
        }
        self.loading.set(true);
        if let Ok(page) = load_feed(self.channel, oldest, None).await {
            // The nearest first, one a frame: all at once, the scrolling would stand still while they are drawn.
            for message in page.messages.into_iter().rev() {
                self.add(vec![message]);
                browser::next_frame().await;
            }
            self.has_more.set(page.has_more);
        }
        self.loading.set(false);
    }

    pub async fn load_newer(mut self) {
        let Some(newest) = self.newest() else { return };
        if !(self.has_newer)() || (self.loading)() {
            return;
        }
        self.loading.set(true);
        if let Ok(newer) = list_messages_after(self.channel, newest).await {
            self.has_newer.set(!newer.is_empty());
            self.add(newer);
        }
        self.loading.set(false);
    }

    /// Shows the newest page instead of what is shown, if something is between.
    pub async fn to_newest(mut self) {
        if (self.has_newer)()
            && let Ok(page) = load_feed(self.channel, None, None).await
        {
            self.has_more.set(page.has_more);
            self.has_newer.set(false);
            self.messages.set(page.messages.into_iter().map(Rc::new).collect());
        }
        to_bottom();
    }

    /// Fetches what was missed while the connection was lost.
    pub async fn catch_up(self) {
        if (self.has_newer)() {
            return;
        }
        let Some(mut newest) = self.newest() else {
            if let Ok(page) = load_feed(self.channel, None, None).await {
                self.add(page.messages);
            }
            return;
        };
        while let Ok(missed) = list_messages_after(self.channel, newest).await {
            let Some(last) = missed.last() else { break };
            newest = last.id;
            self.add(missed);
        }
        // And what changed in the latest meanwhile, such as files that were deleted.
        if let Ok(page) = load_feed(self.channel, None, None).await {
            self.add(page.messages);
        }
    }
}

/// Scrolls to the newest message.
pub fn to_bottom() {
    #[cfg(feature = "web")]
    if let Some(feed) = web_sys::window().and_then(|window| window.document()?.get_element_by_id("feed")) {
        feed.set_scroll_top(0);
    }
}
