//! Which messages of a feed have their toolbar drawn. Toolbars of fifty messages would be half of the page.

use dioxus::prelude::*;

use super::feed::Feed;
use crate::ids::MessageId;

/// The message under the pointer and the one with the focus. They stay active until another one is: styles hide the toolbar
/// in the meantime, and a dialog that closes finds the button that opened it.
#[derive(Clone, Copy)]
pub struct ActiveMessages {
    feed: Feed,
    hovered: Signal<Option<MessageId>>,
    focused: Signal<Option<MessageId>>,
}

/// Provides [`ActiveMessages`] to the messages of `feed`.
pub fn use_active_messages(feed: Feed) {
    let (hovered, focused) = (use_signal(|| None), use_signal(|| None));
    use_context_provider(|| ActiveMessages { feed, hovered, focused });
}

impl ActiveMessages {
    pub fn hover(mut self, id: MessageId) {
        if *self.hovered.peek() != Some(id) {
            self.hovered.set(Some(id));
        }
    }

    pub fn focus(mut self, id: MessageId) {
        if *self.focused.peek() != Some(id) {
            self.focused.set(Some(id));
        }
    }

    /// Returns whether a message has its toolbar. Before any has the focus, the newest does: Shift+Tab from the composer leads there.
    fn contains(self, id: MessageId) -> bool {
        let focused = (self.focused)().or_else(|| self.feed.messages.read().last().map(|message| message.id));
        focused == Some(id) || (self.hovered)() == Some(id)
    }
}

/// Returns whether a message has its toolbar, and what its entry calls when it is hovered and focused.
pub fn use_active_message(id: MessageId) -> (Memo<bool>, ActiveMessages) {
    let active: ActiveMessages = use_context();
    (use_memo(move || active.contains(id)), active)
}
