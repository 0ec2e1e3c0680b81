//! SQL of messages.

use std::collections::BTreeSet;

use const_format::concatcp;
use sqlx::FromRow;
use uuid::Uuid;

use super::model::{DeliveryStatus, DeliveryType};
use crate::channels::access::Visible;
use crate::channels::mentions::without_tokens;
use crate::channels::model::Channel;
use crate::ids::{
    AccessTokenId, BotId, ChannelId, ContactId, FileRequestId, MemberId, MessageId, OrganizationId, PictureId,
};
use crate::platform::db::{On, Tx, execute, fetch_all, fetch_all_of, fetch_optional};
use crate::platform::id::moment_of;
use crate::platform::markdown::plain;
use crate::platform::search::fold;
use crate::platform::timestamp::Timestamp;

type Result<T> = std::result::Result<T, sqlx::Error>;

#[derive(FromRow)]
pub struct MessageRow {
    pub id: MessageId,
    pub channel_id: ChannelId,
    pub member_id: Option<MemberId>,
    pub member_name: Option<String>,
    pub avatar_id: Option<PictureId>,
    pub contact_id: Option<ContactId>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub access_token_id: Option<AccessTokenId>,
    pub token_name: Option<String>,
    pub bot_id: Option<BotId>,
    pub bot_name: Option<String>,
    pub bot_avatar_id: Option<PictureId>,
    pub title: Option<String>,
    pub subtitle: Option<String>,
    pub body: String,
    pub delivery_type: DeliveryType,
    pub created_at: Timestamp,
    pub edited_at: Option<Timestamp>,
    pub deleted_at: Option<Timestamp>,
    pub deleted_by: Option<MemberId>,
    pub deleted_by_name: Option<String>,
    /// The request that the message makes, or by whose link it was received.
    pub file_request_id: Option<FileRequestId>,
    /// Received by the link of a file request.
    pub received: bool,
    pub delivery_status: Option<DeliveryStatus>,
    pub delivery_error: Option<String>,
    pub external_id: Option<String>,
    pub reply_to_id: Option<MessageId>,
}

impl MessageRow {
    /// The member who wrote it. What was received by the link of a member's request is not theirs.
    pub fn written_by(&self) -> Option<MemberId> {
        self.member_id.filter(|_| !self.received)
    }
}

const COLUMNS_BEFORE_BODY: &str = "SELECT m.id, m.channel_id, m.member_id, u.name AS member_name, u.avatar_id, m.contact_id, c.first_name, c.last_name,
               m.access_token_id, t.name AS token_name, b.id AS bot_id, b.name AS bot_name, b.avatar_id AS bot_avatar_id, m.title, m.subtitle, ";
const COLUMNS_AFTER_BODY: &str = ", m.delivery_type, m.created_at,
               m.edited_at, m.deleted_at, m.deleted_by, du.name AS deleted_by_name, m.file_request_id, m.submission_key IS NOT NULL AS received,
               m.delivery_status, m.delivery_error, m.external_id, m.reply_to_id";
pub(super) const MESSAGE_COLUMNS: &str = concatcp!(COLUMNS_BEFORE_BODY, "m.body", COLUMNS_AFTER_BODY);

/// The tables of these columns, beside `messages m`.
pub(super) const MESSAGE_JOINS: &str = "
             LEFT JOIN members me ON me.id = m.member_id
             LEFT JOIN users u ON u.id = me.user_id
             LEFT JOIN contacts c ON c.id = m.contact_id
             LEFT JOIN access_tokens t ON t.id = m.access_token_id
             LEFT JOIN bots b ON b.id = t.bot_id
             LEFT JOIN members dm ON dm.id = m.deleted_by
             LEFT JOIN users du ON du.id = dm.user_id WHERE ";
const MESSAGE_TABLES: &str = concatcp!(" FROM messages m", MESSAGE_JOINS);

pub(super) const SELECT_MESSAGES: &str = concatcp!(MESSAGE_COLUMNS, MESSAGE_TABLES);

/// Returns messages, newest first, starting before `before`.
pub async fn page(
    on: On<'_>,
    channel: &Visible<Channel>,
    before: Option<MessageId>,
    limit: i64,
) -> Result<Vec<MessageRow>> {
    // Two queries, so that each scans the index: with "before is null or …" a planner can't.
    match before {
        None => fetch_all!(
            on,
            MessageRow,
            concatcp!(SELECT_MESSAGES, "m.channel_id = $1 ORDER BY m.id DESC LIMIT CAST($2 AS BIGINT)"),
            channel.id,
            limit
        ),
        Some(before) => fetch_all!(
            on,
            MessageRow,
            concatcp!(SELECT_MESSAGES, "m.channel_id = $1 AND m.id < $3 ORDER BY m.id DESC LIMIT CAST($2 AS BIGINT)"),
            channel.id,
            limit,
            before
        ),
    }
}

/// Returns messages, oldest first, starting after `after`.
pub async fn page_after(
    on: On<'_>,
    channel: &Visible<Channel>,
    after: MessageId,
    limit: i64,
) -> Result<Vec<MessageRow>> {
    fetch_all!(
        on,
        MessageRow,
        concatcp!(SELECT_MESSAGES, "m.channel_id = $1 AND m.id > $3 ORDER BY m.id LIMIT CAST($2 AS BIGINT)"),
        channel.id,
        limit,
        after
    )
}

/// Returns the messages of others after `after`, and their time: oldest first.
pub async fn unread(
    on: On<'_>,
    channel: &Visible<Channel>,
    member: MemberId,
    after: Option<MessageId>,
    limit: i64,
) -> Result<Vec<(MessageId, Timestamp)>> {
    fetch_all!(
        on,
        (MessageId, Timestamp),
        "SELECT id, created_at FROM messages WHERE channel_id = $1 AND id > $3
           AND (member_id IS NULL OR member_id <> $2 OR access_token_id IS NOT NULL OR submission_key IS NOT NULL)
           AND deleted_at IS NULL
         ORDER BY id LIMIT CAST($4 AS BIGINT)",
        channel.id,
        member,
        after.unwrap_or(MessageId(uuid::Uuid::nil())),
        limit
    )
}

pub async fn find(on: On<'_>, organization: OrganizationId, id: MessageId) -> Result<Option<MessageRow>> {
    fetch_optional!(
        on,
        MessageRow,
        concatcp!(SELECT_MESSAGES, "m.organization_id = $1 AND m.id = $2"),
        organization,
        id
    )
}

/// Loads messages, newest first. `ids` must not be empty.
pub async fn by_ids(on: On<'_>, ids: &[MessageId]) -> Result<Vec<MessageRow>> {
    let ids = ids.iter().copied();
    fetch_all_of!(on, MessageRow, concatcp!(SELECT_MESSAGES, "m.id"), ids, "ORDER BY m.id DESC")
}

/// Loads messages with the beginning of their texts only, for quotes. `ids` must not be empty.
pub async fn quoted(on: On<'_>, ids: BTreeSet<MessageId>) -> Result<Vec<MessageRow>> {
    let ids = ids.into_iter();
    fetch_all_of!(
        on,
        MessageRow,
        concatcp!(COLUMNS_BEFORE_BODY, "substr(m.body, 1, 2000) AS body", COLUMNS_AFTER_BODY, MESSAGE_TABLES, "m.id"),
        ids,
        "ORDER BY m.id"
    )
}

pub async fn by_idempotency_key(on: On<'_>, member: MemberId, key: &str) -> Result<Option<MessageRow>> {
    fetch_optional!(
        on,
        MessageRow,
        concatcp!(SELECT_MESSAGES, "m.member_id = $1 AND m.idempotency_key = $2"),
        member,
        key
    )
}

pub async fn by_external_id(on: On<'_>, organization: OrganizationId, id: &str) -> Result<Option<MessageRow>> {
    fetch_optional!(
        on,
        MessageRow,
        concatcp!(SELECT_MESSAGES, "m.organization_id = $1 AND m.external_id = $2"),
        organization,
        id
    )
}

pub struct NewMessageRow<'a> {
    pub organization: OrganizationId,
    pub channel: ChannelId,
    pub member: Option<MemberId>,
    pub contact: Option<ContactId>,
    pub access_token: Option<AccessTokenId>,
    pub title: Option<&'a str>,
    pub subtitle: Option<&'a str>,
    pub body: &'a str,
    pub delivery_type: DeliveryType,
    pub idempotency_key: Option<&'a str>,
    /// The request that it makes, or by whose link it is received.
    pub file_request: Option<FileRequestId>,
    /// Of what is received by a link: the same key again makes no second message.
    pub submission_key: Option<&'a str>,
    /// Unique in the organization.
    pub external_id: Option<&'a str>,
    /// The access token that received it from its contact.
    pub gateway: Option<AccessTokenId>,
    /// A message of the same channel.
    pub reply_to: Option<MessageId>,
}

impl NewMessageRow<'_> {
    /// The member who wrote it. Their own messages are read; those of their programs, and what was received by their links,
    /// are not.
    pub fn author(&self) -> Option<MemberId> {
        self.member.filter(|_| self.access_token.is_none() && self.submission_key.is_none())
    }

    /// Whether it comes from the other end of the conversation.
    pub fn is_inbound(&self) -> bool {
        self.contact.is_some() || self.submission_key.is_some()
    }
}

/// Inserts a message with its number in the channel.
pub async fn insert(on: On<'_>, id: MessageId, sequence: Option<i64>, message: &NewMessageRow<'_>) -> Result<()> {
    execute!(
        on,
        "INSERT INTO messages (id, organization_id, channel_id, member_id, contact_id, access_token_id, title, subtitle, body,
           delivery_type, idempotency_key, created_at, search_text, file_request_id, submission_key, external_id, gateway_token_id,
           sequence, reply_to_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        id,
        message.organization,
        message.channel,
        message.member,
        message.contact,
        message.access_token,
        message.title,
        message.subtitle,
        message.body,
        message.delivery_type,
        message.idempotency_key,
        moment_of(id.0),
        search_text(message.title, message.subtitle, message.body),
        message.file_request,
        message.submission_key,
        message.external_id,
        message.gateway,
        sequence,
        message.reply_to
    )?;
    Ok(())
}

/// Returns the message that was received by the link of a request with this key.
pub async fn by_submission_key(on: On<'_>, request: FileRequestId, key: &str) -> Result<Option<MessageId>> {
    let row = fetch_optional!(
        on,
        (MessageId,),
        "SELECT id FROM messages WHERE file_request_id = $1 AND submission_key = $2",
        request,
        key
    )?;
    Ok(row.map(|(id,)| id))
}

/// The new content of a message.
pub struct Change<'a> {
    pub title: Option<&'a str>,
    pub subtitle: Option<&'a str>,
    pub body: &'a str,
    pub delivery_type: DeliveryType,
    pub now: Timestamp,
}

/// Locks a message until the transaction ends, so that changes of it come one after the other.
pub async fn lock(tx: &mut Tx, organization: OrganizationId, id: MessageId) -> Result<()> {
    execute!(
        tx,
        "UPDATE messages SET channel_id = channel_id WHERE id = $1 AND organization_id = $2",
        id,
        organization
    )?;
    Ok(())
}

/// Updates a message. Returns whether there was one that is not deleted.
pub async fn change(on: On<'_>, id: MessageId, change: Change<'_>) -> Result<bool> {
    let changed = execute!(
        on,
        "UPDATE messages SET title = $2, subtitle = $3, body = $4, delivery_type = $5, edited_at = $6, search_text = $7
         WHERE id = $1 AND deleted_at IS NULL",
        id,
        change.title,
        change.subtitle,
        change.body,
        change.delivery_type,
        change.now,
        search_text(change.title, change.subtitle, change.body)
    )?;
    Ok(changed > 0)
}

/// What a gateway reports about a message.
pub struct Report<'a> {
    pub status: DeliveryStatus,
    pub error: Option<&'a str>,
    /// `None` keeps the stored one.
    pub external_id: Option<&'a str>,
    pub gateway: Option<AccessTokenId>,
}

/// Condition: the stored status is not later than `$2`. Queued, sent, delivered and read follow each other. A failure can come
/// after each of them, and a new attempt after a failure.
const IS_NOT_LATER: &str = "(delivery_status IS NULL OR delivery_status IN ($2, 'queued', 'failed') OR $2 = 'failed'
       OR (delivery_status = 'sent' AND $2 <> 'queued') OR (delivery_status = 'delivered' AND $2 = 'read'))";

/// Stores a report. A status that is earlier than the stored one changes nothing but the external id. Returns whether there is
/// such a message, not deleted.
pub async fn report_delivery(on: On<'_>, id: MessageId, report: Report<'_>) -> Result<bool> {
    let changed = execute!(
        on,
        concatcp!(
            "UPDATE messages SET delivery_status = CASE WHEN ",
            IS_NOT_LATER,
            " THEN $2 ELSE delivery_status END, delivery_error = CASE WHEN ",
            IS_NOT_LATER,
            " THEN $3 ELSE delivery_error END, external_id = COALESCE($4, external_id),
               gateway_token_id = COALESCE($5, gateway_token_id)
             WHERE id = $1 AND deleted_at IS NULL"
        ),
        id,
        report.status,
        report.error,
        report.external_id,
        report.gateway
    )?;
    Ok(changed > 0)
}

/// Returns whether a valid access token of the organization receives or delivers messages of contacts.
pub async fn has_gateway(on: On<'_>, organization: OrganizationId, now: Timestamp) -> Result<bool> {
    let gateway = fetch_optional!(
        on,
        (AccessTokenId,),
        "SELECT t.id FROM members m JOIN access_tokens t ON t.member_id = m.id AND t.revoked_at IS NULL
           AND (t.expires_at IS NULL OR t.expires_at > $2)
         LEFT JOIN bots b ON b.id = t.bot_id
         WHERE m.organization_id = $1 AND m.removed_at IS NULL AND b.removed_at IS NULL
           AND EXISTS (SELECT 1 FROM messages g WHERE g.gateway_token_id = t.id)
         LIMIT 1",
        organization,
        now
    )?;
    Ok(gateway.is_some())
}

/// Folds the search texts of the next `limit` messages. Returns their ids.
pub async fn refold(tx: &mut Tx, after: Uuid, limit: i64) -> Result<Vec<Uuid>> {
    let rows = fetch_all!(
        &mut *tx,
        (Uuid, Option<String>, Option<String>, String, String),
        "SELECT id, title, subtitle, body, search_text FROM messages WHERE id > $1 ORDER BY id LIMIT CAST($2 AS BIGINT)",
        after,
        limit
    )?;
    for (id, title, subtitle, body, folded) in &rows {
        execute!(
            &mut *tx,
            "UPDATE messages SET search_text = $2 WHERE id = $1 AND search_text = $3 AND search_text <> $2",
            *id,
            search_text(title.as_deref(), subtitle.as_deref(), body),
            folded
        )?;
    }
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// Returns title and text, folded for searches. Text with Markdown is included without its marks too, for phrases. Mentions are
/// not found: members change their names.
fn search_text(title: Option<&str>, subtitle: Option<&str>, body: &str) -> String {
    let body = without_tokens(body);
    let mut texts = vec![title.unwrap_or_default(), subtitle.unwrap_or_default(), &body];
    let plain = plain(&body);
    if plain != body {
        texts.push(&plain);
    }
    fold(&texts.join("\n"))
}

/// Deletes a message. Returns whether this call did it.
pub async fn delete(tx: &mut Tx, id: MessageId, by: MemberId, now: Timestamp) -> Result<bool> {
    let changed = execute!(
        tx,
        "UPDATE messages SET deleted_at = $3, deleted_by = $2 WHERE id = $1 AND deleted_at IS NULL",
        id,
        by,
        now
    )?;
    Ok(changed > 0)
}

/// Restores a message. Returns whether this call did it.
pub async fn restore(tx: &mut Tx, id: MessageId) -> Result<bool> {
    let changed = execute!(
        tx,
        "UPDATE messages SET deleted_at = NULL, deleted_by = NULL WHERE id = $1 AND deleted_at IS NOT NULL",
        id
    )?;
    Ok(changed > 0)
}
