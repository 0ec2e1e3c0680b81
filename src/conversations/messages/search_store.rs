//! SQL of searches in messages.

use const_format::concatcp;
use sqlx::FromRow;
use uuid::Uuid;

use crate::channels::access::{VISIBLE, Viewer};
use crate::ids::{ChannelId, MessageId, OrganizationId};
use crate::people::organizations::service::Member;
use crate::platform::db::{On, fetch_all, fetch_all_of, fetch_optional};

type Result<T> = std::result::Result<T, sqlx::Error>;

/// The text of a message that may match a search.
#[derive(FromRow)]
pub struct CandidateRow {
    pub id: MessageId,
    pub search_text: String,
}

/// The name of a file of a message, as it is written and as it is searched.
#[derive(FromRow)]
pub struct FileNameRow {
    pub message_id: MessageId,
    pub file_name: String,
    pub search_text: String,
}

/// Condition: the message `m` is visible and not deleted. The channel of each one is checked individually: a list of all visible
/// channels would be computed first, and there may be 100,000.
const IS_CANDIDATE: &str = concatcp!(
    "m.deleted_at IS NULL AND EXISTS (SELECT 1 FROM channels c WHERE c.id = m.channel_id AND ",
    VISIBLE,
    ") AND "
);

/// Only two tables, so that PostgreSQL begins with the ids.
const INDEXED_CANDIDATES: &str = concatcp!(
    "SELECT m.id, m.search_text FROM json_each($7) AS e CROSS JOIN messages m WHERE m.id = unhex(e.value) AND ",
    IS_CANDIDATE,
    "($8 IS NULL OR m.channel_id = $8) ORDER BY m.id DESC"
);

/// Returns those of `ids` that a member can view, newest first, in one channel or in all.
pub async fn candidates(
    on: On<'_>,
    member: &Member,
    channel: Option<ChannelId>,
    ids: &[Uuid],
) -> Result<Vec<CandidateRow>> {
    let ids: Vec<String> = ids.iter().map(|id| format!("\"{}\"", id.simple())).collect();
    let ids = format!("[{}]", ids.join(","));
    fetch_all!(on, CandidateRow, INDEXED_CANDIDATES, as Viewer::of(member), ids, channel)
}

/// Messages that contain the text `$7`, from `$10` and before `$9`, with `$8` by the names of their files too.
const WALKED_CANDIDATES: &str = concatcp!(
    "SELECT m.id, m.search_text FROM messages m WHERE ",
    IS_CANDIDATE,
    "m.id < $9 AND m.id >= $10 AND (instr(m.search_text, $7) > 0 OR ($8 AND EXISTS (
       SELECT 1 FROM message_attachments l JOIN attachments a ON a.id = l.attachment_id
       WHERE l.message_id = m.id AND a.deleted_at IS NULL AND instr(a.search_text, $7) > 0))) AND "
);
const WALKED_IN_CHANNEL: &str =
    concatcp!(WALKED_CANDIDATES, "m.channel_id = $12 ORDER BY m.id DESC LIMIT CAST($11 AS BIGINT)");
const WALKED_ANYWHERE: &str =
    concatcp!(WALKED_CANDIDATES, "m.organization_id = $1 ORDER BY m.id DESC LIMIT CAST($11 AS BIGINT)");

/// A part of a walk through messages, newest first.
pub struct Walk<'a> {
    /// Only in this channel.
    pub channel: Option<ChannelId>,
    /// What each message contains.
    pub word: &'a str,
    /// Whether the names of files are searched too.
    pub in_files: bool,
    pub from: MessageId,
    pub before: MessageId,
    pub limit: usize,
}

/// Reads messages, newest first, until there are enough that match.
pub async fn walk(on: On<'_>, member: &Member, walk: Walk<'_>) -> Result<Vec<CandidateRow>> {
    let Walk { channel, word, in_files, from, before, limit } = walk;
    let (viewer, limit) = (Viewer::of(member), i64::try_from(limit).unwrap_or(i64::MAX));
    match channel {
        None => fetch_all!(on, CandidateRow, WALKED_ANYWHERE, as viewer, word, in_files, before, from, limit),
        Some(channel) => fetch_all!(
            on,
            CandidateRow,
            WALKED_IN_CHANNEL,
            as viewer,
            word,
            in_files,
            before,
            from,
            limit,
            channel
        ),
    }
}

/// Returns the message that is this many before another one, in one channel or in all. `None` if there are not so many.
pub async fn message_before(
    on: On<'_>,
    organization: OrganizationId,
    channel: Option<ChannelId>,
    before: MessageId,
    count: i64,
) -> Result<Option<MessageId>> {
    let row = match channel {
        Some(channel) => fetch_optional!(
            on,
            (MessageId,),
            "SELECT id FROM messages WHERE channel_id = $1 AND id < $2 ORDER BY id DESC LIMIT 1 OFFSET $3",
            channel,
            before,
            count - 1
        )?,
        None => fetch_optional!(
            on,
            (MessageId,),
            "SELECT id FROM messages WHERE organization_id = $1 AND id < $2 ORDER BY id DESC LIMIT 1 OFFSET $3",
            organization,
            before,
            count - 1
        )?,
    };
    Ok(row.map(|(id,)| id))
}

/// Returns the names of the files of messages, in order. `ids` must not be empty.
pub async fn file_names(on: On<'_>, ids: &[MessageId]) -> Result<Vec<FileNameRow>> {
    fetch_all_of!(
        on,
        FileNameRow,
        "SELECT l.message_id, a.file_name, a.search_text FROM message_attachments l
         JOIN attachments a ON a.id = l.attachment_id WHERE a.deleted_at IS NULL AND l.message_id",
        ids.iter().copied(),
        "ORDER BY l.message_id, l.position"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::db::plan;

    #[tokio::test]
    async fn searches_find_messages_by_keys() {
        for (sql, first) in [
            (INDEXED_CANDIDATES, "SCAN e VIRTUAL TABLE"),
            (WALKED_ANYWHERE, "SEARCH m USING INDEX messages_organization (organization_id=? AND id>? AND id<?)"),
            (WALKED_IN_CHANNEL, "SEARCH m USING INDEX messages_channel (channel_id=? AND id>? AND id<?)"),
        ] {
            let steps = plan(sql).await;
            assert!(steps[0].starts_with(first), "{steps:?}");
            assert!(steps[1..].iter().all(|step| !step.starts_with("SCAN")), "{steps:?}");
        }
    }
}
