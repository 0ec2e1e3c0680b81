//! A secret that is shown once, to be copied.

use dioxus::prelude::*;
use lucide_dioxus::{Check, ClipboardCopy};

use super::copied::use_copied;

#[component]
pub fn Secret(text: String) -> Element {
    let copied = use_copied();
    let copy = {
        let text = text.clone();
        move |_| copied.copy(&text)
    };
    rsx! {
        div { class: "secret",
            code { tabindex: "0", "{text}" }
            button { class: "btn", r#type: "button", onclick: copy,
                if copied.now() {
                    Check { class: "icon" }
                    "Copied"
                } else {
                    ClipboardCopy { class: "icon" }
                    "Copy"
                }
            }
        }
    }
}
