//! The list of closed conversations.

use dioxus::prelude::*;
use lucide_dioxus::Archive;
use uuid::Uuid;

use super::conversation_row::ConversationRow;
use crate::channels::conversations::{List, list_closed};
use crate::channels::model::{ChannelKind, Conversation};
use crate::live_event::Received;
use crate::platform::error::AppError;
use crate::platform::live::use_live;
use crate::ui::{EmptyState, Entry, ErrorState, LoadMore, use_roving};

/// Loads a page when it is shown, and stays up to date by events.
#[component]
pub fn ClosedConversations() -> Element {
    let mut list = use_signal(|| None::<Result<List, AppError>>);
    let load = move |before: Option<Uuid>| async move {
        let page = list_closed(before).await;
        let mut list = list.write();
        match (list.as_mut(), before, page) {
            (Some(Ok(shown)), Some(_), Ok(page)) => shown.append(page),
            // The shown rows stay.
            (Some(Ok(_)), Some(_), Err(_)) => {}
            (_, _, page) => *list = Some(page),
        }
    };
    use_hook(|| spawn(load(None)));
    use_live(move |received: Received| {
        if received.event.changes_access() {
            spawn(load(None));
        }
        let row: Option<Conversation> = received.conversation.and_then(crate::live_event::ConversationRow::read);
        if let (Some(Ok(list)), Some(row)) = (list.write().as_mut(), row)
            && row.channel.kind == ChannelKind::Contact
        {
            list.put_closed(row);
        }
    });
    let roving = use_roving(Entry::First);
    let shown = list.read().clone();
    match shown {
        None => rsx! {},
        Some(Err(error)) => rsx! {
            ErrorState { title: "Conversations could not be loaded", text: error.message, on_retry: move |()| { spawn(load(None)); } }
        },
        Some(Ok(List { rows, .. })) if rows.is_empty() => rsx! {
            EmptyState {
                icon: rsx! {
                    Archive { class: "icon" }
                },
                title: "Nothing is resolved yet",
                text: "Resolve a conversation to take it off your list. It returns when the contact writes.",
            }
        },
        Some(Ok(List { rows, has_more })) => {
            let end = rows.last().map(Conversation::place).filter(|_| has_more);
            rsx! {
                h3 { class: "list-section", "Resolved" }
                ul { "aria-label": "Resolved conversations", onmounted: move |mounted| roving.start(&mounted),
                    for row in rows {
                        li { key: "{row.channel.id}",
                            ConversationRow { row }
                        }
                    }
                }
                if end.is_some() {
                    LoadMore { on_more: move |()| { spawn(load(end)); } }
                }
            }
        }
    }
}
