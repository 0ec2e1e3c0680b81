//! `POST /webhooks`

use axum::response::IntoResponse;

use crate::platform::Platform;
use crate::platform::error::Result;
use crate::platform::http::BaseUrl;
use crate::programs::webhooks::model::{NewWebhook, WebhookWithSecret};
use crate::programs::webhooks::service;
use crate::rest::body::Json;
use crate::rest::caller::Caller;
use crate::rest::created::created;
use crate::rest::error::ErrorBody;

/// Creates a webhook. Only this response and that of a rotation contain its secret.
///
/// Events are sent as `{type, timestamp, data}`, signed by the Standard Webhooks specification: `webhook-id`,
/// `webhook-timestamp` and `webhook-signature`. The data is what you can view when it is sent. Requires the permission
/// `Organization:Manage`. A token that is limited to a bucket creates webhooks for that bucket.
#[utoipa::path(
    post,
    path = "/webhooks",
    tag = "Webhooks",
    request_body = NewWebhook,
    responses(
        (status = 201, description = "Created.", body = WebhookWithSecret, headers(("Location", description = "The URL."))),
        (status = 400, description = "The request is malformed, or the URL can't be used; see `field`.", body = ErrorBody)
    )
)]
pub async fn create_webhook(
    platform: Platform,
    caller: Caller,
    BaseUrl(base): BaseUrl,
    Json(new): Json<NewWebhook>,
) -> Result<impl IntoResponse> {
    let webhook = service::create(&platform, &caller.member, &base, new).await?;
    Ok(created(&format!("webhooks/{}", webhook.webhook.id), webhook))
}
