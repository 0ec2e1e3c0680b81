//! Sending of messages: by members and programs, and of contacts by gateways.

use super::model::Message;
use super::post::Post;
use super::service;
use super::store::{self, NewMessageRow};
use crate::channels::model::Channel;
use crate::channels::service as channels;
use crate::files::attachments::linking::UploadedBy;
use crate::files::attachments::{linking, message_files};
use crate::ids::{ChannelId, MessageId, OrganizationId};
use crate::live_event::{self, LiveEvent};
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::{Lockable, Tx, is_unique_violation, retry_collisions};
use crate::platform::error::{AppError, Result};

/// Sends a message with its files in one transaction. Repeating an idempotency key returns the message it created.
#[tracing::instrument(skip_all, fields(channel = %channel))]
pub async fn send(platform: &Platform, member: &Member, channel: ChannelId, post: impl Into<Post>) -> Result<Message> {
    let channel = channels::find(platform, member, channel).await?;
    member.require(Permission::MessageSend)?;
    let post = post.into().check(platform, member).await?;
    let key = post.message.idempotency_key.as_deref();
    if let Some(sent) = already_sent(platform, member, &channel, key).await? {
        return Ok(sent);
    }
    let row = post.row(member, &channel);
    let id = match retry_collisions(|| write(platform, member, Permission::MessageSend, &row, &post)).await {
        Ok(Some(id)) => id,
        // A concurrent request with the same key created it.
        Ok(None) => {
            let sent = already_sent(platform, member, &channel, key).await?;
            return sent.ok_or_else(AppError::internal);
        }
        Err(error) => {
            // If the first attempt of a retried request has just claimed the files, this is the same request, not a
            // conflict.
            let sent = already_sent(platform, member, &channel, key).await?;
            return sent.ok_or(error);
        }
    };
    publish_created(platform, member.organization_id(), channel.id, id).await;
    // Your own messages are read; those of your programs are not.
    if member.token.is_none()
        && let Err(error) = channels::mark_read(platform, member, channel.id, id.0).await
    {
        tracing::warn!(%error, "a message that was sent is not marked as read");
    }
    service::find(platform, member, id).await
}

/// Inserts a message and links its files. Returns `None` if there is one with its idempotency key.
async fn write(
    platform: &Platform,
    member: &Member,
    permission: Permission,
    row: &NewMessageRow<'_>,
    post: &Post,
) -> Result<Option<MessageId>> {
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    member.require(permission)?;
    channels::find_on(tx.on(), member, row.channel).await?;
    let Some(id) = insert(platform, &mut tx, row).await? else { return Ok(None) };
    let ids = &post.message.attachment_ids;
    let uploader = row.member.map_or(UploadedBy::Contact, UploadedBy::Member);
    linking::link_to_message(&mut tx, row.organization, uploader, row.channel, id, ids).await?;
    message_files::link(platform, &mut tx, member, row.channel, id, &post.carried, ids.len()).await?;
    tx.commit().await?;
    platform.job_added.notify_one();
    Ok(Some(id))
}

/// Inserts a message in an open transaction and moves its channel to the top of the lists. Returns `None` if there is one with its key;
/// the transaction must not go on then.
pub(in crate::conversations) async fn insert(
    platform: &Platform,
    tx: &mut Tx,
    row: &NewMessageRow<'_>,
) -> Result<Option<MessageId>> {
    // Ids are compared to tell what is unread, so they are made in the order in which messages become visible.
    tx.lock(Lockable::Channel, row.channel.0).await?;
    let id = MessageId(platform.clock.new_id());
    channels::note_message(tx, row.channel, id.0).await?;
    match store::insert(tx.on(), id, row).await {
        Ok(()) => Ok(Some(id)),
        Err(error) if is_unique_violation(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn already_sent(
    platform: &Platform,
    member: &Member,
    channel: &Channel,
    key: Option<&str>,
) -> Result<Option<Message>> {
    let Some(key) = key else { return Ok(None) };
    let Some(row) = store::by_idempotency_key(platform.db.on(), member.id, key).await? else { return Ok(None) };
    if row.channel_id != channel.id {
        let message = "This idempotency key was already used in another channel. Use a new key for each message.";
        return Err(AppError::conflict(message).on("idempotencyKey"));
    }
    service::one(platform, member, row).await.map(Some)
}

/// Receives a contact's message: from demonstration data, and from gateways. Files were stored before.
#[tracing::instrument(skip_all, fields(channel = %channel))]
pub async fn receive(
    platform: &Platform,
    member: &Member,
    channel: ChannelId,
    post: impl Into<Post>,
) -> Result<MessageId> {
    let channel = channels::find(platform, member, channel).await?;
    // Writing in a contact's name requires the permission to edit contacts.
    member.require(Permission::ContactEdit)?;
    let Some(contact) = channel.contact_id else {
        return Err(AppError::invalid("channelId", "A contact can write only in their own conversation."));
    };
    let post = post.into().check(platform, member).await?;
    let row =
        NewMessageRow { member: None, contact: Some(contact), idempotency_key: None, ..post.row(member, &channel) };
    let written = retry_collisions(|| write(platform, member, Permission::ContactEdit, &row, &post)).await?;
    let id = written.ok_or_else(AppError::internal)?;
    publish_created(platform, member.organization_id(), channel.id, id).await;
    Ok(id)
}

pub(in crate::conversations) async fn publish_created(
    platform: &Platform,
    organization: OrganizationId,
    channel: ChannelId,
    message: MessageId,
) {
    let event = LiveEvent::MessageCreated { channel_id: channel, message_id: message };
    live_event::publish(platform, organization, event).await;
}
