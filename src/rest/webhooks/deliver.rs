//! The job behind webhooks: renders the data of an event for the owner of a webhook, and attempts to deliver it.

use serde_json::json;
use uuid::Uuid;

use crate::ids::WebhookDeliveryId;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::platform::jobs::{Attempt, Queued, Retry, Workers};
use crate::programs::webhooks::delivery::{self, PendingRow};
use crate::programs::webhooks::dispatch::{self, DELIVER, UNTIL_DONE};
use crate::programs::webhooks::model::TEST;
use crate::rest::events::{Subject, envelope, render};

/// Attempts a delivery. If it fails, the attempt schedules the next one.
pub struct DeliverWebhook {
    pub delivery: WebhookDeliveryId,
}

impl Queued for DeliverWebhook {
    const NAME: &'static str = DELIVER;
    const RETRY: Retry = UNTIL_DONE;
    const WORKERS: Workers = Workers::Deliveries;

    fn key(&self) -> Uuid {
        self.delivery.0
    }

    fn from_key(key: Uuid) -> Self {
        Self { delivery: WebhookDeliveryId(key) }
    }

    async fn run(self, platform: Platform, _: Attempt) -> Result<u64> {
        let Some(row) = delivery::pending(&platform, self.delivery).await? else { return Ok(0) };
        if row.disabled_at.is_some() {
            delivery::skip(&platform, row.id, "the webhook is disabled").await?;
            return Ok(0);
        }
        if row.only_channel.zip(row.channel_id).is_some_and(|(only, channel)| only != channel) {
            delivery::skip(&platform, row.id, "the webhook is restricted to another conversation").await?;
            return Ok(0);
        }
        let owner = dispatch::owner(&platform, row.organization_id, row.member_id).await?;
        let body = match owner {
            Some(owner) => body(&platform, &owner, &row).await?,
            None => None,
        };
        let Some(body) = body else {
            delivery::skip(&platform, row.id, "the owner can't view it any more").await?;
            return Ok(0);
        };
        delivery::attempt(&platform, &row, &body).await?;
        Ok(1)
    }
}

/// Returns the body to send. `None` if the owner can't view the subject now.
async fn body(platform: &Platform, owner: &Member, row: &PendingRow) -> Result<Option<String>> {
    let Some((kind, (channel, id))) = row.kind.zip(row.channel_id.zip(row.subject_id)) else {
        return Ok(Some(envelope(TEST, row.created_at, json!({ "webhookId": row.webhook_id })).to_string()));
    };
    let base_url = platform.config.public_url.as_deref().unwrap_or(&row.base_url);
    let data = render(platform, owner, Subject { kind, channel, id, message: row.message_id }, base_url).await?;
    Ok(data.map(|data| envelope(kind.name(), row.created_at, data).to_string()))
}
