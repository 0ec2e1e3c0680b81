//! The heading of a part of a page.

use dioxus::prelude::*;

/// The title of a part, what it is about, and what can be done.
#[component]
pub fn SectionHead(title: String, text: String, #[props(default)] children: Element) -> Element {
    rsx! {
        div { class: "sec-head",
            div {
                h2 { class: "sec-title", "{title}" }
                p { class: "sec-sub", "{text}" }
            }
            {children}
        }
    }
}
