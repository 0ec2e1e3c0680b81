//! Trying a template: what a JSON text would become.

use dioxus::prelude::*;
use lucide_dioxus::CircleAlert;

use super::edit_dialog::Texts;
use crate::conversations::hooks::api::preview_hook;
use crate::conversations::hooks::model::{HookPreview, PreviewedMessage, TryOut};
use crate::conversations::messages::model::DeliveryType;
use crate::ids::ChannelId;
use crate::platform::json::Body;
use crate::ui::use_submit;

/// `name` is the field's name in the form and, prefixed with `field-`, its id.
#[component]
pub fn TextArea(
    name: String,
    label: String,
    value: Signal<String>,
    #[props(default)] placeholder: String,
    #[props(!optional)] error: Option<String>,
) -> Element {
    let mut value = value;
    rsx! {
        div {
            label { class: "label", r#for: "field-{name}", "{label}" }
            textarea {
                class: "field",
                id: "field-{name}",
                name: "{name}",
                rows: "3",
                spellcheck: "false",
                placeholder,
                value: "{value}",
                "aria-invalid": if error.is_some() { "true" },
                "aria-describedby": if error.is_some() { "hint-{name}" },
                oninput: move |event| value.set(event.value()),
            }
            if let Some(error) = &error {
                p { class: "hint hint-error", id: "hint-{name}", role: "alert",
                    CircleAlert { class: "icon" }
                    "{error}"
                }
            }
        }
    }
}

/// A JSON text, and the message that it would become with the template as it is now.
#[component]
pub fn TryOutFields(bucket: ChannelId, texts: Texts) -> Element {
    let sample = use_signal(String::new);
    let mut preview = use_signal(|| None::<HookPreview>);
    let submit = use_submit();
    let show = move |_| async move {
        let input = TryOut { template: texts.template(), body: sample() };
        preview.set(submit.run(preview_hook(bucket, Body(input))).await);
    };
    let error = submit.error().map(|error| error.message);
    rsx! {
        div { class: "dialog-fields", "data-component": "TryOut",
            TextArea { name: "sample", label: "Try it with a JSON body", placeholder: "{{\"build\": {{\"number\": 512}}}}", value: sample, error }
            div {
                button { class: "btn btn-sm", r#type: "button", disabled: submit.is_busy(), onclick: show, "Preview" }
            }
            div { role: "status",
                match preview() {
                    Some(HookPreview { message: Some(message) }) => rsx! {
                        Preview { message }
                    },
                    Some(HookPreview { message: None }) => rsx! {
                        p { class: "hint", "This body becomes no message." }
                    },
                    None => rsx! {},
                }
            }
        }
    }
}

#[component]
fn Preview(message: PreviewedMessage) -> Element {
    rsx! {
        div { class: "notice", "data-component": "HookPreview",
            div { class: "grow min-w-0 break-anywhere",
                if message.delivery_type == DeliveryType::Critical {
                    span { class: "tag tag-danger", "Critical" }
                }
                if let Some(title) = &message.title {
                    b { class: "font-semibold block", "{title}" }
                }
                if let Some(subtitle) = &message.subtitle {
                    span { class: "muted block", "{subtitle}" }
                }
                span { class: "block whitespace-pre-wrap", "{message.body}" }
                for url in message.pictures {
                    span { class: "muted block", key: "{url}", "Picture: {url}" }
                }
            }
        }
    }
}
