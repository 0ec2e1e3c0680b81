//! The rules of webhooks: who can create, change and read them.
//!
//! Members who manage the organization can list, enable, disable and delete all of its webhooks. Everything else is for the
//! owner, because deliveries contain what the owner can view.

use std::time::Duration;

use super::dispatch::{DELIVER, wake};
use super::model::{
    DisabledReason, LastDelivery, NewWebhook, TEST, Webhook, WebhookDelivery, WebhookUpdate, WebhookWithSecret,
};
use super::signature::{self, SECRET_BYTES};
use super::store::{self, Change, DeliveryRow, NewRow, WebhookRow};
use crate::channels::service as channels;
use crate::event_log;
use crate::ids::{ChannelId, WebhookDeliveryId, WebhookId};
use crate::people::accounts::model::is_bidi_control;
use crate::people::audit::model::Action;
use crate::people::contacts::model::display_name;
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::On;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::jobs;
use crate::platform::named_enum::List;
use crate::platform::remote_fetch::FetchError;

/// Maximum number of webhooks of an organization.
pub const WEBHOOKS_MAX: i64 = 100;
/// How long deliveries are also signed with a secret after it was replaced.
const PREVIOUS_SECRET_LIFETIME: Duration = Duration::from_hours(24);
/// Maximum number of replaced secrets that are still valid: deliveries have a signature with each.
const PREVIOUS_SECRETS_MAX: usize = 10;

/// Creates a webhook that is owned by `member`. Returns it with its secret.
#[tracing::instrument(skip_all)]
pub async fn create(
    platform: &Platform,
    member: &Member,
    base_url: &str,
    new: NewWebhook,
) -> Result<WebhookWithSecret> {
    member.require(Permission::OrganizationManage)?;
    check_events(&new.events)?;
    let url = check_url(platform, &new.url).await?;
    let channel = channel_of(platform, member, new.channel_id.as_deref()).await?;
    let secret = platform.clock.random_bytes::<SECRET_BYTES>();
    let id = WebhookId(platform.clock.new_id());
    // Exclusive, so that the number is exact.
    let (mut tx, ref member) = rights::begin_change(platform, member).await?;
    member.require(Permission::OrganizationManage)?;
    if let Some(channel) = channel {
        channels::find_on(tx.on(), member, channel).await.map_err(|error| error.on("channelId"))?;
    }
    let organization = member.organization_id();
    if store::count(tx.on(), organization).await? >= WEBHOOKS_MAX {
        let message = format!("An organization can have at most {WEBHOOKS_MAX} webhooks. Delete one first.");
        return Err(AppError::conflict(message));
    }
    let row = NewRow {
        id,
        organization,
        member: member.id,
        url: &url,
        events: List(new.events),
        channel,
        kinds: Some(List(new.kinds)).filter(|List(kinds)| !kinds.is_empty()),
        secret: &secret,
        base_url,
        last_number: event_log::last_number(tx.on(), organization).await?,
        now: platform.clock.now(),
    };
    store::insert(tx.on(), row).await?;
    rights::note(platform, &mut tx, member, Action::WebhookCreated, host_of(&url)).await?;
    let row = find_row(tx.on(), member, id).await?;
    tx.commit().await?;
    Ok(WebhookWithSecret { secret: signature::shown(&secret), webhook: shown(row, member) })
}

/// Returns a page of the organization's webhooks, newest first.
pub async fn list(platform: &Platform, member: &Member, before: Option<WebhookId>, limit: i64) -> Result<Vec<Webhook>> {
    member.require(Permission::OrganizationManage)?;
    let rows = store::list(platform.db.on(), member, before, limit).await?;
    Ok(rows.into_iter().map(|row| shown(row, member)).collect())
}

pub async fn find(platform: &Platform, member: &Member, id: WebhookId) -> Result<Webhook> {
    Ok(shown(find_row(platform.db.on(), member, id).await?, member))
}

/// Changes a webhook. Enabling it starts with the next event.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn update(platform: &Platform, member: &Member, id: WebhookId, input: WebhookUpdate) -> Result<Webhook> {
    let row = find_row(platform.db.on(), member, id).await?;
    if !input.is_switch() {
        check_owner(&row, member)?;
    }
    if let Some(events) = &input.events {
        check_events(events)?;
    }
    let url = match &input.url {
        Some(url) => Some(check_url(platform, url).await?),
        None => None,
    };
    let channel = match &input.channel_id {
        Some(reference) => Some(channel_of(platform, member, reference.as_deref()).await?),
        None => None,
    };
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    let row = find_row(tx.on(), member, id).await?;
    if let Some(Some(channel)) = channel {
        channels::find_on(tx.on(), member, channel).await.map_err(|error| error.on("channelId"))?;
    }
    if !input.is_switch() {
        let kinds = input.kinds.map(|kinds| Some(List(kinds)).filter(|List(kinds)| !kinds.is_empty()));
        let change = Change { url: url.as_deref(), events: input.events.map(List), channel, kinds };
        store::update(tx.on(), id, change).await?;
    }
    match input.enabled {
        Some(true) => {
            // The owner may have been removed: nothing would be sent.
            if row.disabled_reason == Some(DisabledReason::OwnerRemoved) && row.member_id != member.id {
                return Err(AppError::conflict("The owner of this webhook was removed. Create a new webhook."));
            }
            let last = event_log::last_number(tx.on(), member.organization_id()).await?;
            store::enable(tx.on(), id, last).await?;
        }
        Some(false) => {
            store::disable(tx.on(), id, DisabledReason::Manual, platform.clock.now()).await?;
        }
        None => {}
    }
    let changed = find_row(tx.on(), member, id).await?;
    rights::note(platform, &mut tx, member, Action::WebhookChanged, host_of(&changed.url)).await?;
    tx.commit().await?;
    Ok(shown(changed, member))
}

/// Deletes a webhook and its log. Pending deliveries are not sent.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn delete(platform: &Platform, member: &Member, id: WebhookId) -> Result<()> {
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    let row = find_row(tx.on(), member, id).await?;
    if !store::delete(&mut tx, id).await? {
        return Err(not_found());
    }
    rights::note(platform, &mut tx, member, Action::WebhookDeleted, host_of(&row.url)).await?;
    Ok(tx.commit().await?)
}

/// Replaces the secret. Deliveries are also signed with each replaced one for a day, so that the receiver can change
/// without a gap, also if the response is lost and the secret is replaced again.
///
/// # Errors
/// `rate_limited` if too many replaced secrets are still valid.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn rotate_secret(platform: &Platform, member: &Member, id: WebhookId) -> Result<WebhookWithSecret> {
    // Exclusive, so that no concurrent rotation replaces the same secret.
    let (mut tx, ref member) = rights::begin_change(platform, member).await?;
    let row = find_row(tx.on(), member, id).await?;
    check_owner(&row, member)?;
    let now = platform.clock.now();
    let previous = store::previous_secrets(tx.on(), id, now).await?;
    if let Some(oldest) = previous.last().filter(|_| previous.len() >= PREVIOUS_SECRETS_MAX) {
        let seconds = u32::try_from((oldest.valid_until.0 - now.0) / 1000 + 1).unwrap_or(u32::MAX);
        let message = format!("This secret was replaced {PREVIOUS_SECRETS_MAX} times in 24 hours. Try again later.");
        return Err(AppError::retry_later(ErrorKind::RateLimited, message, seconds));
    }
    let secret = platform.clock.random_bytes::<SECRET_BYTES>();
    store::rotate(&mut tx, id, &secret, now, now.plus(PREVIOUS_SECRET_LIFETIME)).await?;
    let detail = format!("New secret: {}", host_of(&row.url));
    rights::note(platform, &mut tx, member, Action::WebhookChanged, detail).await?;
    let row = find_row(tx.on(), member, id).await?;
    tx.commit().await?;
    Ok(WebhookWithSecret { secret: signature::shown(&secret), webhook: shown(row, member) })
}

/// Sends a test event. Returns the delivery, which is pending.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn send_test(platform: &Platform, member: &Member, id: WebhookId) -> Result<WebhookDelivery> {
    let delivery = WebhookDeliveryId(platform.clock.new_id());
    let now = platform.clock.now();
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    let row = find_row(tx.on(), member, id).await?;
    check_owner(&row, member)?;
    check_enabled(&row)?;
    store::insert_test(&mut tx, delivery, id, now).await?;
    jobs::enqueue_named(tx.on(), DELIVER, delivery.0, id.0, now).await?;
    let row = store::delivery(tx.on(), member, id, delivery).await?.ok_or_else(AppError::internal)?;
    tx.commit().await?;
    wake(platform);
    Ok(logged(row))
}

/// Returns a page of the log, newest first. For the owner, because it contains what the owner can view.
pub async fn deliveries(
    platform: &Platform,
    member: &Member,
    id: WebhookId,
    before: Option<WebhookDeliveryId>,
    limit: i64,
) -> Result<Vec<WebhookDelivery>> {
    let row = find_row(platform.db.on(), member, id).await?;
    check_owner(&row, member)?;
    let rows = store::deliveries(platform.db.on(), member, id, before, limit).await?;
    Ok(rows.into_iter().map(logged).collect())
}

/// Sends an event again, with the same id. Returns the delivery, which is pending.
#[tracing::instrument(skip_all, fields(id = %id, delivery = %delivery))]
pub async fn resend(
    platform: &Platform,
    member: &Member,
    id: WebhookId,
    delivery: WebhookDeliveryId,
) -> Result<WebhookDelivery> {
    let now = platform.clock.now();
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    let row = find_row(tx.on(), member, id).await?;
    check_owner(&row, member)?;
    let missing = || AppError::not_found("delivery");
    store::delivery(tx.on(), member, id, delivery).await?.ok_or_else(missing)?;
    check_enabled(&row)?;
    store::resend(&mut tx, delivery, now).await?;
    jobs::enqueue_named(tx.on(), DELIVER, delivery.0, id.0, now).await?;
    let row = store::delivery(tx.on(), member, id, delivery).await?.ok_or_else(missing)?;
    tx.commit().await?;
    wake(platform);
    Ok(logged(row))
}

async fn find_row(on: On<'_>, member: &Member, id: WebhookId) -> Result<WebhookRow> {
    let row = store::find(on, member, id).await?;
    let row = row.ok_or_else(not_found)?;
    member.require(Permission::OrganizationManage)?;
    Ok(row)
}

fn not_found() -> AppError {
    AppError::not_found("webhook")
}

fn check_owner(row: &WebhookRow, member: &Member) -> Result<()> {
    if row.member_id == member.id {
        return Ok(());
    }
    let message = format!("Only the owner, {}, can do this: deliveries contain what the owner can view.", row.owner);
    Err(AppError::forbidden(message))
}

fn check_enabled(row: &WebhookRow) -> Result<()> {
    match row.disabled_at {
        None => Ok(()),
        Some(_) => Err(AppError::conflict("This webhook is disabled. Enable it first.")),
    }
}

fn check_events(events: &[event_log::EventKind]) -> Result<()> {
    if events.is_empty() { Err(AppError::invalid("events", "Choose at least one event.")) } else { Ok(()) }
}

async fn check_url(platform: &Platform, text: &str) -> Result<String> {
    let url = text.trim();
    // The parser drops line breaks and escapes the rest. PostgreSQL stores no NUL.
    if url.contains(|c: char| c.is_control() || is_bidi_control(c)) {
        let message = "This URL can't be used: it contains control characters.";
        return Err(AppError::new(ErrorKind::InvalidUrl, message).on("url"));
    }
    match platform.remote_fetch.check_new_target(url).await {
        Ok(_) => Ok(url.to_owned()),
        Err(error) => {
            let message = match error {
                FetchError::NotPublic => {
                    "The address of this URL is not public. Ask your administrator to add its host \
                    to WEBHOOK_ALLOWED_HOSTS."
                        .to_owned()
                }
                error => format!("This URL can't be used: {error}."),
            };
            Err(AppError::new(ErrorKind::InvalidUrl, message).on("url"))
        }
    }
}

/// Returns the channel of a webhook: the one that the request names, else the one that the token is bound to.
async fn channel_of(platform: &Platform, member: &Member, reference: Option<&str>) -> Result<Option<ChannelId>> {
    let Some(reference) = reference else { return Ok(member.only_channel().map(ChannelId)) };
    let channel = channels::resolve(platform, member, reference).await.map_err(|error| error.on("channelId"))?;
    Ok(Some(channel.id))
}

/// Returns the host of a URL, for the audit log: paths may contain secrets.
pub(super) fn host_of(url: &str) -> String {
    reqwest::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

fn shown(row: WebhookRow, member: &Member) -> Webhook {
    let channel_name = match (row.first_name, row.last_name) {
        (Some(first), Some(last)) => Some(display_name(&first, &last, row.phone)),
        _ => row.channel_name,
    };
    let last_delivery = row.last_state.zip(row.last_attempted_at).map(|(state, attempted_at)| LastDelivery {
        state,
        attempted_at,
        status: row.last_status,
    });
    Webhook {
        id: row.id,
        url: row.url,
        events: row.events.0,
        channel_id: row.channel_id,
        channel_name,
        kinds: row.kinds.map(|List(kinds)| kinds).unwrap_or_default(),
        enabled: row.disabled_at.is_none(),
        disabled_reason: row.disabled_reason,
        disabled_at: row.disabled_at,
        owner: row.owner,
        own: row.member_id == member.id,
        previous_secret_until: row.previous_until,
        last_delivery,
        created_at: row.created_at,
    }
}

fn logged(row: DeliveryRow) -> WebhookDelivery {
    WebhookDelivery {
        id: row.id,
        kind: row.kind.map_or(TEST, event_log::EventKind::name).to_owned(),
        state: row.state,
        timestamp: row.created_at,
        attempts: row.attempts,
        attempted_at: row.attempted_at,
        next_attempt_at: row.next_at,
        request: row.request,
        status: row.status,
        response: row.response,
        error: row.error,
        duration_ms: row.duration_ms,
    }
}
