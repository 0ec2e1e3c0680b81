//! Saved scroll positions of conversations, restored when they are opened again. Kept as long as the page lives.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use dioxus::prelude::*;

use super::feed::Feed;
use crate::channels::conversations::Conversations;
use crate::ids::{ChannelId, MessageId};
use crate::ui::back_button::came_back;
use crate::ui::{ScrollPosition, restore_scroll, scroll_position_in};

const FEED: &str = "feed";

#[derive(Clone, Default)]
struct ScrollPositions(Rc<RefCell<HashMap<ChannelId, ScrollPosition>>>);

/// Provides the positions, in the frame around all conversations.
pub fn use_scroll_positions() {
    use_context_provider(ScrollPositions::default);
}

/// Returns the scroll position of a conversation. If it has new messages, it opens at its end, except by Back.
pub fn use_scroll_position(channel: ChannelId) -> Option<ScrollPosition> {
    let ScrollPositions(positions) = use_context();
    let conversations: Conversations = use_context();
    use_hook(|| {
        let lists = conversations.lists.peek();
        let row = lists.as_ref().ok().and_then(|lists| lists.rows().find(|row| row.channel.id == channel));
        let is_read = row.is_none_or(|row| row.unread_count == 0);
        // Called in any case, because only the first call returns `true`.
        let opens_there = came_back() || is_read;
        positions.borrow().get(&channel).filter(|_| opens_there).cloned()
    })
}

/// Returns the message of a scroll position.
pub fn message_at(position: &ScrollPosition) -> Option<MessageId> {
    position.row.strip_prefix("m-")?.parse().ok()
}

/// Restores the feed's scroll position, and saves it when the feed closes.
pub fn use_saved_scroll(feed: Feed, left: Option<ScrollPosition>) {
    let ScrollPositions(positions) = use_context();
    let left = use_hook(|| left);
    use_effect(move || {
        if let Some(position) = left.clone() {
            spawn(async move {
                restore_scroll(FEED, &position).await;
                feed.load_on().await;
            });
        }
    });
    use_drop(move || {
        let position = if feed.is_at_end() { None } else { scroll_position_in(FEED) };
        match position {
            Some(position) => positions.borrow_mut().insert(feed.channel, position),
            None => positions.borrow_mut().remove(&feed.channel),
        };
    });
}
