//! Copies a link to something of this site, and says so in place: a toast would be behind an open dialog.

use dioxus::prelude::*;
use lucide_dioxus::{Check, Link};

use super::browser;

/// How long it says that it has copied, in milliseconds.
const SAID: i32 = 2000;

/// `path` is of this site and begins with a slash.
#[component]
pub fn CopyLink(path: String) -> Element {
    let mut copied = use_signal(|| false);
    let copy = move |_| {
        browser::copy_text(&format!("{}{path}", browser::origin()));
        copied.set(true);
        spawn(async move {
            browser::sleep(SAID).await;
            copied.set(false);
        });
    };
    let label = if copied() { "Link copied" } else { "Copy link" };
    rsx! {
        button { class: "icon-btn", r#type: "button", "aria-label": label, title: label, onclick: copy,
            if copied() {
                Check { class: "icon" }
            } else {
                Link { class: "icon" }
            }
        }
    }
}
