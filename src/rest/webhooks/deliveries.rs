//! `GET /webhooks/{id}/deliveries`

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::ids::{WebhookDeliveryId, WebhookId};
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::programs::webhooks::model::WebhookDelivery;
use crate::programs::webhooks::service;
use crate::rest::body::{Path, Query};
use crate::rest::caller::Caller;
use crate::rest::paging::{check_limit, next};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// The `next` value of the previous page.
    before: Option<WebhookDeliveryId>,
    /// The maximum number of items. Defaults to 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// A page of deliveries, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookDeliveryPage {
    deliveries: Vec<WebhookDelivery>,
    /// Pass this as `before` to get the next page. Null on the last page.
    next: Option<WebhookDeliveryId>,
}

/// Lists the deliveries of a webhook in the last 7 days, newest first, with the latest attempt of each. For its owner only.
#[utoipa::path(
    get,
    path = "/webhooks/{id}/deliveries",
    tag = "Webhooks",
    params(("id" = WebhookId, Path, description = "The ID of the webhook."), Page),
    responses((status = 200, description = "A page of deliveries.", body = WebhookDeliveryPage))
)]
pub async fn list_webhook_deliveries(
    platform: Platform,
    caller: Caller,
    Path(id): Path<WebhookId>,
    Query(page): Query<Page>,
) -> Result<axum::Json<WebhookDeliveryPage>> {
    let limit = check_limit(page.limit)?;
    let deliveries = service::deliveries(&platform, &caller.member, id, page.before, limit).await?;
    let next = next(&deliveries, limit, |delivery| delivery.id);
    Ok(axum::Json(WebhookDeliveryPage { deliveries, next }))
}
