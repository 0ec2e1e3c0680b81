//! Searching one conversation. What was found stays open beside the feed while one goes from hit to hit.

use dioxus::prelude::*;
use lucide_dioxus::{FileText, Search, X};

use crate::app::Route;
use crate::channels::model::ChannelId;
use crate::messaging::api::search_messages;
use crate::messaging::model::{FoundMessage, MessageId};
use crate::platform::error::AppError;
use crate::ui::{EmptyState, Entry, ErrorState, LoadMore, NavLink, SearchField, When, WhenStyle, browser, use_roving};

/// Hits in one answer of the server.
const PAGE: usize = 30;
const BUTTON: &str = "#search-messages";

#[derive(Debug, Clone, Default, PartialEq)]
enum Found {
    #[default]
    Nothing,
    Messages {
        rows: Vec<FoundMessage>,
        has_more: bool,
    },
    Failed(AppError),
}

/// The search of the conversation that is searched, if one is.
#[derive(Clone, Copy, PartialEq)]
pub struct MessageSearch {
    channel: Signal<Option<ChannelId>>,
    text: Signal<String>,
    found: Signal<Found>,
}

/// For the frame around all conversations: opening a feed at a hit makes its page anew.
pub fn use_message_search() {
    use_context_provider(|| MessageSearch {
        channel: Signal::new(None),
        text: Signal::new(String::new()),
        found: Signal::new(Found::Nothing),
    });
}

impl MessageSearch {
    fn is_open(self, channel: ChannelId) -> bool {
        (self.channel)() == Some(channel)
    }

    fn open(mut self, channel: ChannelId) {
        self.channel.set(Some(channel));
        self.text.set(String::new());
        self.found.set(Found::Nothing);
    }

    fn close(mut self) {
        self.channel.set(None);
        browser::focus(BUTTON);
    }

    fn search(mut self, text: String) {
        self.text.set(text);
        self.ask(None);
    }

    /// Asks for the first hits, or for those before one.
    fn ask(mut self, before: Option<MessageId>) {
        let Some(channel) = *self.channel.peek() else { return };
        let text = self.text.peek().clone();
        if text.is_empty() {
            self.found.set(Found::Nothing);
            return;
        }
        spawn(async move {
            let answer = search_messages(channel, text.clone(), before).await;
            // Too late for what nobody looks for any more.
            if *self.text.peek() != text || *self.channel.peek() != Some(channel) {
                return;
            }
            let found = match (answer, self.found.peek().clone()) {
                (Ok(more), Found::Messages { mut rows, .. }) if before.is_some() => {
                    let has_more = more.len() == PAGE;
                    rows.extend(more);
                    Found::Messages { rows, has_more }
                }
                (Ok(rows), _) => Found::Messages { has_more: rows.len() == PAGE, rows },
                (Err(error), _) => Found::Failed(error),
            };
            self.found.set(found);
        });
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

/// The field and what was found. `at` is the hit that the feed is open at.
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
                    value: search.text,
                    on_search: move |text| search.search(text),
                }
                button { class: "icon-btn", r#type: "button", "aria-label": "Close search", title: "Close search", onclick: move |_| search.close(),
                    X { class: "icon" }
                }
            }
            Hits { channel, at }
        }
    }
}

#[component]
fn Hits(channel: ChannelId, at: Option<MessageId>) -> Element {
    let search: MessageSearch = use_context();
    let roving = use_roving(Entry::First);
    match (search.found)() {
        Found::Nothing => rsx! {},
        Found::Failed(error) => rsx! {
            ErrorState { title: "The search failed", text: error.message, on_retry: move |()| search.ask(None) }
        },
        Found::Messages { rows, .. } if rows.is_empty() => rsx! {
            div { role: "status",
                EmptyState {
                    icon: rsx! {
                        Search { class: "icon" }
                    },
                    title: "Nothing found",
                    text: "No message here says this, and no file is called so.",
                }
            }
        },
        Found::Messages { rows, has_more } => {
            let last = rows.last().map(|row| row.id);
            rsx! {
                ul { class: "found-list", "aria-label": "Messages found", onmounted: move |mounted| roving.start(&mounted),
                    for row in rows {
                        li { key: "{row.id}",
                            Hit { channel, current: at == Some(row.id), row }
                        }
                    }
                }
                if has_more {
                    LoadMore { on_more: move |()| search.ask(last) }
                }
            }
        }
    }
}

#[component]
fn Hit(channel: ChannelId, row: FoundMessage, current: bool) -> Element {
    let excerpt = row.excerpt;
    rsx! {
        NavLink { class: "found-row", to: Route::message(channel, row.id).href(), "data-row": "", current,
            span { class: "conv-line",
                span { class: "conv-name truncate", "{row.author.name}" }
                When { at: row.created_at, style: WhenStyle::Short, class: "conv-time" }
            }
            span { class: "found-text", dir: "auto",
                if row.file_name.is_some() {
                    FileText { class: "icon" }
                }
                "{excerpt.before}"
                mark { "{excerpt.hit}" }
                "{excerpt.after}"
            }
        }
    }
}
