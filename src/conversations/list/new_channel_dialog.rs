//! The dialog that creates a team channel.

use dioxus::prelude::*;

use crate::app::Route;
use crate::channels::api::create_channel;
use crate::channels::conversations::Conversations;
use crate::channels::model::NewChannel;
use crate::platform::browser;
use crate::platform::json::Body;
use crate::ui::{Dialog, Field, PanelOpen, use_submit};

#[component]
pub fn NewChannelDialog(on_close: EventHandler<()>) -> Element {
    let name = use_signal(String::new);
    let mut private = use_signal(|| false);
    let submit = use_submit();
    let conversations: Conversations = use_context();
    let PanelOpen(mut panel_open) = use_context();
    let create = move |event: FormEvent| {
        event.prevent_default();
        async move {
            let input = NewChannel { name: name(), kind: "team".to_owned(), private: private() };
            let Some(channel) = submit.run(create_channel(Body(input))).await else { return };
            conversations.reload();
            on_close(());
            // The next thing about a private channel is its members, which its panel asks for.
            let panel = if channel.private && browser::is_narrow() { "open" } else { "" };
            if channel.private {
                panel_open.set(true);
            }
            let (panel, message) = (panel.to_owned(), String::new());
            navigator().push(Route::ConversationPage { channel: channel.id, panel, message }.href());
        }
    };
    rsx! {
        Dialog { label: "New channel", on_close,
            form { onsubmit: create,
                h3 { "New channel" }
                p { "A place for your team. Contacts can't see channels." }
                div { class: "dialog-fields",
                    Field { name: "name", label: "Channel name", placeholder: "repairs", value: name, autofocus: true, error: submit.error().map(|error| error.message) }
                    label { class: "setting",
                        span {
                            "Private"
                            span { class: "hint block", "Only people you add can see it." }
                        }
                        input { class: "switch", r#type: "checkbox", role: "switch", checked: private(), onchange: move |event| private.set(event.checked()) }
                    }
                }
                div { class: "dialog-foot",
                    button { class: "btn", r#type: "button", onclick: move |_| on_close(()), "Cancel" }
                    button { class: "btn btn-primary", r#type: "submit", disabled: submit.is_busy(), "Create channel" }
                }
            }
        }
    }
}
