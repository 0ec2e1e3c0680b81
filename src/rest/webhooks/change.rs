//! `PATCH /webhooks/{id}`

use crate::ids::WebhookId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::programs::webhooks::model::{Webhook, WebhookUpdate};
use crate::programs::webhooks::service;
use crate::rest::body::{Json, Path};
use crate::rest::caller::Caller;
use crate::rest::error::ErrorBody;

/// Changes a webhook. Members who are not its owner can only enable and disable it.
#[utoipa::path(
    patch,
    path = "/webhooks/{id}",
    tag = "Webhooks",
    params(("id" = WebhookId, Path, description = "The ID of the webhook.")),
    request_body = WebhookUpdate,
    responses(
        (status = 200, description = "The updated webhook.", body = Webhook),
        (status = 400, description = "The request is malformed, or the URL can't be used; see `field`.", body = ErrorBody),
        (status = 409, description = "The owner was removed.", body = ErrorBody)
    )
)]
pub async fn change_webhook(
    platform: Platform,
    caller: Caller,
    Path(id): Path<WebhookId>,
    Json(update): Json<WebhookUpdate>,
) -> Result<axum::Json<Webhook>> {
    Ok(axum::Json(service::update(&platform, &caller.member, id, update).await?))
}
