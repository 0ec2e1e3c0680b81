//! The messages of a feed, and the loading of older, newer and missed ones.

use std::rc::Rc;

use dioxus::prelude::*;

use super::arrivals::Arrivals;
use super::folding::unfold;
use super::freshness::{Asked, Freshness};
use crate::conversations::messages::api::{get_message, list_messages_after, load_feed};
use crate::conversations::messages::model::{FeedPage, Message};
use crate::conversations::messages::quote::Quote;
use crate::ids::{ChannelId, MessageId};
use crate::platform::browser;

/// The id of the scrolling element.
pub const FEED: &str = "feed";
/// Distance to the bottom that is treated as the bottom, in pixels.
const AT_END: i32 = 24;
/// Distance to an end of the loaded messages that loads more, in pixels.
const NEAR_END: i32 = 3000;

/// An end of the loaded messages.
enum End {
    Oldest,
    Newest,
}

/// The loaded messages, oldest first.
#[derive(Clone, Copy, PartialEq)]
pub struct Feed {
    pub channel: ChannelId,
    /// The member whose own messages are not counted as new.
    pub me: uuid::Uuid,
    /// Shared with the rows, so that unchanged ones compare cheaply.
    pub messages: Signal<Vec<Rc<Message>>>,
    pub has_more: Signal<bool>,
    /// Whether there are newer ones than the loaded: after the feed was opened at a message.
    pub has_newer: Signal<bool>,
    pub loading: Signal<bool>,
    /// The first unread message of others, shown or not.
    pub first_unread: Signal<Option<MessageId>>,
    pub arrivals: Signal<Arrivals>,
    pub freshness: CopyValue<Freshness>,
}

impl Feed {
    /// Returns whether a message belongs among the loaded ones and is missing: older ones load while scrolling up.
    pub fn lacks(self, id: MessageId) -> bool {
        let oldest = self.messages.peek().first().map(|message| message.id);
        oldest.is_none_or(|oldest| oldest <= id) && !self.shows(id)
    }

    pub fn shows(self, id: MessageId) -> bool {
        self.messages.peek().binary_search_by_key(&id, |message| message.id).is_ok()
    }

    /// Begins a request for messages. Call it before sending.
    pub fn ask(mut self) -> Asked {
        self.freshness.write().ask()
    }

    pub fn note_change(mut self, id: MessageId) {
        self.freshness.write().note_change(id);
    }

    /// Adds messages that were sent or changed while the feed is open: by an event, by catching up, or in a page that
    /// was loaded for another reason. Messages that are not shown yet are arrivals.
    pub fn receive(self, asked: Asked, messages: Vec<Message>) {
        let (shown, mut arrived): (Vec<_>, Vec<_>) = messages.into_iter().partition(|message| self.shows(message.id));
        // Older messages load while scrolling up: added here they would leave a gap.
        arrived.retain(|message| self.lacks(message.id));
        self.note_arrivals(&arrived);
        self.add(asked, shown);
        if *self.has_newer.peek() {
            spawn(self.look_when_drawn());
        } else {
            self.add(asked, arrived);
        }
    }

    /// Inserts messages in order; an existing one is replaced by the latest response.
    pub fn add(mut self, asked: Asked, new: Vec<Message>) {
        let (fresh, old): (Vec<_>, Vec<_>) =
            new.into_iter().partition(|message| self.freshness.write().take(message.id, asked));
        let missing: Vec<_> = old.into_iter().filter(|message| !self.shows(message.id)).collect();
        // Shown in their old state, so that the feed has no gap, until they are loaded again.
        let outdated: Vec<_> = missing.iter().map(|message| message.id).collect();
        self.insert(fresh.into_iter().chain(missing).collect());
        for id in outdated {
            spawn(self.fetch(id));
        }
    }

    fn insert(mut self, new: Vec<Message>) {
        // Each write redraws the feed.
        if new.is_empty() {
            return;
        }
        let mut messages = self.messages.write();
        for message in new.into_iter().map(Rc::new) {
            match messages.binary_search_by_key(&message.id, |known| known.id) {
                Ok(place) => messages[place] = message,
                Err(place) => messages.insert(place, message),
            }
        }
        update_quotes(&mut messages);
    }

    /// Returns whether a loaded message replies to this one.
    pub fn quotes(self, id: MessageId) -> bool {
        self.messages.peek().iter().any(|message| message.reply_to.as_ref().is_some_and(|quote| quote.id == id))
    }

    /// Updates the quotes of a message that is not loaded itself.
    fn update_quotes_of(mut self, asked: Asked, quoted: &Message) {
        let id = quoted.id;
        if self.shows(id) || !self.quotes(id) || !self.freshness.write().take(id, asked) {
            return;
        }
        for message in self.messages.write().iter_mut() {
            if message.reply_to.as_ref().is_some_and(|quote| quote.id == id) {
                Rc::make_mut(message).reply_to = Some(Box::new(Quote::of(quoted)));
            }
        }
    }

    /// Loads and adds a message that was sent or changed.
    pub async fn fetch(self, id: MessageId) {
        let asked = self.ask();
        if let Ok(message) = get_message(id).await {
            self.update_quotes_of(asked, &message);
            self.receive(asked, vec![message]);
        }
    }

    /// Shows a message, and loads the messages around it if needed.
    pub async fn go_to(self, id: MessageId) {
        unfold(id);
        let place = self.messages.peek().binary_search_by_key(&id, |message| message.id);
        if place.is_err() {
            let Ok(page) = load_feed(self.channel, None, Some(id)).await else { return };
            self.show(page);
        }
        // A message that was folded has another height then.
        browser::next_frame().await;
        browser::point_out(&format!("m-{id}"));
        self.load_on().await;
    }

    /// Replaces the loaded messages by a page.
    pub fn show(mut self, page: FeedPage) {
        self.freshness.write().begin(page.messages.iter().map(|message| message.id));
        self.has_more.set(page.has_more);
        self.has_newer.set(page.has_newer);
        self.messages.set(page.messages.into_iter().map(Rc::new).collect());
    }

    pub fn newest(self) -> Option<MessageId> {
        self.messages.peek().last().map(|message| message.id)
    }

    /// Loads until neither end of the loaded messages is near. Checked again after each page, because at an end nothing
    /// would trigger another load.
    pub async fn load_on(mut self) {
        if *self.loading.peek() {
            return;
        }
        while let Some(end) = self.near_end() {
            // Only if there is something to load, because each write redraws the feed.
            self.loading.set(true);
            let went_on = match end {
                End::Newest => self.load_newer().await,
                End::Oldest => self.load_older().await,
            };
            if !went_on {
                break;
            }
        }
        if *self.loading.peek() {
            self.loading.set(false);
        }
    }

    /// Loads in one direction until there are more messages with files, or none are left.
    pub async fn load_files(mut self, is_older: bool) {
        while *self.loading.peek() {
            browser::next_frame().await;
        }
        let with_files = || self.messages.peek().iter().filter(|message| !message.attachments.is_empty()).count();
        let before = with_files();
        self.loading.set(true);
        while with_files() == before {
            let goes_on = if is_older {
                *self.has_more.peek() && self.load_older().await
            } else {
                *self.has_newer.peek() && self.load_newer().await
            };
            if !goes_on {
                break;
            }
        }
        self.loading.set(false);
    }

    /// Returns whether the newest message is in view.
    pub fn is_at_end(self) -> bool {
        !*self.has_newer.peek() && out_of_view().is_none_or(|(below, _)| below < AT_END)
    }

    /// Returns the end that is near and has further messages.
    fn near_end(self) -> Option<End> {
        let (below, above) = out_of_view()?;
        if *self.has_newer.peek() && below < NEAR_END {
            Some(End::Newest)
        } else if *self.has_more.peek() && above < NEAR_END {
            Some(End::Oldest)
        } else {
            None
        }
    }

    /// Loads older messages. Returns whether there were any.
    async fn load_older(mut self) -> bool {
        let oldest = || self.messages.peek().first().map(|message| message.id);
        let mut end = oldest();
        let asked = self.ask();
        let Ok(page) = load_feed(self.channel, end, None).await else { return false };
        // The nearest first, one a frame: all at once, scrolling would stop while they are drawn.
        for message in page.messages.into_iter().rev() {
            // Another part is shown by now: adding these would leave a gap.
            if oldest() != end {
                return true;
            }
            end = Some(message.id);
            self.add(asked, vec![message]);
            browser::next_frame().await;
        }
        self.has_more.set(page.has_more);
        true
    }

    /// Loads newer messages. Returns whether there were any.
    async fn load_newer(mut self) -> bool {
        let Some(newest) = self.newest() else { return false };
        let asked = self.ask();
        let Ok(newer) = list_messages_after(self.channel, newest).await else { return false };
        if self.newest() != Some(newest) {
            return true;
        }
        self.has_newer.set(!newer.is_empty());
        let is_at_end = out_of_view().is_some_and(|(below, _)| below == 0);
        let height = scroll_height();
        self.add(asked, newer);
        browser::next_frame().await;
        if is_at_end {
            // Browsers keep the scroll position, but at the very end they would stay at the end.
            scroll_to(height - scroll_height());
        }
        true
    }

    /// Shows the newest page, if it is not connected to the loaded messages.
    pub async fn to_newest(self) {
        if (self.has_newer)()
            && let Ok(page) = load_feed(self.channel, None, None).await
        {
            self.show(page);
        }
        to_bottom();
    }

    /// Loads what was missed while the connection was lost.
    pub async fn catch_up(self) {
        if (self.has_newer)() {
            return;
        }
        let asked = self.ask();
        if let Some(mut newest) = self.newest() {
            while let Ok(missed) = list_messages_after(self.channel, newest).await {
                let Some(last) = missed.last() else { break };
                newest = last.id;
                self.receive(asked, missed);
            }
        }
        // And recent changes of the latest, such as deleted files.
        let asked = self.ask();
        if let Ok(page) = load_feed(self.channel, None, None).await {
            self.receive(asked, page.messages);
        }
    }
}

/// Updates the quotes of loaded messages, which may be older than the messages themselves.
fn update_quotes(messages: &mut [Rc<Message>]) {
    let outdated = |(place, message): (usize, &Rc<Message>)| {
        let quote = message.reply_to.as_ref()?;
        let quoted = messages.binary_search_by_key(&quote.id, |message| message.id).ok()?;
        let now = Quote::of(&messages[quoted]);
        (now != **quote).then_some((place, now))
    };
    let outdated: Vec<_> = messages.iter().enumerate().filter_map(outdated).collect();
    for (place, quote) in outdated {
        Rc::make_mut(&mut messages[place]).reply_to = Some(Box::new(quote));
    }
}

/// Scrolls to the newest message.
pub fn to_bottom() {
    scroll_to(0);
}

/// Returns whether all loaded messages fit into the view.
pub fn fits() -> bool {
    out_of_view() == Some((0, 0))
}

/// Scrolls to a position from the bottom, downward from zero: the column is reversed.
fn scroll_to(top: i32) {
    browser::scroll_to(FEED, top);
}

/// Returns the total height in pixels.
fn scroll_height() -> i32 {
    browser::scroll_of(FEED).map_or(0, |scroll| scroll.height)
}

/// Returns the pixels below and above the view.
fn out_of_view() -> Option<(i32, i32)> {
    let scroll = browser::scroll_of(FEED)?;
    let below = -scroll.top;
    Some((below, scroll.height - scroll.view - below))
}
