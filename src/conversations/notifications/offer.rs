//! The line in the inbox that offers notifications, until it is used or dismissed.

use dioxus::prelude::*;
use lucide_dioxus::{Bell, X};

use super::settings::use_device_notifications;
use crate::platform::browser::{self, NotificationPermission};

/// Storage key of the dismissal, in this browser.
const DISMISSED: &str = "attache-notifications-dismissed";

#[component]
pub fn NotificationOffer() -> Element {
    let device = use_device_notifications();
    let mut dismissed = use_signal(|| true);
    use_effect(move || dismissed.set(!browser::kept_in_browser(DISMISSED).is_empty()));
    if dismissed() || (device.permission)() != NotificationPermission::Undecided {
        return rsx! {};
    }
    rsx! {
        div { class: "notice list-notice", "data-component": "NotificationOffer",
            Bell { class: "icon" }
            div { class: "grow",
                "Get notified of what is new. "
                button { class: "link", r#type: "button", onclick: move |_| device.turn_on(), "Turn on notifications" }
            }
            button {
                class: "icon-btn icon-btn-sm",
                r#type: "button",
                "aria-label": "Not now",
                title: "Not now",
                onclick: move |_| {
                    browser::keep_in_browser(DISMISSED, "yes");
                    dismissed.set(true);
                },
                X { class: "icon icon-14" }
            }
        }
    }
}
