//! The page of the organization's webhooks.

use dioxus::prelude::*;
use lucide_dioxus::{KeyRound, Plus, Webhook as WebhookIcon};

use super::delivery_log::DeliveryLog;
use super::webhook_dialog::WebhookDialog;
use super::webhook_row::{Act, WebhookRow};
use crate::admin::settings::SettingsSection;
use crate::platform::json::{Body, NoBody};
use crate::programs::webhooks::api::{
    delete_webhook, list_webhooks, rotate_webhook_secret, test_webhook, update_webhook,
};
use crate::programs::webhooks::model::{DisabledReason, Webhook, WebhookUpdate, WebhookWithSecret};
use crate::ui::{
    Column, ConfirmDialog, EmptyState, Secret, SectionHead, Table, use_hydrated, use_loaded, use_submit, use_toast,
};

#[component]
pub fn WebhooksPage() -> Element {
    rsx! {
        SettingsSection { title: "Webhooks", LoadedWebhooks {} }
    }
}

#[component]
fn LoadedWebhooks() -> Element {
    use_loaded(list_webhooks)?.show("Webhooks", |all: Vec<Webhook>| {
        rsx! {
            Webhooks { all }
        }
    })
}

/// The conversation or panel that is open beside the list.
#[derive(Debug, Clone, PartialEq)]
enum Open {
    New,
    Edit(Webhook),
    Log(Webhook),
    Rotate(Webhook),
    Delete(Webhook),
}

#[component]
fn Webhooks(all: Vec<Webhook>) -> Element {
    let toast = use_toast();
    let hydrated = use_hydrated();
    let submit = use_submit();
    let mut webhooks = use_signal(|| all);
    let mut open = use_signal(|| None::<Open>);
    let mut revealed = use_signal(|| None::<WebhookWithSecret>);
    let mut replace = move |changed: Webhook| {
        if let Some(known) = webhooks.write().iter_mut().find(|known| known.id == changed.id) {
            *known = changed;
        }
    };
    let rotate = move |webhook: Webhook| async move {
        let done = submit.track(rotate_webhook_secret(webhook.id, NoBody)).await;
        open.set(None);
        match done {
            Ok(rotated) => {
                replace(rotated.webhook.clone());
                revealed.set(Some(rotated));
            }
            Err(error) => toast.show(error.message),
        }
    };
    let delete = move |webhook: Webhook| async move {
        let done = submit.track(delete_webhook(webhook.id, NoBody)).await;
        open.set(None);
        match done {
            Ok(()) => {
                webhooks.write().retain(|known| known.id != webhook.id);
                if revealed.peek().as_ref().is_some_and(|shown| shown.webhook.id == webhook.id) {
                    revealed.set(None);
                }
            }
            Err(error) => toast.show(error.message),
        }
    };
    let test = move |webhook: Webhook| async move {
        match submit.track(test_webhook(webhook.id, NoBody)).await {
            // The log shows the result.
            Ok(_) => open.set(Some(Open::Log(webhook))),
            Err(error) => toast.show(error.message),
        }
    };
    let switch = move |(webhook, enabled): (Webhook, bool)| async move {
        let update = WebhookUpdate { enabled: Some(enabled), ..WebhookUpdate::default() };
        match submit.track(update_webhook(webhook.id, Body(update))).await {
            Ok(changed) => replace(changed),
            Err(error) => toast.show(error.message),
        }
    };
    let act = move |(act, webhook): (Act, Webhook)| match act {
        Act::Log => open.set(Some(Open::Log(webhook))),
        Act::Edit => open.set(Some(Open::Edit(webhook))),
        Act::Rotate => open.set(Some(Open::Rotate(webhook))),
        Act::Delete => open.set(Some(Open::Delete(webhook))),
        Act::Test => {
            spawn(test(webhook));
        }
        Act::Enable => {
            spawn(switch((webhook, true)));
        }
        Act::Disable => {
            spawn(switch((webhook, false)));
        }
    };
    let failing: Vec<_> = webhooks().into_iter().filter(is_failing).collect();
    rsx! {
        section { class: "sec", "data-component": "Webhooks",
            SectionHead {
                title: "Webhooks",
                text: "Send events to your programs as they happen. Each webhook sends what its owner can view.",
                button { class: "btn btn-primary", r#type: "button", disabled: !hydrated, onclick: move |_| open.set(Some(Open::New)),
                    Plus { class: "icon" }
                    "New webhook"
                }
            }
            for webhook in failing {
                div { class: "notice notice-warning", role: "status", key: "{webhook.id}",
                    WebhookIcon { class: "icon" }
                    div { class: "grow break-anywhere",
                        b { class: "font-semibold", "{webhook.url} was disabled." }
                        " Its deliveries failed for 3 days. Fix the endpoint, then enable the webhook. Events since then are not sent."
                    }
                }
            }
            if let Some(shown) = revealed() {
                div { class: "notice notice-success", role: "status", "data-component": "SecretNotice",
                    KeyRound { class: "icon" }
                    div { class: "grow",
                        b { class: "font-semibold break-anywhere", "The secret of {shown.webhook.url}" }
                        " Copy it now. It won't be shown again."
                        Secret { key: "{shown.secret}", text: shown.secret.clone() }
                    }
                }
            }
            if webhooks.read().is_empty() {
                EmptyState {
                    icon: rsx! {
                        WebhookIcon { class: "icon" }
                    },
                    title: "No webhooks",
                    text: "Create one to tell a program about new messages, files and contacts.",
                }
            } else {
                Table {
                    label: "Webhooks",
                    class: "webhooks",
                    columns: vec![Column::Text("URL"), Column::Text("Events"), Column::Text("State"), Column::Text("Last delivery"), Column::Actions("Actions")],
                    for webhook in webhooks() {
                        WebhookRow { key: "{webhook.id}", webhook, on_act: act }
                    }
                }
            }
            p { class: "hint mt-2",
                "To verify signatures, see the "
                a { class: "link", href: "/api/docs", target: "_blank", rel: "noopener", "API reference" }
                "."
            }
        }
        match open() {
            Some(Open::New) => rsx! {
                WebhookDialog {
                    on_created: move |created: WebhookWithSecret| {
                        webhooks.write().insert(0, created.webhook.clone());
                        revealed.set(Some(created));
                        open.set(None);
                    },
                    on_saved: replace,
                    on_close: move |()| open.set(None),
                }
            },
            Some(Open::Edit(webhook)) => rsx! {
                WebhookDialog {
                    webhook,
                    on_created: move |_| open.set(None),
                    on_saved: move |changed| {
                        replace(changed);
                        open.set(None);
                    },
                    on_close: move |()| open.set(None),
                }
            },
            Some(Open::Log(webhook)) => rsx! {
                DeliveryLog { webhook, on_close: move |()| open.set(None) }
            },
            Some(Open::Rotate(webhook)) => rsx! {
                ConfirmDialog {
                    title: "Rotate the secret?",
                    text: "You get a new secret. Deliveries are signed with both for 24 hours, so that you can change your program.",
                    confirm: "Rotate secret",
                    busy: submit.is_busy(),
                    on_confirm: move |()| rotate(webhook.clone()),
                    on_close: move |()| open.set(None),
                }
            },
            Some(Open::Delete(webhook)) => rsx! {
                ConfirmDialog {
                    title: "Delete this webhook?",
                    text: "Events are no longer sent to {webhook.url}. Its log is deleted too.",
                    confirm: "Delete",
                    busy: submit.is_busy(),
                    on_confirm: move |()| delete(webhook.clone()),
                    on_close: move |()| open.set(None),
                }
            },
            None => rsx! {},
        }
    }
}

/// Returns whether this person's webhook was disabled because it failed.
fn is_failing(webhook: &Webhook) -> bool {
    webhook.own && webhook.disabled_reason == Some(DisabledReason::Failing)
}
