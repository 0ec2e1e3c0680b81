//! The index of messages and their files for searches: writes it with each message, and in a job for those from before.

use std::collections::BTreeSet;
use std::time::Duration;

use sqlx::FromRow;
use tokio::time::Instant;
use uuid::Uuid;

use super::model::SearchIndex;
use crate::ids::{ChannelId, MessageId, OrganizationId};
use crate::platform::Platform;
use crate::platform::db::text_index::{self, Indexed, Range, Wanted};
use crate::platform::db::{On, Tx, execute, fetch_all, fetch_optional, fetch_value};
use crate::platform::error::Result;
use crate::platform::grams::grams;

/// Number of messages that the job indexes in a transaction, because other writers wait for it.
const BATCH: i64 = 200;
/// Duration of a run of the job. The next one continues.
const RUN_MAX: Duration = Duration::from_mins(5);
/// Number of messages after which the job logs its progress.
const LOG_INTERVAL: i64 = 100_000;

/// A message to index.
#[derive(FromRow)]
struct TextRow {
    id: MessageId,
    organization_id: OrganizationId,
    channel_id: ChannelId,
    search_text: String,
}

/// Indexes a message that the transaction has written with its files.
pub async fn add(tx: &mut Tx, id: MessageId) -> sqlx::Result<()> {
    index(tx, (id, id), Indexed::New).await
}

/// Indexes the new content of a message.
pub async fn update(tx: &mut Tx, id: MessageId) -> sqlx::Result<()> {
    index(tx, (id, id), Indexed::Changed).await
}

/// Removes messages from the index.
pub async fn remove(tx: &mut Tx, ids: &[MessageId]) -> sqlx::Result<()> {
    text_index::remove(tx.on(), &ids.iter().map(|id| id.0).collect::<Vec<_>>()).await
}

/// Indexes all messages from the first to the last, newest first.
async fn index(tx: &mut Tx, (first, last): (MessageId, MessageId), indexed: Indexed) -> sqlx::Result<()> {
    let messages = fetch_all!(
        &mut *tx,
        TextRow,
        "SELECT id, organization_id, channel_id, search_text FROM messages WHERE id >= $1 AND id <= $2 ORDER BY id DESC",
        first,
        last
    )?;
    // A statement of its own: in a join PostgreSQL would read all files.
    let names = fetch_all!(
        &mut *tx,
        (MessageId, String),
        "SELECT l.message_id, a.search_text FROM message_attachments l JOIN attachments a ON a.id = l.attachment_id
         WHERE l.message_id >= $1 AND l.message_id <= $2",
        first,
        last
    )?;
    for message in messages {
        let mut terms = grams(&message.search_text);
        let mut has_files = false;
        for (_, name) in names.iter().filter(|(id, _)| *id == message.id) {
            has_files = true;
            terms.extend(grams(name));
        }
        let kinds = [Kind::Message, Kind::File];
        for kind in kinds.into_iter().filter(|kind| *kind == Kind::Message || has_files) {
            terms.insert(kind.of_organization(message.organization_id));
            terms.insert(kind.of_channel(message.channel_id));
        }
        text_index::put(tx.on(), message.id.0, &terms, indexed).await?;
    }
    Ok(())
}

/// The documents of a search: messages, or only those with files. Each kind has terms of its own, which are longer than
/// grams.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Message,
    File,
}

impl Kind {
    fn of_organization(self, id: OrganizationId) -> String {
        let prefix = if self == Self::Message { 'o' } else { 'p' };
        format!("{prefix}{}", ending(id.0))
    }

    fn of_channel(self, id: ChannelId) -> String {
        let prefix = if self == Self::Message { 'c' } else { 'd' };
        format!("{prefix}{}", ending(id.0))
    }
}

/// Which messages a search is about.
pub struct Scope {
    all: String,
    any: BTreeSet<String>,
}

impl Scope {
    /// All messages of an organization, or of a channel.
    pub fn of_messages(organization: OrganizationId, channel: Option<ChannelId>) -> Self {
        let kind = Kind::Message;
        let all = channel.map_or_else(|| kind.of_organization(organization), |channel| kind.of_channel(channel));
        Self { all, any: BTreeSet::new() }
    }

    /// The messages with files of an organization, or only of these channels of it.
    pub fn of_files(organization: OrganizationId, channels: &[ChannelId]) -> Self {
        let kind = Kind::File;
        match channels {
            [channel] => Self { all: kind.of_channel(*channel), any: BTreeSet::new() },
            channels => Self {
                all: kind.of_organization(organization),
                any: channels.iter().map(|channel| kind.of_channel(*channel)).collect(),
            },
        }
    }
}

/// Returns the ids of messages that have all of these grams, at most `limit`, in the order of the range.
pub async fn page(
    on: On<'_>,
    mut grams: BTreeSet<String>,
    scope: &Scope,
    range: Range,
    limit: usize,
) -> sqlx::Result<Vec<Uuid>> {
    grams.insert(scope.all.clone());
    text_index::page(on, Wanted { all: &grams, any: &scope.any }, range, limit).await
}

/// Returns the random end of an id. If two have the same, a search only reads more messages.
fn ending(id: Uuid) -> String {
    let id = id.simple().to_string();
    id[id.len() - 8..].to_owned()
}

/// Returns how far the index is.
pub async fn state(on: On<'_>) -> sqlx::Result<SearchIndex> {
    let row = fetch_optional!(on, (i64, i64), "SELECT indexed, total FROM message_index_progress")?;
    Ok(row.map_or(SearchIndex::COMPLETE, |(indexed, total)| SearchIndex {
        complete: false,
        indexed: indexed.min(total),
        total,
    }))
}

/// Indexes messages of older versions, newest first, and continues after an interruption. Returns the number of indexed
/// messages.
pub async fn build(platform: Platform) -> Result<u64> {
    let started = Instant::now();
    let mut seen = 0;
    while started.elapsed() < RUN_MAX {
        let Some(count) = build_next(&platform).await? else { break };
        seen += count;
    }
    Ok(seen)
}

/// Indexes the next batch. Returns its size, and `None` if all is indexed or texts must be folded first.
async fn build_next(platform: &Platform) -> Result<Option<u64>> {
    let mut tx = platform.db.begin().await?;
    let folding: i64 =
        fetch_value!(&mut tx, i64, "SELECT count(*) FROM refolds WHERE table_name IN ('messages', 'attachments')")?;
    let row = fetch_optional!(
        &mut tx,
        (MessageId, i64, i64),
        "SELECT before_id, indexed, total FROM message_index_progress"
    )?;
    let Some((before, indexed, total)) = row.filter(|_| folding == 0) else { return Ok(None) };
    let ids = fetch_all!(
        &mut tx,
        (MessageId,),
        "SELECT id FROM messages WHERE id < $1 ORDER BY id DESC LIMIT CAST($2 AS BIGINT)",
        before,
        BATCH
    )?;
    let (Some((last,)), Some((first,))) = (ids.first(), ids.last()) else {
        execute!(&mut tx, "DELETE FROM message_index_progress")?;
        tx.commit().await?;
        tracing::info!(messages = indexed, "indexed all messages for searches");
        return Ok(Some(0));
    };
    index(&mut tx, (*first, *last), Indexed::Older).await?;
    let now_indexed = indexed + i64::try_from(ids.len()).unwrap_or(BATCH);
    execute!(&mut tx, "UPDATE message_index_progress SET before_id = $1, indexed = $2", *first, now_indexed)?;
    tx.commit().await?;
    if indexed / LOG_INTERVAL != now_indexed / LOG_INTERVAL {
        tracing::info!(indexed = now_indexed, total, "indexing messages for searches");
    }
    Ok(Some(ids.len() as u64))
}
