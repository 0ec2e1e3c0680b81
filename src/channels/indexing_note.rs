//! Tells why a search misses older messages and files after an upgrade.

use dioxus::prelude::*;

use super::api::search_index_state;

/// Shows nothing once all are indexed.
#[component]
pub fn IndexingNote() -> Element {
    let mut is_indexing = use_signal(|| false);
    use_effect(move || {
        spawn(async move {
            if let Ok(index) = search_index_state().await {
                is_indexing.set(!index.complete);
            }
        });
    });
    if !is_indexing() {
        return rsx! {};
    }
    rsx! {
        p { class: "found-note", "Older messages and files are still being indexed. They will show up here later." }
    }
}
