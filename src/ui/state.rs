//! Empty and error states: what happened, what to do.

use dioxus::prelude::*;
use lucide_dioxus::{CircleAlert, RotateCw};

#[component]
pub fn EmptyState(icon: Element, title: String, text: String, #[props(default)] children: Element) -> Element {
    rsx! {
        div { class: "state", "data-component": "EmptyState",
            {icon}
            h2 { "{title}" }
            p { "{text}" }
            {children}
        }
    }
}

#[component]
pub fn ErrorState(title: String, text: String, on_retry: EventHandler<()>) -> Element {
    rsx! {
        div { class: "state state-error", role: "alert", "data-component": "ErrorState",
            CircleAlert { class: "icon" }
            h2 { "{title}" }
            p { "{text}" }
            button { class: "btn", r#type: "button", onclick: move |_| on_retry(()),
                RotateCw { class: "icon" }
                "Try again"
            }
        }
    }
}
