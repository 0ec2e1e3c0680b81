//! The dialog that renames a team channel.

use dioxus::prelude::*;

use crate::channels::api::rename_channel;
use crate::channels::model::{Channel, ChannelChanges};
use crate::platform::json::Body;
use crate::ui::{Dialog, Field, use_submit};

/// The new name arrives by the live event.
#[component]
pub fn RenameChannelDialog(channel: Channel, on_close: EventHandler<()>) -> Element {
    let name = use_signal(|| channel.name.clone());
    let submit = use_submit();
    let rename = move |event: FormEvent| {
        event.prevent_default();
        async move {
            if submit.run(rename_channel(channel.id, Body(ChannelChanges { name: name() }))).await.is_some() {
                on_close(());
            }
        }
    };
    rsx! {
        Dialog { label: "Rename channel", on_close,
            form { onsubmit: rename,
                h3 { "Rename channel" }
                div { class: "dialog-fields",
                    Field { name: "name", label: "Channel name", value: name, autofocus: true, error: submit.error().map(|error| error.message) }
                }
                div { class: "dialog-foot",
                    button { class: "btn", r#type: "button", onclick: move |_| on_close(()), "Cancel" }
                    button { class: "btn btn-primary", r#type: "submit", disabled: submit.is_busy(), "Rename" }
                }
            }
        }
    }
}
