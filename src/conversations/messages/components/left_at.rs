//! Saved scroll positions of conversations, restored when they are opened again. Kept as long as the page lives.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use dioxus::prelude::*;

use super::feed::Feed;
use crate::channels::conversations::Conversations;
use crate::ids::{ChannelId, MessageId};
use crate::ui::back::came_back;
use crate::ui::{Place, go_to_place, place_in};

const FEED: &str = "feed";

#[derive(Clone, Default)]
struct LeftAt(Rc<RefCell<HashMap<ChannelId, Place>>>);

/// Provides the positions, in the frame around all conversations.
pub fn use_left_at() {
    use_context_provider(LeftAt::default);
}

/// Returns the scroll position of a conversation. If it has new messages, it opens at its end, except by Back.
pub fn use_left(channel: ChannelId) -> Option<Place> {
    let LeftAt(places) = use_context();
    let conversations: Conversations = use_context();
    use_hook(|| {
        let lists = conversations.lists.peek();
        let row = lists.as_ref().ok().and_then(|lists| lists.rows().find(|row| row.channel.id == channel));
        let is_read = row.is_none_or(|row| row.unread_count == 0);
        // Called in any case, because only the first call returns `true`.
        let opens_there = came_back() || is_read;
        places.borrow().get(&channel).filter(|_| opens_there).cloned()
    })
}

/// Returns the message of a scroll position.
pub fn message_at(place: &Place) -> Option<MessageId> {
    place.row.strip_prefix("m-")?.parse().ok()
}

/// Restores the feed's scroll position, and saves it when the feed is left.
pub fn use_leaving(feed: Feed, left: Option<Place>) {
    let LeftAt(places) = use_context();
    let left = use_hook(|| left);
    use_effect(move || {
        if let Some(place) = left.clone() {
            spawn(async move {
                go_to_place(FEED, &place).await;
                feed.load_on().await;
            });
        }
    });
    use_drop(move || {
        let place = if feed.is_at_end() { None } else { place_in(FEED) };
        match place {
            Some(place) => places.borrow_mut().insert(feed.channel, place),
            None => places.borrow_mut().remove(&feed.channel),
        };
    });
}
