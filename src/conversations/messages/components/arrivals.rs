//! Tracks which messages of others arrived while a feed is open and have not been seen. Visibility is read from the
//! page itself each time, because a scroll event can come later than a message.

use std::collections::BTreeSet;

use dioxus::prelude::*;

use super::feed::{FEED, Feed};
use crate::channels::api::mark_read;
use crate::channels::model::ReadMark;
use crate::conversations::messages::model::Message;
use crate::ids::MessageId;
use crate::platform::browser;
use crate::platform::json::Body;

/// Minimum visible height of a message that was seen, in pixels.
const SHOWN_MIN: f64 = 24.0;

/// The seen and unseen messages of a feed.
#[derive(Debug, Clone)]
pub struct Arrivals {
    /// Messages of others that arrived since the feed was opened and have not been in view yet.
    pub unseen: BTreeSet<MessageId>,
    /// Whether the newest message was in view at the last check.
    pub at_end: bool,
    /// The newest message that was reported to the server as read.
    pub marked_read: Option<MessageId>,
    /// Whether the member has marked messages as unread. Nothing is reported as read then.
    pub keeps_unread: bool,
}

impl Arrivals {
    pub fn new(at_end: bool, marked_read: Option<MessageId>) -> Self {
        Self { unseen: BTreeSet::new(), at_end, marked_read, keeps_unread: false }
    }
}

impl Feed {
    /// Records messages that arrived in any way. Your own are not counted.
    pub fn note_arrivals(mut self, arrived: &[Message]) {
        let of_others = arrived.iter().filter(|message| message.author.id != self.me);
        let new: Vec<_> = of_others.map(|message| message.id).collect();
        if !new.is_empty() {
            self.arrivals.write().unseen.extend(new);
        }
    }

    /// Removes visible messages from the unseen ones. The line "New" moves above the first of the others.
    pub fn look(mut self) {
        let at_end = self.is_at_end();
        // Written only when something changes, because each write redraws the feed.
        if self.arrivals.peek().at_end != at_end {
            self.arrivals.write().at_end = at_end;
        }
        if browser::is_visible()
            && let Some(last) = self.last_seen(at_end)
        {
            self.arrivals.write().unseen.retain(|id| *id > last);
        }
        let first = self.arrivals.peek().unseen.first().copied();
        if let Some(first) = first
            && self.first_unread.peek().is_none_or(|known| first < known)
        {
            self.first_unread.set(Some(first));
        }
    }

    /// Checks after the next frame, and reports read messages to the server.
    pub async fn look_when_drawn(self) {
        if !browser::is_visible() {
            // No frame is drawn until the page is visible again.
            self.look();
        }
        browser::next_frame().await;
        self.look();
        self.mark_seen().await;
    }

    /// Reports everything as read if the newest message is in view.
    pub async fn mark_seen(mut self) {
        let Some(newest) = self.newest() else { return };
        let Arrivals { at_end, marked_read: before, keeps_unread, .. } = *self.arrivals.peek();
        if !at_end || keeps_unread || !browser::is_visible() || before == Some(newest) {
            return;
        }
        self.arrivals.write().marked_read = Some(newest);
        let marked = mark_read(self.channel, Body(ReadMark { message_id: newest.0 })).await;
        if marked.is_err() && self.arrivals.peek().marked_read == Some(newest) {
            self.arrivals.write().marked_read = before;
        }
    }

    /// Returns the newest unseen message that begins above the lower edge of the feed.
    fn last_seen(self, at_end: bool) -> Option<MessageId> {
        let unseen = &self.arrivals.peek().unseen;
        if at_end { unseen.last().copied() } else { unseen.iter().rev().copied().find(|id| begins_in_view(*id)) }
    }
}

/// Returns whether the first lines of a message are at or above the lower edge of the feed.
fn begins_in_view(id: MessageId) -> bool {
    browser::begins_in_view(FEED, &format!("m-{id}"), SHOWN_MIN)
}
