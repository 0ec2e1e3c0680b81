//! One attempt of a delivery: sign, send, record, and schedule the next attempt.

use std::iter;
use std::time::Duration;

use tokio::time::Instant;

use super::dispatch::DELIVER;
use super::model::{DeliveryState, DisabledReason};
use super::service::host_of;
use super::signature::sign;
use super::store::{self, Attempted};
use crate::ids::WebhookDeliveryId;
use crate::people::audit::model::Action;
use crate::people::audit::service as audit;
use crate::people::audit::service::{By, Subject};
use crate::people::organizations::service::publish_access_change;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::platform::jobs;
use crate::platform::remote_fetch::{FetchError, Posted};
use crate::platform::timestamp::Timestamp;

pub use super::store::PendingRow;

/// Timeout of an attempt.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Maximum number of bytes of a response that are read and logged.
const RESPONSE_MAX: usize = 4096;
/// Pauses after the first failures.
const FIRST_PAUSES: [Duration; 4] =
    [Duration::from_secs(5), Duration::from_secs(30), Duration::from_mins(2), Duration::from_mins(10)];
/// The pause after each later failure, and their number: 3 days.
const LATER_PAUSE: Duration = Duration::from_hours(1);
const LATER_PAUSES: usize = 72;

/// Returns a delivery that is not done.
pub async fn pending(platform: &Platform, id: WebhookDeliveryId) -> Result<Option<PendingRow>> {
    Ok(store::pending(platform.db.on(), id).await?)
}

/// Records that a delivery is not sent.
pub async fn skip(platform: &Platform, id: WebhookDeliveryId, reason: &str) -> Result<()> {
    Ok(store::skip(platform.db.on(), id, reason).await?)
}

/// Returns the pause after this many failures. `None` if the last attempt has failed.
fn pause_after(failures: i32) -> Option<Duration> {
    let failures = usize::try_from(failures).unwrap_or(0).max(1);
    match FIRST_PAUSES.get(failures - 1) {
        Some(pause) => Some(*pause),
        None => (failures <= FIRST_PAUSES.len() + LATER_PAUSES).then_some(LATER_PAUSE),
    }
}

/// Sends `body` to the webhook of a delivery, and records the result. A failure is retried; after the last one the webhook
/// is disabled.
pub async fn attempt(platform: &Platform, delivery: &PendingRow, body: &str) -> Result<()> {
    let at = platform.clock.now();
    let id = delivery.id.to_string();
    let previous = store::previous_secrets(platform.db.on(), delivery.webhook_id, at).await?;
    let secrets: Vec<_> =
        iter::once(&delivery.secret).chain(previous.iter().map(|previous| &previous.secret)).collect();
    let seconds = at.0 / 1000;
    let headers = [
        ("webhook-id", id.clone()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", sign(&secrets, &id, seconds, body)),
    ];
    let started = Instant::now();
    let posted = platform.remote_fetch.post(&delivery.url, &headers, body.to_owned(), TIMEOUT, RESPONSE_MAX).await;
    let duration_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
    note(platform, delivery, body, at, duration_ms, posted).await
}

async fn note(
    platform: &Platform,
    delivery: &PendingRow,
    body: &str,
    at: Timestamp,
    duration_ms: i64,
    posted: std::result::Result<Posted, FetchError>,
) -> Result<()> {
    let is_delivered = posted.as_ref().is_ok_and(|posted| (200..300).contains(&posted.status));
    let (status, response, error) = match posted {
        Ok(posted) => {
            // PostgreSQL stores no NUL in a text.
            let text = String::from_utf8_lossy(&posted.body).replace('\0', "\u{fffd}");
            (Some(i32::from(posted.status)), Some(text), None)
        }
        Err(error) => (None, None, Some(error.to_string())),
    };
    let failures = if is_delivered { 0 } else { delivery.failures + 1 };
    let pause = if is_delivered { None } else { pause_after(failures) };
    let now = platform.clock.now();
    let next_at = pause.map(|pause| now.plus(pause));
    let state = match (is_delivered, next_at) {
        (true, _) => DeliveryState::Delivered,
        (false, Some(_)) => DeliveryState::Pending,
        (false, None) => DeliveryState::Failed,
    };
    let attempted = Attempted { state, failures, next_at, at, request: body, status, response, error, duration_ms };
    let mut tx = platform.db.begin().await?;
    let was_pending = store::note_attempt(&mut tx, delivery.id, attempted).await?;
    if let Some(due) = next_at.filter(|_| was_pending) {
        // Its row stays when this job ends, because it is due again.
        jobs::enqueue_named(tx.on(), DELIVER, delivery.id.0, delivery.webhook_id.0, due).await?;
    }
    let mut is_disabled = false;
    if was_pending && state == DeliveryState::Failed {
        is_disabled = store::disable(tx.on(), delivery.webhook_id, DisabledReason::Failing, now).await?;
        if is_disabled {
            let by = By::sender(delivery.organization_id, None);
            let subject = Subject::words(host_of(&delivery.url));
            audit::record(platform, tx.on(), &by, Action::WebhookDisabled, &subject).await?;
        }
    }
    tx.commit().await?;
    if is_disabled {
        tracing::warn!(webhook = %delivery.webhook_id, "a webhook was disabled because its deliveries failed");
        // The owner's pages show a notice.
        publish_access_change(platform, delivery.organization_id).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_after_three_days() {
        let pauses: Vec<_> = (1..).map_while(pause_after).collect();
        assert_eq!(pauses[..5], [5, 30, 120, 600, 3600].map(Duration::from_secs));
        assert_eq!(pauses.len(), 76);
        let hourly: Duration = pauses[4..].iter().sum();
        assert_eq!(hourly, Duration::from_hours(72));
    }
}
