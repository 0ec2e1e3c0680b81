//! Each member's own marks of conversations: muted, unread again, all read. Reading itself is in `service`.

use super::service::find_on;
use super::store;
use crate::ids::{ChannelId, MessageId};
use crate::live_event::{self, LiveEvent};
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::Result;

/// Mutes a channel for this member, or unmutes it. Without effect if it is so already.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn set_muted(platform: &Platform, member: &Member, id: ChannelId, muted: bool) -> Result<()> {
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    let channel = find_on(tx.on(), member, id).await?;
    let is_changed = store::set_muted(tx.on(), &channel, member.id, muted).await?;
    tx.commit().await?;
    if is_changed {
        let event = LiveEvent::ChannelMuted { channel_id: id, reader: Some(member.id) };
        live_event::publish(platform, member.organization_id(), event).await;
    }
    Ok(())
}

/// Marks a message and those after it as unread. Without effect on those that this member has not read, and on their own.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn mark_unread(platform: &Platform, member: &Member, id: ChannelId, message: MessageId) -> Result<()> {
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    let channel = find_on(tx.on(), member, id).await?;
    let is_changed = store::mark_unread(tx.on(), &channel, member.id, message).await?;
    tx.commit().await?;
    if is_changed {
        let event = LiveEvent::ChannelUnread { channel_id: id, message_id: message, reader: Some(member.id) };
        live_event::publish(platform, member.organization_id(), event).await;
    }
    Ok(())
}

/// Marks everything that this member can view as read.
#[tracing::instrument(skip_all)]
pub async fn mark_all_read(platform: &Platform, member: &Member) -> Result<()> {
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    let is_changed = store::mark_all_read(tx.on(), member).await?;
    tx.commit().await?;
    if is_changed {
        let event = LiveEvent::ChannelsRead { reader: Some(member.id) };
        live_event::publish(platform, member.organization_id(), event).await;
    }
    Ok(())
}
