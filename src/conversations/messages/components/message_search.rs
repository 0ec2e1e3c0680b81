//! The search in a conversation. Its hits stay open beside the feed while you move from hit to hit.

use dioxus::prelude::*;
use lucide_dioxus::{Search, X};

use super::message_hits::{HitList, MessageHits, Place};
use crate::app::Route;
use crate::ids::{ChannelId, MessageId};
use crate::platform::browser;
use crate::ui::{EmptyState, SearchField};

const BUTTON: &str = "#search-messages";

/// The search, with its conversation, if it is open.
#[derive(Clone, Copy, PartialEq)]
pub struct MessageSearch {
    channel: Signal<Option<ChannelId>>,
    hits: MessageHits,
}

/// Provides the search, in the frame around all conversations, because opening a feed at a hit renders its page again.
pub fn use_message_search() {
    use_context_provider(|| MessageSearch { channel: Signal::new(None), hits: MessageHits::new() });
}

impl MessageSearch {
    fn is_open(self, channel: ChannelId) -> bool {
        (self.channel)() == Some(channel)
    }

    fn open(mut self, channel: ChannelId) {
        self.channel.set(Some(channel));
        self.hits.begin(Place::Channel(channel));
    }

    fn close(mut self) {
        self.channel.set(None);
        browser::focus(BUTTON);
    }
}

/// Opens and closes the search.
#[component]
pub fn MessageSearchButton(channel: ChannelId) -> Element {
    let search: MessageSearch = use_context();
    let open = search.is_open(channel);
    rsx! {
        button {
            id: "search-messages",
            class: "icon-btn",
            r#type: "button",
            "aria-label": "Search in this conversation",
            title: "Search in this conversation",
            "aria-expanded": if open { "true" } else { "false" },
            onclick: move |_| if open { search.close() } else { search.open(channel) },
            Search { class: "icon" }
        }
    }
}

/// The field and the hits. `at` is the message that the feed is open at.
#[component]
pub fn MessageSearchPanel(channel: ChannelId, at: Option<MessageId>) -> Element {
    let search: MessageSearch = use_context();
    if !search.is_open(channel) {
        return rsx! {};
    }
    rsx! {
        OpenSearch { channel, at }
    }
}

#[component]
fn OpenSearch(channel: ChannelId, at: Option<MessageId>) -> Element {
    let search: MessageSearch = use_context();
    let hits = search.hits;
    rsx! {
        section {
            class: "found",
            "aria-label": "Search in this conversation",
            onkeydown: move |event| {
                if event.key() == Key::Escape {
                    event.stop_propagation();
                    search.close();
                }
            },
            // After a step to a hit, the focus stays with the hits.
            div { class: "found-head", onmounted: move |_| if at.is_none() { browser::focus(".found input") },
                SearchField {
                    label: "Words or file name",
                    action: Route::conversation(channel).href(),
                    value: hits.text,
                    on_search: move |text| hits.search(text),
                }
                button { class: "icon-btn", r#type: "button", "aria-label": "Close search", title: "Close search", onclick: move |_| search.close(),
                    X { class: "icon" }
                }
            }
            HitList {
                hits,
                at,
                nothing: rsx! {
                    EmptyState {
                        icon: rsx! {
                            Search { class: "icon" }
                        },
                        title: "No matches",
                        text: "No matching messages or files in this conversation.",
                    }
                },
            }
        }
    }
}
