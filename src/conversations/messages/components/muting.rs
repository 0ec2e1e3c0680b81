//! The button that mutes a conversation, or unmutes it.

use dioxus::prelude::*;
use lucide_dioxus::{Bell, BellOff};

use crate::channels::api::set_muted;
use crate::channels::model::{Channel, Mute};
use crate::ids::ChannelId;
use crate::platform::json::Body;
use crate::ui::{Toasts, use_hydrated, use_toast};

/// `in_panel`: as a button with a text. The changed conversation arrives by the live event.
#[component]
pub fn MuteButton(channel: Channel, #[props(default)] in_panel: bool) -> Element {
    let hydrated = use_hydrated();
    let toast = use_toast();
    let Channel { id, muted, .. } = channel;
    let label = if muted { "Unmute" } else { "Mute" };
    rsx! {
        button {
            class: if in_panel { "btn btn-sm" } else { "icon-btn phone-hide" },
            r#type: "button",
            "aria-label": if !in_panel { label },
            title: if !in_panel { label },
            disabled: !hydrated,
            onclick: move |_| change(toast, id, !muted),
            if muted {
                BellOff { class: "icon" }
            } else {
                Bell { class: "icon" }
            }
            if in_panel {
                "{label}"
            }
        }
    }
}

fn change(toast: Toasts, id: ChannelId, muted: bool) {
    // The page may show another conversation before the response arrives.
    dioxus::core::spawn_forever(async move {
        match set_muted(id, Body(Mute { muted })).await {
            Ok(()) if muted => {
                toast.offer("Muted. Only critical messages notify you.", "Undo", move || change(toast, id, false));
            }
            Ok(()) => toast.show("Unmuted"),
            Err(error) => toast.show(error.message),
        }
    });
}
