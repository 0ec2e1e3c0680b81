//! A webhook with a log, for demonstration data. It is disabled, so that nothing is sent.

use serde_json::json;

use super::model::{DeliveryState, DisabledReason};
use super::signature::SECRET_BYTES;
use super::store::{self, Attempted, NewRow};
use crate::event_log::{self, EventKind};
use crate::ids::{WebhookDeliveryId, WebhookId};
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::platform::named_enum::List;

/// Number of events in the log.
const DELIVERIES: i64 = 5;

/// Writes a webhook of this member to `url`, with the latest events as delivered.
pub async fn fill(platform: &Platform, owner: &Member, url: &str) -> Result<()> {
    let (id, now) = (WebhookId(platform.clock.new_id()), platform.clock.now());
    let organization = owner.organization_id();
    let last_number = event_log::last_number(platform.db.on(), organization).await?;
    let events = event_log::after(platform.db.on(), organization, last_number - DELIVERIES, DELIVERIES).await?;
    let mut tx = platform.db.begin().await?;
    let row = NewRow {
        id,
        organization,
        member: owner.id,
        url,
        events: List(vec![EventKind::MessageCreated, EventKind::AttachmentReady, EventKind::FileRequestReceived]),
        channel: None,
        kinds: None,
        secret: &platform.clock.random_bytes::<SECRET_BYTES>(),
        base_url: &platform.config.own_url(),
        last_number,
        now,
    };
    store::insert(tx.on(), row).await?;
    for event in &events {
        let Some(kind) = EventKind::from_name(&event.kind) else { continue };
        let delivery = WebhookDeliveryId(platform.clock.new_id());
        store::insert_delivery(&mut tx, delivery, id, kind, event, event.created_at).await?;
        let data = json!({ "id": event.subject_id, "bucketId": event.channel_id });
        let body = json!({ "type": kind, "timestamp": event.created_at, "data": data }).to_string();
        let attempted = Attempted {
            state: DeliveryState::Delivered,
            failures: 0,
            next_at: None,
            at: event.created_at,
            request: &body,
            status: Some(200),
            response: Some("{\"received\":true}".to_owned()),
            error: None,
            duration_ms: 84,
        };
        store::note_attempt(&mut tx, delivery, attempted).await?;
    }
    store::disable(tx.on(), id, DisabledReason::Manual, now).await?;
    Ok(tx.commit().await?)
}
