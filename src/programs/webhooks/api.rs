//! HTTP routes of webhooks, for the settings page.

use super::model::{NewWebhook, Webhook, WebhookDelivery, WebhookUpdate, WebhookWithSecret};
use crate::ids::{WebhookDeliveryId, WebhookId};
use crate::platform::error::{AppError, Result};
use crate::platform::json::{Body, NoBody};
use crate::platform::routes::{dioxus_fullstack, *};

#[cfg(feature = "server")]
use {
    super::service, crate::people::organizations::service::Member, crate::platform::Platform,
    crate::platform::http::BaseUrl,
};

/// Page size of the log.
pub const DELIVERIES_PAGE: usize = 50;

/// Lists all webhooks of the organization, newest first.
#[get("/api/webhooks", platform: Platform, member: Member)]
pub async fn list_webhooks() -> Result<Vec<Webhook>, AppError> {
    service::list(&platform, &member, None, service::WEBHOOKS_MAX).await
}

/// Creates a webhook. Only this response and that of a rotation contain its secret.
#[post("/api/webhooks", platform: Platform, member: Member, base: BaseUrl)]
pub async fn create_webhook(body: Body<NewWebhook>) -> Result<WebhookWithSecret, AppError> {
    service::create(&platform, &member, &base.0, body.0).await
}

#[patch("/api/webhooks/{id}", platform: Platform, member: Member)]
pub async fn update_webhook(id: WebhookId, body: Body<WebhookUpdate>) -> Result<Webhook, AppError> {
    service::update(&platform, &member, id, body.0).await
}

#[delete("/api/webhooks/{id}", platform: Platform, member: Member)]
pub async fn delete_webhook(id: WebhookId, body: NoBody) -> Result<(), AppError> {
    let _ = body;
    service::delete(&platform, &member, id).await
}

/// Replaces the secret. The previous one is valid for another day.
#[post("/api/webhooks/{id}/rotate-secret", platform: Platform, member: Member)]
pub async fn rotate_webhook_secret(id: WebhookId, body: NoBody) -> Result<WebhookWithSecret, AppError> {
    let _ = body;
    service::rotate_secret(&platform, &member, id).await
}

/// Sends a test event. Returns the pending delivery.
#[post("/api/webhooks/{id}/test", platform: Platform, member: Member)]
pub async fn test_webhook(id: WebhookId, body: NoBody) -> Result<WebhookDelivery, AppError> {
    let _ = body;
    service::send_test(&platform, &member, id).await
}

/// Lists deliveries, newest first, 50 at a time: `before` is the id of the last one of the page before.
#[get("/api/webhooks/{id}/deliveries?before", platform: Platform, member: Member)]
pub async fn list_webhook_deliveries(
    id: WebhookId,
    before: Option<WebhookDeliveryId>,
) -> Result<Vec<WebhookDelivery>, AppError> {
    service::deliveries(&platform, &member, id, before, i64::try_from(DELIVERIES_PAGE).unwrap_or(i64::MAX)).await
}

/// Sends an event again. Returns the pending delivery.
#[post("/api/webhooks/{id}/deliveries/{delivery}/resend", platform: Platform, member: Member)]
pub async fn resend_webhook_delivery(
    id: WebhookId,
    delivery: WebhookDeliveryId,
    body: NoBody,
) -> Result<WebhookDelivery, AppError> {
    let _ = body;
    service::resend(&platform, &member, id, delivery).await
}
