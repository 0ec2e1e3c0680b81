//! Numbers the messages of channels from before messages had numbers. Until a channel is done, its unread messages are
//! counted one by one.

use uuid::Uuid;

use crate::ids::{ChannelId, MessageId};
use crate::platform::Platform;
use crate::platform::db::{Lockable, On, Tx, execute, fetch_all, fetch_optional};
use crate::platform::error::Result;

/// Number of messages in a transaction, because who sends to the channel waits for it.
const BATCH: i64 = 1000;

/// Runs until all channels are done. After an interruption it begins again with the channel that was not done. Returns the
/// number of numbered messages.
pub async fn run(platform: Platform) -> Result<u64> {
    let mut numbered = 0;
    while let Some(channel) = next_channel(platform.db.on()).await? {
        let mut last = Numbered { id: MessageId(Uuid::nil()), sequence: 0 };
        while let Some(next) = number_next(&platform, channel, last).await? {
            last = next;
        }
        numbered += last.sequence.unsigned_abs();
    }
    if numbered > 0 {
        tracing::info!(messages = numbered, "numbered messages of an earlier version");
    }
    Ok(numbered)
}

/// The last message that has a number.
#[derive(Clone, Copy)]
struct Numbered {
    id: MessageId,
    sequence: i64,
}

async fn next_channel(on: On<'_>) -> sqlx::Result<Option<ChannelId>> {
    let row = fetch_optional!(on, (ChannelId,), "SELECT id FROM channels WHERE last_sequence IS NULL LIMIT 1")?;
    Ok(row.map(|(id,)| id))
}

/// Numbers the next messages of a channel. Returns the last of them; `None` when all have a number, which the channel
/// knows from now on.
async fn number_next(platform: &Platform, channel: ChannelId, after: Numbered) -> Result<Option<Numbered>> {
    let mut tx = platform.db.begin().await?;
    // No message is sent to it until the end.
    tx.lock(Lockable::Channel, channel.0).await?;
    let rows = next_messages(&mut tx, channel, after.id).await?;
    let next = match rows.last() {
        None => {
            mark_own(&mut tx, channel).await?;
            set_last_sequence(&mut tx, channel, after.sequence).await?;
            None
        }
        Some((id,)) => {
            set_sequences(&mut tx, channel, after, *id).await?;
            Some(Numbered { id: *id, sequence: after.sequence + i64::try_from(rows.len()).unwrap_or(BATCH) })
        }
    };
    tx.commit().await?;
    Ok(next)
}

async fn next_messages(tx: &mut Tx, channel: ChannelId, after: MessageId) -> sqlx::Result<Vec<(MessageId,)>> {
    fetch_all!(
        tx,
        (MessageId,),
        "SELECT id FROM messages WHERE channel_id = $1 AND id > $2 ORDER BY id LIMIT CAST($3 AS BIGINT)",
        channel,
        after,
        BATCH
    )
}

/// Numbers the messages after `after`, up to `end`.
async fn set_sequences(tx: &mut Tx, channel: ChannelId, after: Numbered, end: MessageId) -> sqlx::Result<()> {
    execute!(
        tx,
        "UPDATE messages SET sequence = $4 + o.position
         FROM (SELECT id, row_number() OVER (ORDER BY id) AS position FROM messages
               WHERE channel_id = $1 AND id > $2 AND id <= $3) AS o
         WHERE messages.id = o.id",
        channel,
        after.id,
        end,
        after.sequence
    )?;
    Ok(())
}

/// Moves the read mark of each member to their own last message, as sending one does.
async fn mark_own(tx: &mut Tx, channel: ChannelId) -> sqlx::Result<()> {
    execute!(
        tx,
        "INSERT INTO channel_reads (channel_id, member_id, last_read_id)
         SELECT channel_id, member_id, id FROM (
           SELECT channel_id, member_id, id, row_number() OVER (PARTITION BY member_id ORDER BY id DESC) AS place
           FROM messages WHERE channel_id = $1 AND member_id IS NOT NULL AND access_token_id IS NULL
             AND submission_key IS NULL) AS own
         WHERE place = 1
         ON CONFLICT (channel_id, member_id) DO UPDATE SET last_read_id = excluded.last_read_id, counted = FALSE
         WHERE channel_reads.last_read_id < excluded.last_read_id AND NOT channel_reads.counted",
        channel
    )?;
    Ok(())
}

async fn set_last_sequence(tx: &mut Tx, channel: ChannelId, sequence: i64) -> sqlx::Result<()> {
    execute!(tx, "UPDATE channels SET last_sequence = $2 WHERE id = $1", channel, sequence)?;
    Ok(())
}
