//! The button that closes the conversation with a contact, or opens it again.

use dioxus::prelude::*;
use lucide_dioxus::{Archive, Undo2};

use crate::channels::api::{close_channel, reopen_channel};
use crate::channels::model::{Channel, ChannelKind};
use crate::ids::ChannelId;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::platform::error::AppError;
use crate::platform::json::NoBody;
use crate::ui::{Toasts, use_hydrated, use_toast};

/// `in_panel`: as a button with a text. The changed conversation arrives by the live event.
#[component]
pub fn ClosingButton(channel: Channel, #[props(default)] in_panel: bool) -> Element {
    let hydrated = use_hydrated();
    let toast = use_toast();
    if channel.kind != ChannelKind::Contact || !use_session().may(Permission::MessageSend) {
        return rsx! {};
    }
    let Channel { id, closed, .. } = channel;
    let label = if closed { "Reopen conversation" } else { "Resolve" };
    rsx! {
        button {
            class: if in_panel { "btn btn-sm" } else { "icon-btn phone-hide" },
            r#type: "button",
            "aria-label": if !in_panel { label },
            title: if !in_panel { label },
            disabled: !hydrated,
            onclick: move |_| change(toast, id, !closed),
            if closed {
                Undo2 { class: "icon" }
            } else {
                Archive { class: "icon" }
            }
            if in_panel {
                "{label}"
            }
        }
    }
}

fn change(toast: Toasts, id: ChannelId, closed: bool) {
    // The page may show another conversation before the response arrives.
    dioxus::core::spawn_forever(async move {
        match request(id, closed).await {
            Ok(()) if closed => toast.offer("Conversation resolved", "Undo", move || change(toast, id, false)),
            Ok(()) => toast.show("Conversation reopened"),
            Err(error) => toast.show(error.message),
        }
    });
}

async fn request(id: ChannelId, closed: bool) -> Result<(), AppError> {
    if closed { close_channel(id, NoBody).await } else { reopen_channel(id, NoBody).await }
}
