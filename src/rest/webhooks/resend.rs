//! `POST /webhooks/{id}/deliveries/{deliveryId}/resend`

use axum::http::StatusCode;

use crate::ids::{WebhookDeliveryId, WebhookId};
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::programs::webhooks::model::WebhookDelivery;
use crate::programs::webhooks::service;
use crate::rest::body::Path;
use crate::rest::caller::Caller;
use crate::rest::error::ErrorBody;

/// Sends an event to a webhook again, with the same `webhook-id`.
#[utoipa::path(
    post,
    path = "/webhooks/{id}/deliveries/{deliveryId}/resend",
    tag = "Webhooks",
    params(
        ("id" = WebhookId, Path, description = "The ID of the webhook."),
        ("deliveryId" = WebhookDeliveryId, Path, description = "The ID of the delivery.")
    ),
    responses(
        (status = 202, description = "The pending delivery.", body = WebhookDelivery),
        (status = 409, description = "The webhook is disabled.", body = ErrorBody)
    )
)]
pub async fn resend_webhook_delivery(
    platform: Platform,
    caller: Caller,
    Path((id, delivery)): Path<(WebhookId, WebhookDeliveryId)>,
) -> Result<(StatusCode, axum::Json<WebhookDelivery>)> {
    let delivery = service::resend(&platform, &caller.member, id, delivery).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(delivery)))
}
