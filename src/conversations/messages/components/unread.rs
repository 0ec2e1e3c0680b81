//! The unread messages at the opening of a conversation: the line above the first, and the pill that scrolls to it.

use dioxus::prelude::*;
use lucide_dioxus::{ArrowUp, X};

use super::feed::Feed;
use super::feed_opening::FeedMarks;
use crate::channels::model::UNREAD_MAX;
use crate::conversations::messages::model::Unread;
use crate::ids::MessageId;
use crate::platform::browser;
use crate::ui::{use_hydrated, use_moments};

/// The position of the line relative to the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinePlace {
    Above,
    InView,
    Below,
}

/// The unread messages at the opening, which marks them as read.
#[derive(Clone, Copy, PartialEq)]
pub struct UnreadSince {
    unread: Memo<Option<Unread>>,
    above: Signal<bool>,
    /// Visited, seen or dismissed.
    done: Signal<bool>,
}

pub fn use_unread(feed: Feed, marks: Signal<FeedMarks>) -> UnreadSince {
    let unread = use_memo(move || marks.read().unread);
    let mut above = use_signal(|| false);
    // Messages that are not loaded have no line that could report its position.
    use_effect(move || {
        let oldest = feed.messages.peek().first().map(|message| message.id);
        above.set(unread().is_some_and(|unread| oldest.is_some_and(|oldest| unread.first_id < oldest)));
    });
    UnreadSince { unread, above, done: use_signal(|| false) }
}

impl UnreadSince {
    /// Returns whether to show the pill, because the unread messages begin further up.
    pub fn is_above(self) -> bool {
        (self.unread)().is_some() && (self.above)() && !(self.done)()
    }

    pub fn see(mut self, place: LinePlace) {
        self.above.set(place == LinePlace::Above);
        if place == LinePlace::InView {
            self.done.set(true);
        }
    }

    /// Hides the pill permanently.
    pub fn dismiss(mut self) {
        self.done.set(true);
        // The focused element is removed.
        browser::focus(".feed-wrap:has(.pill-unread :focus) #feed");
    }
}

/// `on_go` is called with the first unread message.
#[component]
pub fn UnreadPill(unread: UnreadSince, on_go: EventHandler<MessageId>) -> Element {
    let moments = use_moments();
    let Some(Unread { count, first_id, since }) = (unread.unread)().filter(|_| unread.is_above()) else {
        return rsx! {};
    };
    let since = moments(since).short();
    let count = if count < UNREAD_MAX { count.to_string() } else { format!("{} or more", UNREAD_MAX - 1) };
    rsx! {
        div { class: "pill pill-unread", role: "group", "aria-label": "Unread", "data-component": "UnreadPill",
            button {
                r#type: "button",
                onclick: move |_| {
                    unread.dismiss();
                    on_go(first_id);
                },
                ArrowUp { class: "icon" }
                "{count} unread, since {since}"
            }
            button { r#type: "button", "aria-label": "Dismiss", title: "Dismiss", onclick: move |_| unread.dismiss(),
                X { class: "icon" }
            }
        }
    }
}

/// The line above the first unread message. `on_line` receives its position.
#[component]
pub fn UnreadDivider(on_line: EventHandler<LinePlace>) -> Element {
    let hydrated = use_hydrated();
    rsx! {
        // Created again at hydration, because an element that the server rendered would not report.
        for hydrated in [hydrated] {
            p {
                key: "{hydrated}",
                class: "unread-mark",
                "data-component": "UnreadDivider",
                role: "separator",
                onvisible: move |event| on_line(line_place(&event)),
                "New"
            }
        }
    }
}

fn line_place(event: &VisibleEvent) -> LinePlace {
    let middle = event.get_root_bounds().map(|window| window.center().y);
    let line = event.get_bounding_client_rect().map(|line| line.center().y);
    match (event.is_intersecting(), line, middle) {
        (Ok(false), Ok(line), Ok(middle)) if line < middle => LinePlace::Above,
        (Ok(false), ..) => LinePlace::Below,
        _ => LinePlace::InView,
    }
}
