//! A new link, shown until it is dismissed. The server stores only its hash.

use dioxus::prelude::*;
use lucide_dioxus::{KeyRound, X};

use crate::ui::Secret;

/// `title` says whose link it is, `text` what it does.
#[component]
pub fn LinkNotice(title: String, text: String, url: String, on_dismiss: EventHandler<()>) -> Element {
    rsx! {
        div { class: "notice notice-success", role: "status", "data-component": "LinkNotice",
            KeyRound { class: "icon" }
            div { class: "grow",
                b { class: "font-semibold", "{title}" }
                " {text} Copy it now. It won't be shown again."
                Secret { key: "{url}", text: url.clone() }
            }
            button { class: "icon-btn icon-btn-sm", r#type: "button", "aria-label": "Dismiss the link", title: "Dismiss", onclick: move |_| on_dismiss(()),
                X { class: "icon icon-14" }
            }
        }
    }
}
