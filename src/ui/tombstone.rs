//! A tombstone of something that was deleted: what, by whom, when. It has no actions.

use dioxus::prelude::*;
use lucide_dioxus::Trash;

use super::relative_time::{When, WhenStyle};
use crate::platform::timestamp::Timestamp;

#[component]
pub fn Tombstone(what: String, by: String, at: Timestamp) -> Element {
    rsx! {
        p { class: "tombstone", "data-component": "Tombstone",
            Trash { class: "icon icon-14" }
            span { class: "tombstone-text",
                bdi { "{what}" }
                " was deleted by "
                bdi { "{by}" }
                ", "
                When { at, style: WhenStyle::Ago }
            }
        }
    }
}
