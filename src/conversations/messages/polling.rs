//! Messages of one or all conversations, for programs that ask for new ones from time to time.

use std::collections::HashMap;

use const_format::concatcp;

use super::model::Message;
use super::service::with_files;
use super::store::{MESSAGE_COLUMNS, MESSAGE_JOINS, MessageRow, SELECT_MESSAGES};
use crate::channels::access::{VISIBLE, Viewer};
use crate::channels::service as channels;
use crate::event_log::{self, EventKind};
use crate::ids::{ChannelId, MessageId};
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::{On, fetch_all};
use crate::platform::error::Result;
use crate::platform::id::first_of;
use crate::platform::timestamp::Timestamp;

/// Which messages to return.
#[derive(Debug, Clone, Copy)]
pub struct Filter {
    /// `None`: of all conversations that the member can view.
    pub channel: Option<ChannelId>,
    /// Only messages that are older than this one.
    pub before: Option<MessageId>,
    /// Only messages that were sent after this one.
    pub after: Option<MessageId>,
    /// Only messages that were sent at this time or later.
    pub since: Option<Timestamp>,
    pub limit: i64,
}

/// Returns messages that are not deleted, newest first.
///
/// Ids are made before their transactions end, so a message with a lower id than `after` can become visible later. Within
/// the log of events, messages are therefore compared and sorted by the numbers of their events, which become visible in
/// order. A program that passes the newest id that it has received misses none.
pub async fn list(platform: &Platform, member: &Member, filter: &Filter) -> Result<Vec<Message>> {
    let number = match filter.after {
        Some(after) => number_of(platform, member, after).await?,
        None => None,
    };
    let rows = match number {
        Some(after) => {
            let before = match filter.before {
                Some(before) => number_of(platform, member, before).await?.unwrap_or(0),
                None => i64::MAX,
            };
            by_number(platform.db.on(), member, filter, after, before).await?
        }
        None => by_id(platform.db.on(), member, filter).await?,
    };
    let order: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut messages = in_channels(platform, member, rows).await?;
    Ok(order.into_iter().filter_map(|id| messages.remove(&id)).collect())
}

async fn number_of(platform: &Platform, member: &Member, message: MessageId) -> Result<Option<i64>> {
    let on = platform.db.on();
    Ok(event_log::number_of(on, member.organization_id(), EventKind::MessageCreated, message.0).await?)
}

/// Condition: messages of the viewer's organization in visible channels, since the id `$7`.
const EVERYWHERE: &str = concatcp!(
    "m.organization_id = $1 AND m.deleted_at IS NULL AND m.id >= $7
       AND EXISTS (SELECT 1 FROM channels c WHERE c.id = m.channel_id AND ",
    VISIBLE,
    ") AND "
);
const BY_ID: &str = "m.id > $8 AND m.id < $9 ORDER BY m.id DESC LIMIT CAST($10 AS BIGINT)";

async fn by_id(on: On<'_>, member: &Member, filter: &Filter) -> sqlx::Result<Vec<MessageRow>> {
    let since = first_of(filter.since.unwrap_or(Timestamp(0)));
    let after = filter.after.unwrap_or(MessageId(uuid::Uuid::nil()));
    let before = filter.before.unwrap_or(MessageId(uuid::Uuid::max()));
    // Two texts, so that each uses its index.
    match filter.channel {
        None => fetch_all!(
            on,
            MessageRow,
            concatcp!(SELECT_MESSAGES, EVERYWHERE, BY_ID),
            as Viewer::of(member),
            since,
            after,
            before,
            filter.limit
        ),
        Some(channel) => fetch_all!(
            on,
            MessageRow,
            concatcp!(SELECT_MESSAGES, EVERYWHERE, "m.channel_id = $11 AND ", BY_ID),
            as Viewer::of(member),
            since,
            after,
            before,
            filter.limit,
            channel
        ),
    }
}

/// Messages whose events have numbers between `$8` and `$9`. The events come first, because PostgreSQL joins so many tables in
/// the order in which they are written.
const BY_NUMBER: &str = concatcp!(
    MESSAGE_COLUMNS,
    " FROM events e JOIN messages m ON m.id = e.subject_id",
    MESSAGE_JOINS,
    "e.organization_id = $1 AND e.kind = 'message.created' AND e.number > $8 AND e.number < $9 AND ",
    EVERYWHERE,
    "($11 IS NULL OR m.channel_id = $11) ORDER BY e.number DESC LIMIT CAST($10 AS BIGINT)"
);

/// Returns the messages whose events have numbers between `after` and `before`.
async fn by_number(
    on: On<'_>,
    member: &Member,
    filter: &Filter,
    after: i64,
    before: i64,
) -> sqlx::Result<Vec<MessageRow>> {
    fetch_all!(
        on,
        MessageRow,
        BY_NUMBER,
        as Viewer::of(member),
        first_of(filter.since.unwrap_or(Timestamp(0))),
        after,
        before,
        filter.limit,
        filter.channel
    )
}

/// Loads the files of messages, channel by channel.
async fn in_channels(
    platform: &Platform,
    member: &Member,
    rows: Vec<MessageRow>,
) -> Result<HashMap<MessageId, Message>> {
    let mut by_channel: HashMap<ChannelId, Vec<MessageRow>> = HashMap::new();
    for row in rows {
        by_channel.entry(row.channel_id).or_default().push(row);
    }
    let mut messages = HashMap::new();
    for (id, rows) in by_channel {
        // Access to it may have ended since.
        let channel = match channels::find(platform, member, id).await {
            Err(error) if error.status().is_client_error() => continue,
            found => found?,
        };
        let shown = with_files(platform, member, &channel, rows).await?;
        messages.extend(shown.into_iter().map(|message| (message.id, message)));
    }
    Ok(messages)
}
