//! SQL of webhooks and their deliveries.

use const_format::concatcp;
use sqlx::FromRow;
use uuid::Uuid;

use super::model::{DeliveryState, DisabledReason};
use crate::channels::access::{MAIN_PHONE, VISIBLE, Viewer};
use crate::event_log::{EventKind, LoggedEvent};
use crate::files::attachments::media_type::FileKind;
use crate::ids::{ChannelId, MemberId, MessageId, OrganizationId, WebhookDeliveryId, WebhookId};
use crate::people::organizations::service::Member;
use crate::platform::db::{On, Tx, execute, fetch_all, fetch_optional, fetch_value};
use crate::platform::named_enum::List;
use crate::platform::timestamp::Timestamp;

type Result<T> = std::result::Result<T, sqlx::Error>;

/// A webhook, with the name of its channel if the reader can view that, and its latest attempt.
#[derive(Debug, Clone, FromRow)]
pub struct WebhookRow {
    pub id: WebhookId,
    pub member_id: MemberId,
    pub owner: String,
    pub url: String,
    pub events: List<EventKind>,
    pub channel_id: Option<ChannelId>,
    pub kinds: Option<List<FileKind>>,
    pub previous_until: Option<Timestamp>,
    pub disabled_at: Option<Timestamp>,
    pub disabled_reason: Option<DisabledReason>,
    pub created_at: Timestamp,
    pub last_state: Option<DeliveryState>,
    pub last_attempted_at: Option<Timestamp>,
    pub last_status: Option<i32>,
    pub channel_name: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub phone: Option<String>,
}

const SELECT_WEBHOOKS: &str = concatcp!(
    "SELECT w.id, w.member_id, u.name AS owner, w.url, w.events, w.channel_id, w.kinds, w.disabled_at,
       (SELECT max(s.valid_until) FROM webhook_previous_secrets s WHERE s.webhook_id = w.id) AS previous_until,
       w.disabled_reason, w.created_at, d.state AS last_state, d.attempted_at AS last_attempted_at, d.status AS last_status,
       c.name AS channel_name, co.first_name, co.last_name, ",
    MAIN_PHONE,
    " FROM webhooks w
     JOIN members me ON me.id = w.member_id
     JOIN users u ON u.id = me.user_id
     LEFT JOIN webhook_deliveries d ON d.id = (SELECT x.id FROM webhook_deliveries x
       WHERE x.webhook_id = w.id AND x.attempted_at IS NOT NULL ORDER BY x.attempted_at DESC LIMIT 1)
     LEFT JOIN channels c ON c.id = w.channel_id AND ",
    VISIBLE,
    " LEFT JOIN contacts co ON co.id = c.contact_id
     WHERE w.organization_id = $1 AND ($6 IS NULL OR w.channel_id = $6) AND "
);

/// Returns a webhook of the member's organization. One that a bound token can't access is not found.
pub async fn find(on: On<'_>, member: &Member, id: WebhookId) -> Result<Option<WebhookRow>> {
    fetch_optional!(on, WebhookRow, concatcp!(SELECT_WEBHOOKS, "w.id = $7"), as Viewer::of(member), id)
}

/// Returns webhooks of the member's organization, newest first, from just before `before`.
pub async fn list(on: On<'_>, member: &Member, before: Option<WebhookId>, limit: i64) -> Result<Vec<WebhookRow>> {
    fetch_all!(
        on,
        WebhookRow,
        concatcp!(SELECT_WEBHOOKS, "w.id < $7 ORDER BY w.id DESC LIMIT CAST($8 AS BIGINT)"),
        as Viewer::of(member),
        before.unwrap_or(WebhookId(Uuid::max())),
        limit
    )
}

pub async fn count(on: On<'_>, organization: OrganizationId) -> Result<i64> {
    fetch_value!(on, i64, "SELECT count(*) FROM webhooks WHERE organization_id = $1", organization)
}

pub struct NewRow<'a> {
    pub id: WebhookId,
    pub organization: OrganizationId,
    pub member: MemberId,
    pub url: &'a str,
    pub events: List<EventKind>,
    pub channel: Option<ChannelId>,
    pub kinds: Option<List<FileKind>>,
    pub secret: &'a [u8],
    pub base_url: &'a str,
    /// Later events are sent.
    pub last_number: i64,
    pub now: Timestamp,
}

pub async fn insert(on: On<'_>, new: NewRow<'_>) -> Result<()> {
    execute!(
        on,
        "INSERT INTO webhooks (id, organization_id, member_id, url, events, channel_id, kinds, secret, base_url, last_number,
           created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        new.id,
        new.organization,
        new.member,
        new.url,
        new.events,
        new.channel,
        new.kinds,
        new.secret,
        new.base_url,
        new.last_number,
        new.now
    )?;
    Ok(())
}

/// What a change sets. `None`: unchanged; an inner `None` removes the value.
#[expect(clippy::option_option, reason = "unchanged, none, and a value are three things")]
pub struct Change<'a> {
    pub url: Option<&'a str>,
    pub events: Option<List<EventKind>>,
    pub channel: Option<Option<ChannelId>>,
    pub kinds: Option<Option<List<FileKind>>>,
}

/// Changes a webhook in one statement, so that concurrent changes of different fields are both kept.
pub async fn update(on: On<'_>, id: WebhookId, change: Change<'_>) -> Result<()> {
    execute!(
        on,
        "UPDATE webhooks SET url = COALESCE($2, url), events = COALESCE($3, events),
           channel_id = CASE WHEN $4 THEN $5 ELSE channel_id END, kinds = CASE WHEN $6 THEN $7 ELSE kinds END
         WHERE id = $1",
        id,
        change.url,
        change.events,
        change.channel.is_some(),
        change.channel.flatten(),
        change.kinds.is_some(),
        change.kinds.flatten()
    )?;
    Ok(())
}

/// Enables a webhook, from the event after `last_number` on. Returns whether it was disabled.
pub async fn enable(on: On<'_>, id: WebhookId, last_number: i64) -> Result<bool> {
    let changed = execute!(
        on,
        "UPDATE webhooks SET disabled_at = NULL, disabled_reason = NULL, last_number = $2
         WHERE id = $1 AND disabled_at IS NOT NULL",
        id,
        last_number
    )?;
    Ok(changed > 0)
}

/// Returns whether it was enabled.
pub async fn disable(on: On<'_>, id: WebhookId, reason: DisabledReason, now: Timestamp) -> Result<bool> {
    let changed = execute!(
        on,
        "UPDATE webhooks SET disabled_at = $3, disabled_reason = $2 WHERE id = $1 AND disabled_at IS NULL",
        id,
        reason,
        now
    )?;
    Ok(changed > 0)
}

/// Sets a new secret, and keeps the one it replaces until a time. Expired ones are removed.
pub async fn rotate(
    tx: &mut Tx,
    id: WebhookId,
    secret: &[u8],
    now: Timestamp,
    previous_until: Timestamp,
) -> Result<()> {
    execute!(&mut *tx, "DELETE FROM webhook_previous_secrets WHERE webhook_id = $1 AND valid_until <= $2", id, now)?;
    execute!(
        &mut *tx,
        "INSERT INTO webhook_previous_secrets (webhook_id, secret, valid_until)
         SELECT id, secret, CAST($2 AS BIGINT) FROM webhooks WHERE id = $1",
        id,
        previous_until
    )?;
    execute!(tx, "UPDATE webhooks SET secret = $2 WHERE id = $1", id, secret)?;
    Ok(())
}

/// A secret that was replaced.
#[derive(Debug, FromRow)]
pub struct PreviousSecret {
    pub secret: Vec<u8>,
    pub valid_until: Timestamp,
}

/// Returns the replaced secrets that are still valid, newest first.
pub async fn previous_secrets(on: On<'_>, webhook: WebhookId, now: Timestamp) -> Result<Vec<PreviousSecret>> {
    fetch_all!(
        on,
        PreviousSecret,
        "SELECT secret, valid_until FROM webhook_previous_secrets WHERE webhook_id = $1 AND valid_until > $2
         ORDER BY valid_until DESC",
        webhook,
        now
    )
}

/// Removes replaced secrets that are no longer valid. Returns their number.
pub async fn forget_secrets(on: On<'_>, now: Timestamp) -> Result<u64> {
    execute!(on, "DELETE FROM webhook_previous_secrets WHERE valid_until <= $1", now)
}

/// Deletes a webhook with its deliveries. Returns whether it existed.
pub async fn delete(tx: &mut Tx, id: WebhookId) -> Result<bool> {
    // In the order in which an attempt locks them: the delivery, then the webhook that it disables.
    execute!(&mut *tx, "DELETE FROM webhook_deliveries WHERE webhook_id = $1", id)?;
    Ok(execute!(tx, "DELETE FROM webhooks WHERE id = $1", id)? > 0)
}

/// An enabled webhook that has not checked all events.
#[derive(Debug, FromRow)]
pub struct BehindRow {
    pub id: WebhookId,
    pub member_id: MemberId,
    pub events: List<EventKind>,
    pub channel_id: Option<ChannelId>,
    pub kinds: Option<List<FileKind>>,
    pub last_number: i64,
}

pub async fn behind(on: On<'_>, organization: OrganizationId) -> Result<Vec<BehindRow>> {
    fetch_all!(
        on,
        BehindRow,
        "SELECT w.id, w.member_id, w.events, w.channel_id, w.kinds, w.last_number
         FROM webhooks w JOIN event_positions p ON p.organization_id = w.organization_id
         WHERE w.organization_id = $1 AND w.disabled_at IS NULL AND w.last_number < p.last_number ORDER BY w.id",
        organization
    )
}

/// Records that the events up to `to` were checked. Returns `false` if another server did that, or the webhook is
/// disabled.
pub async fn advance(tx: &mut Tx, id: WebhookId, from: i64, to: i64) -> Result<bool> {
    let changed = execute!(
        tx,
        "UPDATE webhooks SET last_number = $3 WHERE id = $1 AND last_number = $2 AND disabled_at IS NULL",
        id,
        from,
        to
    )?;
    Ok(changed > 0)
}

/// Returns the detected type of a file.
pub async fn content_type(on: On<'_>, file: Uuid) -> Result<Option<String>> {
    let row = fetch_optional!(on, (String,), "SELECT content_type FROM attachments WHERE id = $1", file)?;
    Ok(row.map(|(content_type,)| content_type))
}

/// Inserts a pending delivery of an event. An event is delivered to a webhook once.
pub async fn insert_delivery(
    tx: &mut Tx,
    id: WebhookDeliveryId,
    webhook: WebhookId,
    kind: EventKind,
    event: &LoggedEvent,
    now: Timestamp,
) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO webhook_deliveries (id, webhook_id, number, kind, channel_id, subject_id, message_id, created_at, state,
           attempts, failures, next_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'pending', 0, 0, $9) ON CONFLICT DO NOTHING",
        id,
        webhook,
        event.number,
        kind,
        event.channel_id,
        event.subject_id,
        event.message_id,
        event.created_at,
        now
    )?;
    Ok(())
}

pub async fn insert_test(tx: &mut Tx, id: WebhookDeliveryId, webhook: WebhookId, now: Timestamp) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO webhook_deliveries (id, webhook_id, created_at, state, attempts, failures, next_at)
         VALUES ($1, $2, $3, 'pending', 0, 0, $3)",
        id,
        webhook,
        now
    )?;
    Ok(())
}

/// A delivery in the log.
#[derive(Debug, Clone, FromRow)]
pub struct DeliveryRow {
    pub id: WebhookDeliveryId,
    pub kind: Option<EventKind>,
    pub state: DeliveryState,
    pub created_at: Timestamp,
    pub attempts: i32,
    pub attempted_at: Option<Timestamp>,
    pub next_at: Option<Timestamp>,
    pub request: Option<String>,
    pub status: Option<i32>,
    pub response: Option<String>,
    pub error: Option<String>,
    pub duration_ms: Option<i64>,
}

const SELECT_DELIVERIES: &str =
    "SELECT id, kind, state, created_at, attempts, attempted_at, next_at, request, status, response, error,
       duration_ms FROM webhook_deliveries
     WHERE webhook_id = $1 AND ($2 IS NULL OR channel_id IS NULL OR channel_id = $2) AND ";

/// Returns deliveries, newest first, from just before `before`. A bound token gets those of its channel only: the webhook
/// may have had no restriction before.
pub async fn deliveries(
    on: On<'_>,
    member: &Member,
    webhook: WebhookId,
    before: Option<WebhookDeliveryId>,
    limit: i64,
) -> Result<Vec<DeliveryRow>> {
    fetch_all!(
        on,
        DeliveryRow,
        concatcp!(SELECT_DELIVERIES, "id < $3 ORDER BY id DESC LIMIT CAST($4 AS BIGINT)"),
        webhook,
        member.only_channel(),
        before.unwrap_or(WebhookDeliveryId(Uuid::max())),
        limit
    )
}

/// Returns a delivery that the list of this member has.
pub async fn delivery(
    on: On<'_>,
    member: &Member,
    webhook: WebhookId,
    id: WebhookDeliveryId,
) -> Result<Option<DeliveryRow>> {
    let only = member.only_channel();
    fetch_optional!(on, DeliveryRow, concatcp!(SELECT_DELIVERIES, "id = $3"), webhook, only, id)
}

/// Makes a delivery pending again.
pub async fn resend(tx: &mut Tx, id: WebhookDeliveryId, now: Timestamp) -> Result<()> {
    execute!(
        tx,
        "UPDATE webhook_deliveries SET state = 'pending', failures = 0, next_at = $2, error = NULL WHERE id = $1",
        id,
        now
    )?;
    Ok(())
}

/// A delivery to attempt, with its webhook.
#[derive(Clone, FromRow)]
pub struct PendingRow {
    pub id: WebhookDeliveryId,
    pub webhook_id: WebhookId,
    pub organization_id: OrganizationId,
    pub member_id: MemberId,
    /// `None`: a test.
    pub kind: Option<EventKind>,
    pub channel_id: Option<ChannelId>,
    pub subject_id: Option<Uuid>,
    pub message_id: Option<MessageId>,
    pub created_at: Timestamp,
    pub failures: i32,
    pub url: String,
    pub secret: Vec<u8>,
    pub base_url: String,
    pub disabled_at: Option<Timestamp>,
    /// The only conversation of which the webhook is told. It may have had no restriction when the event happened.
    pub only_channel: Option<ChannelId>,
}

pub async fn pending(on: On<'_>, id: WebhookDeliveryId) -> Result<Option<PendingRow>> {
    fetch_optional!(
        on,
        PendingRow,
        "SELECT d.id, d.webhook_id, w.organization_id, w.member_id, d.kind, d.channel_id, d.subject_id, d.message_id,
           d.created_at, d.failures, w.url, w.secret, w.base_url, w.disabled_at,
           w.channel_id AS only_channel
         FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id WHERE d.id = $1 AND d.state = 'pending'",
        id
    )
}

/// The result of an attempt.
pub struct Attempted<'a> {
    pub state: DeliveryState,
    pub failures: i32,
    pub next_at: Option<Timestamp>,
    pub at: Timestamp,
    pub request: &'a str,
    pub status: Option<i32>,
    pub response: Option<String>,
    pub error: Option<String>,
    pub duration_ms: i64,
}

/// Returns `false` if the delivery is no longer pending.
pub async fn note_attempt(tx: &mut Tx, id: WebhookDeliveryId, attempt: Attempted<'_>) -> Result<bool> {
    let changed = execute!(
        tx,
        "UPDATE webhook_deliveries SET state = $2, attempts = attempts + 1, failures = $3, next_at = $4, attempted_at = $5,
           request = $6, status = $7, response = $8, error = $9, duration_ms = $10
         WHERE id = $1 AND state = 'pending'",
        id,
        attempt.state,
        attempt.failures,
        attempt.next_at,
        attempt.at,
        attempt.request,
        attempt.status,
        attempt.response,
        attempt.error,
        attempt.duration_ms
    )?;
    Ok(changed > 0)
}

pub async fn skip(on: On<'_>, id: WebhookDeliveryId, reason: &str) -> Result<()> {
    execute!(
        on,
        "UPDATE webhook_deliveries SET state = 'skipped', next_at = NULL, error = $2 WHERE id = $1 AND state = 'pending'",
        id,
        reason
    )?;
    Ok(())
}

/// Removes events before a time, except those that a webhook has not checked. Returns their number.
pub async fn forget_events(on: On<'_>, before: Timestamp) -> Result<u64> {
    execute!(
        on,
        "DELETE FROM events WHERE created_at < $1 AND number <= COALESCE(
           (SELECT min(w.last_number) FROM webhooks w
            WHERE w.organization_id = events.organization_id AND w.disabled_at IS NULL), number)",
        before
    )
}

/// Removes deliveries of events before a time that are not pending. Returns their number.
pub async fn forget_deliveries(on: On<'_>, before: Timestamp) -> Result<u64> {
    execute!(on, "DELETE FROM webhook_deliveries WHERE created_at < $1 AND state <> 'pending'", before)
}
