//! `POST /webhooks/{id}/rotate-secret`

use crate::ids::WebhookId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::programs::webhooks::model::WebhookWithSecret;
use crate::programs::webhooks::service;
use crate::rest::body::Path;
use crate::rest::caller::Caller;

/// Replaces the secret of a webhook. For 24 hours deliveries are signed with both.
///
/// `webhook-signature` then contains two signatures, separated by a space.
#[utoipa::path(
    post,
    path = "/webhooks/{id}/rotate-secret",
    tag = "Webhooks",
    params(("id" = WebhookId, Path, description = "The ID of the webhook.")),
    responses((status = 200, description = "The webhook with its new secret.", body = WebhookWithSecret))
)]
pub async fn rotate_webhook_secret(
    platform: Platform,
    caller: Caller,
    Path(id): Path<WebhookId>,
) -> Result<axum::Json<WebhookWithSecret>> {
    Ok(axum::Json(service::rotate_secret(&platform, &caller.member, id).await?))
}
