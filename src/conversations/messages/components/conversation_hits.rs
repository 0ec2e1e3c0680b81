//! Matching messages in the search above the list of conversations.

use dioxus::prelude::*;

use super::message_hits::{HitList, MessageHits};
use crate::app::Route;
use crate::conversations::list::ConversationSearch;

#[component]
pub fn FoundMessages() -> Element {
    let search: ConversationSearch = use_context();
    let hits = use_hook(MessageHits::new);
    use_effect(move || hits.search(search.text()));
    if !search.is_on() {
        return rsx! {};
    }
    let at = match use_route::<Route>() {
        Route::ConversationPage { message, .. } => message.parse().ok(),
        _ => None,
    };
    rsx! {
        h3 { class: "list-section", "Messages" }
        HitList {
            hits,
            at,
            nothing: rsx! {
                p { class: "found-note", "No matching messages or files." }
            },
        }
    }
}
