//! `GET /webhooks`

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::ids::WebhookId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::programs::webhooks::model::Webhook;
use crate::programs::webhooks::service;
use crate::rest::body::Query;
use crate::rest::caller::Caller;
use crate::rest::paging::{check_limit, next};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// The `next` value of the previous page.
    before: Option<WebhookId>,
    /// The maximum number of items. Defaults to 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// A page of webhooks, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookPage {
    webhooks: Vec<Webhook>,
    /// Pass this as `before` to get the next page. Null on the last page.
    next: Option<WebhookId>,
}

/// Lists the organization's webhooks, newest first.
#[utoipa::path(
    get,
    path = "/webhooks",
    tag = "Webhooks",
    params(Page),
    responses((status = 200, description = "A page of webhooks.", body = WebhookPage))
)]
pub async fn list_webhooks(
    platform: Platform,
    caller: Caller,
    Query(page): Query<Page>,
) -> Result<axum::Json<WebhookPage>> {
    let limit = check_limit(page.limit)?;
    let webhooks = service::list(&platform, &caller.member, page.before, limit).await?;
    let next = next(&webhooks, limit, |webhook| webhook.id);
    Ok(axum::Json(WebhookPage { webhooks, next }))
}
