//! The deliveries of a webhook: what was sent, the response, and Resend.

use dioxus::prelude::*;
use lucide_dioxus::RotateCw;

use super::webhook_row::state_words;
use crate::ids::WebhookDeliveryId;
use crate::platform::browser;
use crate::platform::json::NoBody;
use crate::programs::webhooks::api::{DELIVERIES_PAGE, list_webhook_deliveries, resend_webhook_delivery};
use crate::programs::webhooks::model::{DeliveryState, Webhook, WebhookDelivery};
use crate::ui::relative_time::WhenStyle;
use crate::ui::{Dialog, LoadMore, When, use_submit, use_toast};

/// Milliseconds between two looks at a delivery that was not attempted yet.
const REFRESH_INTERVAL: i32 = 1000;
/// Number of looks.
const REFRESHES: u32 = 20;

#[component]
pub fn DeliveryLog(webhook: Webhook, on_close: EventHandler<()>) -> Element {
    let toast = use_toast();
    let id = webhook.id;
    let mut deliveries = use_signal(|| None::<Vec<WebhookDelivery>>);
    let mut has_more = use_signal(|| false);
    let refresh = move || async move {
        match list_webhook_deliveries(id, None).await {
            Ok(page) => {
                has_more.set(page.len() == DELIVERIES_PAGE);
                deliveries.set(Some(page));
            }
            Err(error) => toast.show(error.message),
        }
    };
    use_future(move || async move {
        for _ in 0..REFRESHES {
            refresh().await;
            let waits = |all: &Vec<WebhookDelivery>| all.iter().any(|delivery| delivery.attempts == 0);
            if !deliveries.peek().as_ref().is_some_and(waits) {
                break;
            }
            browser::sleep(REFRESH_INTERVAL).await;
        }
    });
    let load_more = move |()| async move {
        let last = deliveries.peek().as_ref().and_then(|all| all.last().map(|delivery| delivery.id));
        if let Ok(page) = list_webhook_deliveries(id, last).await {
            has_more.set(page.len() == DELIVERIES_PAGE);
            if let Some(all) = deliveries.write().as_mut() {
                all.extend(page);
            }
        }
    };
    let resent = move |changed: WebhookDelivery| async move {
        if let Some(known) =
            deliveries.write().as_mut().and_then(|all| all.iter_mut().find(|known| known.id == changed.id))
        {
            *known = changed;
        }
        browser::sleep(REFRESH_INTERVAL).await;
        refresh().await;
    };
    rsx! {
        Dialog { class: "dialog dialog-wide", label: "Deliveries", on_close,
            div { class: "row-gap",
                h3 { class: "grow", "Deliveries" }
                button { class: "btn btn-sm", r#type: "button", onclick: move |_| refresh(),
                    RotateCw { class: "icon" }
                    "Refresh"
                }
            }
            p { class: "break-anywhere", "{webhook.url}" }
            match deliveries() {
                None => rsx! {},
                Some(all) if all.is_empty() => rsx! {
                    p { class: "mt-4", "No deliveries in the last 7 days." }
                },
                Some(all) => rsx! {
                    div { class: "mt-4", "data-component": "DeliveryLog",
                        for delivery in all {
                            Delivery {
                                key: "{delivery.id}",
                                delivery,
                                enabled: webhook.enabled,
                                on_resend: move |delivery: WebhookDeliveryId| async move {
                                    match resend_webhook_delivery(id, delivery, NoBody).await {
                                        Ok(changed) => resent(changed).await,
                                        Err(error) => toast.show(error.message),
                                    }
                                },
                            }
                        }
                    }
                    if has_more() {
                        LoadMore { on_more: load_more }
                    }
                },
            }
            div { class: "dialog-foot",
                button { class: "btn", r#type: "button", "data-autofocus": "", onclick: move |_| on_close(()), "Close" }
            }
        }
    }
}

#[component]
fn Delivery(delivery: WebhookDelivery, enabled: bool, on_resend: EventHandler<WebhookDeliveryId>) -> Element {
    let submit = use_submit();
    let id = delivery.id;
    let state = if delivery.attempts == 0 && delivery.state == DeliveryState::Pending {
        "Sending".to_owned()
    } else {
        state_words(delivery.state, delivery.status)
    };
    let tag = match delivery.state {
        DeliveryState::Delivered => "tag tag-success",
        DeliveryState::Failed => "tag tag-danger",
        DeliveryState::Pending => "tag tag-warning",
        DeliveryState::Skipped => "tag",
    };
    rsx! {
        details { class: "delivery", "data-component": "WebhookDelivery",
            summary {
                span { class: "grow mono", "{delivery.kind}" }
                span { class: tag, "{state}" }
                span { class: "muted text-xs",
                    When { at: delivery.timestamp, style: WhenStyle::Ago }
                }
            }
            div { class: "delivery-body",
                p { class: "muted text-xs break-anywhere",
                    "{delivery.id}, attempts: {delivery.attempts}"
                    if let Some(duration) = delivery.duration_ms {
                        ", {duration} ms"
                    }
                    if let Some(at) = delivery.next_attempt_at {
                        ", next attempt "
                        When { at, style: WhenStyle::Exact }
                    }
                }
                if let Some(error) = &delivery.error {
                    p { class: "hint hint-error", "Error: {error}" }
                }
                if let Some(request) = &delivery.request {
                    p { class: "label", "Request" }
                    pre { tabindex: "0", "{request}" }
                }
                if let Some(response) = &delivery.response {
                    p { class: "label", "Response" }
                    pre { tabindex: "0", if response.is_empty() { "Empty" } else { "{response}" } }
                }
                if enabled {
                    div {
                        button {
                            class: "btn btn-sm",
                            r#type: "button",
                            disabled: submit.is_busy(),
                            onclick: move |_| on_resend(id),
                            "Resend"
                        }
                    }
                }
            }
        }
    }
}
