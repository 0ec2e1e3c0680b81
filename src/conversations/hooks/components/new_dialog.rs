//! The dialog that creates an incoming URL, and then shows the URL.

use dioxus::prelude::*;
use lucide_dioxus::KeyRound;

use crate::conversations::hooks::api::create_hook;
use crate::conversations::hooks::model::{CreatedHook, NewHook};
use crate::ids::ChannelId;
use crate::platform::json::Body;
use crate::ui::{Dialog, Field, Secret, use_submit};

#[component]
pub fn NewHookDialog(bucket: ChannelId, on_made: EventHandler<CreatedHook>, on_close: EventHandler<()>) -> Element {
    let name = use_signal(String::new);
    let mut made = use_signal(|| None::<CreatedHook>);
    let submit = use_submit();
    let create = move |event: FormEvent| {
        event.prevent_default();
        async move {
            let new = NewHook { name: name(), template: None };
            if let Some(created) = submit.run(create_hook(bucket, Body(new))).await {
                on_made(created.clone());
                made.set(Some(created));
            }
        }
    };
    rsx! {
        Dialog { class: "dialog dialog-wide", label: "New incoming URL", on_close,
            if let Some(CreatedHook { url, hook }) = made() {
                h3 { class: "break-anywhere", "{hook.name}" }
                p { "Enter this URL as the webhook URL of the other program." }
                div { class: "notice notice-success mt-4", role: "status", "data-component": "HookReveal",
                    KeyRound { class: "icon" }
                    div { class: "grow",
                        b { class: "font-semibold", "The URL is ready." }
                        " Copy it now. It won't be shown again."
                        Secret { key: "{url}", text: url.clone() }
                    }
                }
                div { class: "dialog-foot",
                    button { class: "btn", r#type: "button", onclick: move |_| on_close(()), "Close" }
                }
            } else {
                form { onsubmit: create,
                    h3 { "New incoming URL" }
                    p { "Anyone who has the URL can post to this bucket. The URL works as long as you can post here." }
                    div { class: "dialog-fields",
                        Field {
                            name: "name",
                            label: "Name",
                            placeholder: "Grafana",
                            hint: "Its messages appear under this name.",
                            autocomplete: "off",
                            value: name,
                            autofocus: true,
                            error: submit.error_on("name"),
                        }
                    }
                    if let Some(message) = submit.other_error(&["name"]) {
                        p { class: "hint hint-error", role: "alert", "{message}" }
                    }
                    div { class: "dialog-foot",
                        button { class: "btn", r#type: "button", onclick: move |_| on_close(()), "Cancel" }
                        button { class: "btn btn-primary", r#type: "submit", disabled: submit.is_busy(), "Create URL" }
                    }
                }
            }
        }
    }
}
