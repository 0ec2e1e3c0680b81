//! `GET /webhooks/{id}`

use crate::ids::WebhookId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::programs::webhooks::model::Webhook;
use crate::programs::webhooks::service;
use crate::rest::body::Path;
use crate::rest::caller::Caller;

/// Returns a webhook.
#[utoipa::path(
    get,
    path = "/webhooks/{id}",
    tag = "Webhooks",
    params(("id" = WebhookId, Path, description = "The ID of the webhook.")),
    responses((status = 200, description = "The webhook.", body = Webhook))
)]
pub async fn get_webhook(platform: Platform, caller: Caller, Path(id): Path<WebhookId>) -> Result<axum::Json<Webhook>> {
    Ok(axum::Json(service::find(&platform, &caller.member, id).await?))
}
