//! Creation of deliveries from the log of events: one for each event and webhook.

use std::collections::HashMap;
use std::time::Duration;

use uuid::Uuid;

use super::store::{self, BehindRow};
use crate::channels::service as channels;
use crate::event_log::{self, EventKind, LoggedEvent};
use crate::files::attachments::media_type::FileKind;
use crate::ids::{ChannelId, MemberId, OrganizationId, WebhookDeliveryId};
use crate::people::organizations::model::Permission;
use crate::people::organizations::service::Member;
use crate::people::organizations::store as organizations;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::platform::jobs::{self, Attempt, Queued, Retry};
use crate::platform::named_enum::List;

/// The name of the job that attempts a delivery. `rest` runs it, because it renders the data.
pub const DELIVER: &str = "deliver_webhook";
/// Jobs of webhooks are retried until they succeed: what they do is recorded in the deliveries.
pub const UNTIL_DONE: Retry = Retry { tries: i32::MAX, first_pause: Duration::from_secs(5) };
/// Number of events that are checked in one transaction.
const BATCH: i64 = 200;
/// How long events are kept for the event stream.
const EVENT_RETENTION: Duration = Duration::from_hours(24);
/// How long deliveries are kept.
const DELIVERY_RETENTION: Duration = Duration::from_hours(7 * 24);

/// Creates the deliveries of an organization's new events. `event_log::record` enqueues it.
pub struct DispatchEvents {
    pub organization: OrganizationId,
}

impl Queued for DispatchEvents {
    const NAME: &'static str = event_log::DISPATCH;
    const RETRY: Retry = UNTIL_DONE;

    fn key(&self) -> Uuid {
        self.organization.0
    }

    fn from_key(key: Uuid) -> Self {
        Self { organization: OrganizationId(key) }
    }

    async fn run(self, platform: Platform, _: Attempt) -> Result<u64> {
        let mut created = 0;
        for webhook in store::behind(platform.db.on(), self.organization).await? {
            created += dispatch(&platform, self.organization, webhook).await?;
        }
        Ok(created)
    }
}

/// Wakes the workers that deliver. Called after the commit.
pub fn wake(platform: &Platform) {
    platform.delivery_added.notify_waiters();
    // For a worker that is about to wait.
    platform.delivery_added.notify_one();
}

async fn dispatch(platform: &Platform, organization: OrganizationId, webhook: BehindRow) -> Result<u64> {
    let (mut from, mut created) = (webhook.last_number, 0);
    loop {
        let events = event_log::after(platform.db.on(), organization, from, BATCH).await?;
        let Some(to) = events.last().map(|event| event.number) else { return Ok(created) };
        let wanted = wanted(platform, organization, &webhook, &events).await?;
        let now = platform.clock.now();
        let mut tx = platform.db.begin().await?;
        if !store::advance(&mut tx, webhook.id, from, to).await? {
            return Ok(created);
        }
        for (kind, event) in &wanted {
            let id = WebhookDeliveryId(platform.clock.new_id());
            store::insert_delivery(&mut tx, id, webhook.id, *kind, event, now).await?;
            jobs::enqueue_named(tx.on(), DELIVER, id.0, webhook.id.0, now).await?;
        }
        tx.commit().await?;
        if !wanted.is_empty() {
            wake(platform);
        }
        created += wanted.len() as u64;
        from = to;
    }
}

/// Returns the events that a webhook asks for and that its owner can view.
async fn wanted<'a>(
    platform: &Platform,
    organization: OrganizationId,
    webhook: &BehindRow,
    events: &'a [LoggedEvent],
) -> Result<Vec<(EventKind, &'a LoggedEvent)>> {
    let Some(owner) = owner(platform, organization, webhook.member_id).await? else { return Ok(Vec::new()) };
    let mut visible: HashMap<ChannelId, bool> = HashMap::new();
    let mut wanted = Vec::new();
    for event in events {
        let kind = EventKind::from_name(&event.kind).filter(|kind| webhook.events.0.contains(kind));
        let Some(kind) = kind else { continue };
        if webhook.channel_id.is_some_and(|only| only != event.channel_id) {
            continue;
        }
        if let (EventKind::AttachmentReady, Some(List(kinds))) = (kind, &webhook.kinds) {
            let content_type = store::content_type(platform.db.on(), event.subject_id).await?;
            if !content_type.is_some_and(|content_type| kinds.contains(&FileKind::of(&content_type))) {
                continue;
            }
        }
        let is_visible = if let Some(is_visible) = visible.get(&event.channel_id) {
            *is_visible
        } else {
            let is_visible = can_view(platform, &owner, event.channel_id).await?;
            visible.insert(event.channel_id, is_visible);
            is_visible
        };
        if is_visible {
            wanted.push((kind, event));
        }
    }
    Ok(wanted)
}

/// Returns the owner of a webhook as they are now. `None` if they may no longer have webhooks.
pub async fn owner(platform: &Platform, organization: OrganizationId, member: MemberId) -> Result<Option<Member>> {
    let row = organizations::member(platform.db.on(), organization, member).await?;
    Ok(row.map(Member::from).filter(|member| member.may(Permission::OrganizationManage)))
}

async fn can_view(platform: &Platform, member: &Member, channel: ChannelId) -> Result<bool> {
    match channels::find(platform, member, channel).await {
        Ok(_) => Ok(true),
        Err(error) if error.status().is_server_error() => Err(error),
        Err(_) => Ok(false),
    }
}

/// Removes events and deliveries that are old enough. Returns their number.
pub async fn forget(platform: &Platform) -> Result<u64> {
    let now = platform.clock.now();
    let events = store::forget_events(platform.db.on(), now.minus(EVENT_RETENTION)).await?;
    store::forget_secrets(platform.db.on(), now).await?;
    Ok(events + store::forget_deliveries(platform.db.on(), now.minus(DELIVERY_RETENTION)).await?)
}
