//! `DELETE /webhooks/{id}`

use axum::http::StatusCode;

use crate::ids::WebhookId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::programs::webhooks::service;
use crate::rest::body::Path;
use crate::rest::caller::Caller;

/// Deletes a webhook and its log. Pending deliveries are not sent.
#[utoipa::path(
    delete,
    path = "/webhooks/{id}",
    tag = "Webhooks",
    params(("id" = WebhookId, Path, description = "The ID of the webhook.")),
    responses((status = 204, description = "Deleted."))
)]
pub async fn delete_webhook(platform: Platform, caller: Caller, Path(id): Path<WebhookId>) -> Result<StatusCode> {
    service::delete(&platform, &caller.member, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
