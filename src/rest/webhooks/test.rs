//! `POST /webhooks/{id}/test`

use axum::http::StatusCode;

use crate::ids::WebhookId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::programs::webhooks::model::WebhookDelivery;
use crate::programs::webhooks::service;
use crate::rest::body::Path;
use crate::rest::caller::Caller;
use crate::rest::error::ErrorBody;

/// Sends the event `webhook.test` to a webhook. The log shows the result.
#[utoipa::path(
    post,
    path = "/webhooks/{id}/test",
    tag = "Webhooks",
    params(("id" = WebhookId, Path, description = "The ID of the webhook.")),
    responses(
        (status = 202, description = "The pending delivery.", body = WebhookDelivery),
        (status = 409, description = "The webhook is disabled.", body = ErrorBody)
    )
)]
pub async fn test_webhook(
    platform: Platform,
    caller: Caller,
    Path(id): Path<WebhookId>,
) -> Result<(StatusCode, axum::Json<WebhookDelivery>)> {
    let delivery = service::send_test(&platform, &caller.member, id).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(delivery)))
}
