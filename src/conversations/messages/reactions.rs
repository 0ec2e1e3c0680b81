//! Reactions to messages: each member can react once with each emoji.

use std::collections::HashMap;

use sqlx::FromRow;

use super::model::{Message, Reaction, ReactionChange};
use super::{service, store};
use crate::channels::access::Visible;
use crate::channels::model::Channel;
use crate::channels::service as channels;
use crate::files::emoji::service as emoji;
use crate::ids::{ChannelId, EmojiId, MemberId, MessageId, OrganizationId};
use crate::live_event::{self, LiveEvent};
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::{On, Tx, execute, fetch_all, fetch_value};
use crate::platform::error::{AppError, Result};
use crate::platform::picture_url::picture_url;

/// Maximum number of different emoji on a message.
pub const EMOJI_MAX: i64 = 50;
/// Maximum number of names in a reaction.
const NAMES_MAX: usize = 20;

/// Adds or removes a reaction of this member. Repeating it changes nothing.
pub async fn set(platform: &Platform, member: &Member, id: MessageId, change: ReactionChange) -> Result<Message> {
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    let channel = reactable(tx.on(), member, id).await?;
    let emoji = if change.reacted {
        emoji::check_reaction(tx.on(), member, &change.emoji).await?
    } else {
        change.emoji.trim().to_owned()
    };
    let changed = if change.reacted {
        add(platform, &mut tx, member, id, &emoji).await?
    } else {
        remove(tx.on(), id, &emoji, member.id).await?
    };
    tx.commit().await?;
    if changed {
        let event = LiveEvent::MessageChanged { channel_id: channel.id, message_id: id };
        live_event::publish(platform, member.organization_id(), event).await;
    }
    service::find_in(platform, member, &channel, id).await
}

/// Returns the channel of a message that the member may react to.
async fn reactable(mut on: On<'_>, member: &Member, id: MessageId) -> Result<Visible<Channel>> {
    let row = store::find(on.again(), member.organization_id(), id).await?;
    let row = row.filter(|row| row.deleted_at.is_none()).ok_or_else(|| AppError::not_found("message"))?;
    let channel = channels::find_on(on, member, row.channel_id).await?;
    member.require(Permission::MessageSend)?;
    Ok(channel)
}

async fn add(platform: &Platform, tx: &mut Tx, member: &Member, id: MessageId, emoji: &str) -> Result<bool> {
    // Serialized for each message, so that the count is exact.
    execute!(&mut *tx, "UPDATE messages SET channel_id = channel_id WHERE id = $1", id)?;
    let others = fetch_value!(
        &mut *tx,
        i64,
        "SELECT count(DISTINCT emoji) FROM reactions WHERE message_id = $1 AND emoji <> $2",
        id,
        emoji
    )?;
    if others >= EMOJI_MAX {
        let message = format!("A message can have at most {EMOJI_MAX} different emoji. Use one of the existing ones.");
        return Err(AppError::conflict(message).on("emoji"));
    }
    let added = execute!(
        tx,
        "INSERT INTO reactions (message_id, emoji, member_id, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (message_id, emoji, member_id) DO NOTHING",
        id,
        emoji,
        member.id,
        platform.clock.now()
    )?;
    Ok(added > 0)
}

async fn remove(on: On<'_>, id: MessageId, emoji: &str, member: MemberId) -> Result<bool> {
    let removed = execute!(
        on,
        "DELETE FROM reactions WHERE message_id = $1 AND emoji = $2 AND member_id = $3",
        id,
        emoji,
        member
    )?;
    Ok(removed > 0)
}

#[derive(FromRow)]
struct ReactionRow {
    message_id: MessageId,
    emoji: String,
    member_id: MemberId,
    name: String,
    custom_id: Option<EmojiId>,
}

/// Returns the reactions of all messages of a channel from `first` to `last`, in the order of each emoji's first use.
pub async fn of_messages(
    platform: &Platform,
    member: &Member,
    channel: ChannelId,
    first: MessageId,
    last: MessageId,
) -> Result<HashMap<MessageId, Vec<Reaction>>> {
    let rows = rows(platform.db.on(), member.organization_id(), channel, first, last).await?;
    let mut found: HashMap<MessageId, Vec<Reaction>> = HashMap::new();
    for row in rows {
        let reactions = found.entry(row.message_id).or_default();
        let place = reactions.iter().position(|reaction| reaction.emoji == row.emoji).unwrap_or_else(|| {
            reactions.push(Reaction {
                url: row.custom_id.map(picture_url),
                emoji: row.emoji,
                count: 0,
                mine: false,
                names: Vec::new(),
            });
            reactions.len() - 1
        });
        let reaction = &mut reactions[place];
        reaction.count += 1;
        reaction.mine |= row.member_id == member.id;
        if reaction.names.len() < NAMES_MAX {
            reaction.names.push(row.name);
        }
    }
    Ok(found)
}

async fn rows(
    on: On<'_>,
    organization: OrganizationId,
    channel: ChannelId,
    first: MessageId,
    last: MessageId,
) -> sqlx::Result<Vec<ReactionRow>> {
    fetch_all!(
        on,
        ReactionRow,
        "SELECT r.message_id, r.emoji, r.member_id, u.name, e.id AS custom_id
         FROM messages m
         JOIN reactions r ON r.message_id = m.id
         JOIN members me ON me.id = r.member_id
         JOIN users u ON u.id = me.user_id
         LEFT JOIN emojis e ON e.organization_id = $1 AND e.removed_at IS NULL AND r.emoji = ':' || e.name || ':'
         WHERE m.channel_id = $2 AND m.id >= $3 AND m.id <= $4
         ORDER BY r.message_id, r.created_at, r.emoji",
        organization,
        channel,
        first,
        last
    )
}
