//! The heading of a section of a page.

use dioxus::prelude::*;

/// The title of a section, its description, and its actions.
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
