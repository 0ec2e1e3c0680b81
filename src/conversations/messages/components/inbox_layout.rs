//! The inbox: the list of conversations beside the open one.

use dioxus::prelude::*;
use lucide_dioxus::MessagesSquare;

use super::colleagues::use_colleagues;
use super::conversation_hits::FoundMessages;
use crate::app::Route;
use crate::conversations::list::{ConversationList, use_conversation_search};
use crate::ui::{EmptyState, PageTitle};

#[component]
pub fn InboxLayout() -> Element {
    use_conversation_search();
    use_colleagues();
    rsx! {
        ConversationList { FoundMessages {} }
        Outlet::<Route> {}
    }
}

/// The inbox without an open conversation. On a phone only the list.
#[component]
pub fn InboxPage() -> Element {
    rsx! {
        PageTitle { text: "Inbox" }
        main { class: "pane conv conv-none", "aria-label": "Conversation",
            h1 { class: "sr-only", "Inbox" }
            EmptyState {
                icon: rsx! {
                    MessagesSquare { class: "icon" }
                },
                title: "Select a conversation",
                text: "Or start a new one.",
            }
        }
    }
}
