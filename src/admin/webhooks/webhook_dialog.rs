//! The dialog that creates or changes a webhook.

use dioxus::prelude::*;

use crate::event_log::EventKind;
use crate::files::attachments::media_type::FileKind;
use crate::platform::json::Body;
use crate::programs::webhooks::api::{create_webhook, update_webhook};
use crate::programs::webhooks::model::{NewWebhook, Webhook, WebhookUpdate, WebhookWithSecret};
use crate::ui::{Dialog, Field, use_submit};

/// Creates a webhook if there is no `webhook`.
#[component]
pub fn WebhookDialog(
    webhook: Option<Webhook>,
    on_created: EventHandler<WebhookWithSecret>,
    on_saved: EventHandler<Webhook>,
    on_close: EventHandler<()>,
) -> Element {
    let submit = use_submit();
    let id = webhook.as_ref().map(|webhook| webhook.id);
    let known = use_hook(|| webhook.clone());
    let url = use_signal(|| known.as_ref().map(|known| known.url.clone()).unwrap_or_default());
    let channel_before = known.as_ref().and_then(|known| known.channel_name.clone()).unwrap_or_default();
    let channel = use_signal(|| channel_before.clone());
    let mut events =
        use_signal(|| known.as_ref().map_or_else(|| vec![EventKind::MessageCreated], |known| known.events.clone()));
    let mut kinds = use_signal(|| known.as_ref().map(|known| known.kinds.clone()).unwrap_or_default());
    let save = move |event: FormEvent| {
        event.prevent_default();
        let named = Some(channel().trim().to_owned()).filter(|name| !name.is_empty());
        let is_channel_changed = channel() != channel_before;
        async move {
            match id {
                None => {
                    let new = NewWebhook { url: url(), events: events(), channel_id: named, kinds: kinds() };
                    if let Some(created) = submit.run(create_webhook(Body(new))).await {
                        on_created(created);
                    }
                }
                Some(id) => {
                    let update = WebhookUpdate {
                        url: Some(url()),
                        events: Some(events()),
                        channel_id: is_channel_changed.then_some(named),
                        kinds: Some(kinds()),
                        enabled: None,
                    };
                    if let Some(changed) = submit.run(update_webhook(id, Body(update))).await {
                        on_saved(changed);
                    }
                }
            }
        }
    };
    let title = if id.is_some() { "Edit webhook" } else { "New webhook" };
    rsx! {
        Dialog { label: "{title}", on_close,
            form { onsubmit: save,
                h3 { "{title}" }
                p { "It sends what you can view at the time of each event." }
                div { class: "dialog-fields",
                    Field {
                        name: "url",
                        label: "URL",
                        placeholder: "https://hooks.example.com/attache",
                        autocomplete: "off",
                        inputmode: "url",
                        value: url,
                        autofocus: true,
                        error: submit.error_on("url"),
                    }
                    fieldset { class: "fieldset",
                        legend { class: "label", "Events" }
                        for kind in EventKind::ALL.iter().copied() {
                            label { class: "kv", key: "{kind}",
                                input {
                                    class: "check",
                                    r#type: "checkbox",
                                    checked: events.read().contains(&kind),
                                    onchange: move |event| {
                                        events.write().retain(|chosen| *chosen != kind);
                                        if event.checked() {
                                            events.write().push(kind);
                                        }
                                    },
                                }
                                span { "{kind.words()}" }
                            }
                        }
                        if let Some(message) = submit.error_on("events") {
                            p { class: "hint hint-error", role: "alert", "{message}" }
                        }
                    }
                    if events.read().contains(&EventKind::AttachmentReady) {
                        fieldset { class: "fieldset",
                            legend { class: "label", "Only these kinds of files" }
                            for kind in FileKind::ALL.iter().copied() {
                                label { class: "kv", key: "{kind}",
                                    input {
                                        class: "check",
                                        r#type: "checkbox",
                                        checked: kinds.read().contains(&kind),
                                        onchange: move |event| {
                                            kinds.write().retain(|chosen| *chosen != kind);
                                            if event.checked() {
                                                kinds.write().push(kind);
                                            }
                                        },
                                    }
                                    span { "{kind.words()}" }
                                }
                            }
                            p { class: "hint", "Choose none to include all files." }
                        }
                    }
                    Field {
                        name: "channelId",
                        label: "Restrict to",
                        placeholder: "dispatch",
                        hint: "The name of a bucket or channel. Leave empty to include every conversation you can view.",
                        autocomplete: "off",
                        value: channel,
                        error: submit.error_on("channelId"),
                    }
                }
                if let Some(message) = submit.other_error(&["url", "events", "channelId"]) {
                    p { class: "hint hint-error", role: "alert", "{message}" }
                }
                div { class: "dialog-foot",
                    button { class: "btn", r#type: "button", onclick: move |_| on_close(()), "Cancel" }
                    button { class: "btn btn-primary", r#type: "submit", disabled: submit.is_busy(), if id.is_some() { "Save" } else { "Create webhook" } }
                }
            }
        }
    }
}
