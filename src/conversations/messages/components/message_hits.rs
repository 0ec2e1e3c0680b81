//! Messages of a search, as links to their conversations.

use dioxus::prelude::*;
use lucide_dioxus::FileText;

use crate::app::Route;
use crate::channels::indexing_note::IndexingNote;
use crate::conversations::messages::api::{find_messages, search_messages};
use crate::conversations::messages::model::MessageHit;
use crate::ids::{ChannelId, MessageId};
use crate::platform::error::AppError;
use crate::ui::{Entry, ErrorState, LoadMore, NavLink, When, WhenStyle, use_roving};

/// Number of hits in a response.
const PAGE: usize = 30;

/// Where to search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Channel(ChannelId),
    Everywhere,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub enum Found {
    #[default]
    Nothing,
    Asking,
    Messages {
        rows: Vec<MessageHit>,
        has_more: bool,
    },
    Failed(AppError),
}

/// The text, the place, and the hits.
#[derive(Clone, Copy, PartialEq)]
pub struct MessageHits {
    pub text: Signal<String>,
    pub found: Signal<Found>,
    place: Signal<Place>,
}

impl MessageHits {
    pub fn new() -> Self {
        Self {
            text: Signal::new(String::new()),
            found: Signal::new(Found::Nothing),
            place: Signal::new(Place::Everywhere),
        }
    }

    /// Clears the hits, and searches there from now on.
    pub fn begin(mut self, place: Place) {
        self.place.set(place);
        self.text.set(String::new());
        self.found.set(Found::Nothing);
    }

    pub fn search(mut self, text: String) {
        let was_empty = *self.found.peek() == Found::Nothing;
        self.text.set(text.clone());
        if text.is_empty() {
            self.found.set(Found::Nothing);
            return;
        }
        // Hits of an earlier text stay until the response arrives.
        if was_empty {
            self.found.set(Found::Asking);
        }
        self.ask(None);
    }

    /// Requests the first hits, or those before one.
    pub fn ask(mut self, before: Option<MessageId>) {
        let (place, text) = (*self.place.peek(), self.text.peek().clone());
        spawn(async move {
            let answer = match place {
                Place::Channel(channel) => search_messages(channel, text.clone(), before).await,
                Place::Everywhere => find_messages(text.clone(), before).await,
            };
            // A late response for an outdated search is ignored.
            if *self.text.peek() != text || *self.place.peek() != place {
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

/// The hits, or `nothing`. `at` is the open hit.
#[component]
pub fn HitList(hits: MessageHits, at: Option<MessageId>, nothing: Element) -> Element {
    let roving = use_roving(Entry::First);
    match (hits.found)() {
        Found::Nothing => rsx! {},
        Found::Asking => rsx! {
            p { class: "found-note", role: "status", "Searching…" }
        },
        Found::Failed(error) => rsx! {
            ErrorState { title: "The search failed", text: error.message, on_retry: move |()| hits.ask(None) }
        },
        Found::Messages { rows, .. } if rows.is_empty() => rsx! {
            div { role: "status",
                {nothing}
                IndexingNote {}
            }
        },
        Found::Messages { rows, has_more } => {
            let last = rows.last().map(|row| row.id);
            let everywhere = (hits.place)() == Place::Everywhere;
            rsx! {
                ul { class: "found-list", "aria-label": "Messages found", onmounted: move |mounted| roving.start(&mounted),
                    for row in rows {
                        li { key: "{row.id}",
                            Hit { everywhere, current: at == Some(row.id), row }
                        }
                    }
                }
                if has_more {
                    LoadMore { on_more: move |()| hits.ask(last) }
                } else {
                    IndexingNote {}
                }
            }
        }
    }
}

/// A hit in one conversation shows its author; among all conversations, also the conversation.
#[component]
fn Hit(everywhere: bool, row: MessageHit, current: bool) -> Element {
    let excerpt = row.excerpt;
    let author = row.author.name;
    let (title, author) = match everywhere {
        true if author != row.conversation => (row.conversation, Some(author)),
        true => (row.conversation, None),
        false => (author, None),
    };
    rsx! {
        NavLink { class: "found-row", to: Route::message(row.channel_id, row.id).href(), "data-row": "", current,
            span { class: "conv-line",
                span { class: "conv-name truncate", "{title}" }
                When { at: row.created_at, style: WhenStyle::Short, class: "conv-time" }
            }
            span { class: "found-text", dir: "auto",
                if let Some(author) = author {
                    "{author}: "
                }
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
