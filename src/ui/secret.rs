//! Something that is shown once, to be copied now.

use dioxus::prelude::*;
use lucide_dioxus::{Check, ClipboardCopy};

use super::browser;

#[component]
pub fn Secret(text: String) -> Element {
    let mut copied = use_signal(|| false);
    let copy = {
        let text = text.clone();
        move |_| {
            browser::copy_text(&text);
            copied.set(true);
            spawn(async move {
                browser::sleep(2000).await;
                copied.set(false);
            });
        }
    };
    rsx! {
        div { class: "secret",
            code { tabindex: "0", "{text}" }
            button { class: "btn", r#type: "button", onclick: copy,
                if copied() {
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
