//! A button that copies a link to this site and confirms in place, because a toast would be behind an open dialog.

use dioxus::prelude::*;
use lucide_dioxus::{Check, Link};

use super::copied::use_copied;
use crate::platform::browser;

/// `path` is a path of this site and begins with a slash.
#[component]
pub fn CopyLink(path: String) -> Element {
    let copied = use_copied();
    let copy = move |_| copied.copy(&format!("{}{path}", browser::origin()));
    let label = if copied.now() { "Link copied" } else { "Copy link" };
    rsx! {
        button { class: "icon-btn", r#type: "button", "aria-label": label, title: label, onclick: copy,
            if copied.now() {
                Check { class: "icon" }
            } else {
                Link { class: "icon" }
            }
        }
    }
}
