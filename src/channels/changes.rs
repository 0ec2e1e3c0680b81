//! Changes of a channel itself: its name, and whether its conversation is closed.

use super::model::{Channel, ChannelChanges, ChannelKind, check_channel_name};
use super::service::{check_may_change, find_on};
use super::store;
use crate::ids::ChannelId;
use crate::live_event::{self, LiveEvent};
use crate::people::audit::model::Action;
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::is_unique_violation;
use crate::platform::error::{AppError, Result};

/// Renames a team channel. Requires creating channels, or managing the organization.
///
/// # Errors
/// `conflict` if another team channel has this name.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn rename(platform: &Platform, member: &Member, id: ChannelId, input: ChannelChanges) -> Result<Channel> {
    let name = check_channel_name(&input.name)?;
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    let channel = find_on(tx.on(), member, id).await?;
    if channel.kind != ChannelKind::Team {
        let message = "Only team channels are renamed here. Use PATCH /api/contacts/{id} or PATCH /api/buckets/{id}.";
        return Err(AppError::invalid("name", message));
    }
    check_may_change(member)?;
    store::rename(tx.on(), &channel, &name).await.map_err(|error| {
        if is_unique_violation(&error) {
            return AppError::conflict("A channel with this name already exists. Choose another name.").on("name");
        }
        error.into()
    })?;
    let detail = format!("#{} to #{name}", channel.name);
    rights::note(platform, &mut tx, member, Action::ChannelRenamed, detail).await?;
    tx.commit().await?;
    publish(platform, member, id).await;
    Ok(Channel { name, ..channel.into_inner() })
}

/// Closes the conversation with a contact, or opens it again. Without effect if it is so already. Requires sending messages.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn set_closed(platform: &Platform, member: &Member, id: ChannelId, closed: bool) -> Result<()> {
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    let channel = find_on(tx.on(), member, id).await?;
    member.require(Permission::MessageSend)?;
    if channel.kind != ChannelKind::Contact {
        return Err(AppError::conflict("Only conversations with contacts can be closed."));
    }
    store::set_closed(tx.on(), &channel, closed).await?;
    tx.commit().await?;
    publish(platform, member, id).await;
    Ok(())
}

async fn publish(platform: &Platform, member: &Member, channel_id: ChannelId) {
    live_event::publish(platform, member.organization_id(), LiveEvent::ChannelChanged { channel_id }).await;
}
