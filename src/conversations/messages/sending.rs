//! Sending of messages: by members and programs, and of contacts by gateways.

use super::model::Message;
use super::post::Post;
use super::service;
use super::store::{self, MessageRow, NewMessageRow};
use crate::channels::access::Visible;
use crate::channels::model::Channel;
use crate::channels::service as channels;
use crate::files::attachments::linking::UploadedBy;
use crate::files::attachments::message_files::CheckedFile;
use crate::files::attachments::{linking, message_files};
use crate::ids::{ChannelId, ContactId, MessageId, OrganizationId};
use crate::live_event::{self, LiveEvent};
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::{Lockable, On, Tx, is_unique_violation, retry_collisions};
use crate::platform::error::{AppError, Result};

/// Whose message it is.
#[derive(Debug, Clone, Copy)]
enum Sender {
    /// The member, or their program.
    Member,
    /// The contact of the channel.
    Contact,
}

/// A message that was sent, by this request or by an earlier one with the same idempotency key.
enum Sent {
    Now(Visible<Channel>, MessageId),
    Before(Visible<Channel>, Box<MessageRow>),
}

/// Sends a message with its files in one transaction. Repeating an idempotency key returns the message it created.
#[tracing::instrument(skip_all, fields(channel = %channel))]
pub async fn send(platform: &Platform, member: &Member, channel: ChannelId, post: impl Into<Post>) -> Result<Message> {
    let post = post.into();
    let written = retry_collisions(|| Box::pin(write(platform, member, channel, Sender::Member, &post))).await;
    let sent = match written {
        Ok(Some(sent)) => sent,
        // A concurrent request with the same key created it.
        Ok(None) => Box::pin(sent_before(platform, member, channel, &post)).await?.ok_or_else(AppError::internal)?,
        // It may be written all the same: the response to COMMIT was lost.
        Err(error) if error.status().is_server_error() && post.message.idempotency_key.is_some() => {
            Box::pin(sent_before(platform, member, channel, &post)).await.ok().flatten().ok_or(error)?
        }
        Err(error) => return Err(error),
    };
    let (channel, id) = match sent {
        Sent::Now(channel, id) => (channel, id),
        Sent::Before(channel, row) => return service::from_row(platform, member, &channel, *row).await,
    };
    publish_created(platform, member.organization_id(), channel.id, id).await;
    // Your own messages are read; those of your programs are not.
    if member.token.is_none()
        && let Err(error) = channels::mark_read(platform, member, &channel, id.0).await
    {
        tracing::warn!(%error, "a message that was sent is not marked as read");
    }
    service::find_in(platform, member, &channel, id).await
}

/// A message whose sender was let in: what it needs, in the transaction that writes it.
struct Admitted {
    tx: Tx,
    member: Member,
    channel: Visible<Channel>,
    contact: Option<ContactId>,
    post: Post,
    files: Vec<CheckedFile>,
}

/// Begins the transaction of a message. The only place that checks whether its sender may send it: permissions and
/// channels don't change until the transaction ends.
async fn admit(
    platform: &Platform,
    member: &Member,
    channel: ChannelId,
    sender: Sender,
    post: &Post,
) -> Result<Admitted> {
    let (mut tx, member) = rights::begin(platform, member).await?;
    let channel = channels::find_on(tx.on(), &member, channel).await?;
    let contact = match sender {
        Sender::Member => {
            member.require(Permission::MessageSend)?;
            None
        }
        Sender::Contact => {
            // Writing in a contact's name requires the permission to edit contacts.
            member.require(Permission::ContactEdit)?;
            let message = "A contact can write only in their own conversation.";
            Some(channel.contact_id.ok_or_else(|| AppError::invalid("channelId", message))?)
        }
    };
    let (post, files) = post.clone().check(&mut tx, &member, &channel).await?;
    Ok(Admitted { tx, member, channel, contact, post, files })
}

/// Writes a message and links its files, unless an earlier request with its idempotency key did. Returns `None` if a
/// concurrent one does.
async fn write(
    platform: &Platform,
    member: &Member,
    channel: ChannelId,
    sender: Sender,
    post: &Post,
) -> Result<Option<Sent>> {
    let admitted = admit(platform, member, channel, sender, post).await?;
    let Admitted { mut tx, member, channel, contact, post, files } = admitted;
    let row = match contact {
        None => post.row(&member, &channel),
        Some(_) => NewMessageRow { member: None, contact, idempotency_key: None, ..post.row(&member, &channel) },
    };
    if let Some(sent) = by_key(tx.on(), &member, &channel, row.idempotency_key).await? {
        return Ok(Some(Sent::Before(channel, Box::new(sent))));
    }
    let Some(id) = insert(platform, &mut tx, &row).await? else { return Ok(None) };
    let ids = &post.message.attachment_ids;
    let uploader = row.member.map_or(UploadedBy::Contact, UploadedBy::Member);
    linking::link_to_message(&mut tx, row.organization, uploader, row.channel, id, ids).await?;
    message_files::link(platform, &mut tx, &member, &channel, id, &files, ids.len()).await?;
    tx.commit().await?;
    platform.job_added.notify_one();
    Ok(Some(Sent::Now(channel, id)))
}

/// Returns the message that an earlier request with the same idempotency key created.
async fn sent_before(platform: &Platform, member: &Member, channel: ChannelId, post: &Post) -> Result<Option<Sent>> {
    let admitted = admit(platform, member, channel, Sender::Member, post).await?;
    let Admitted { mut tx, member, channel, post, .. } = admitted;
    let row = by_key(tx.on(), &member, &channel, post.message.idempotency_key.as_deref()).await?;
    Ok(row.map(|row| Sent::Before(channel, Box::new(row))))
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

async fn by_key(
    on: On<'_>,
    member: &Member,
    channel: &Visible<Channel>,
    key: Option<&str>,
) -> Result<Option<MessageRow>> {
    let Some(key) = key else { return Ok(None) };
    let Some(row) = store::by_idempotency_key(on, member.id, key).await? else { return Ok(None) };
    if row.channel_id != channel.id {
        let message = "This idempotency key was already used in another channel. Use a new key for each message.";
        return Err(AppError::conflict(message).on("idempotencyKey"));
    }
    Ok(Some(row))
}

/// Receives a contact's message: from demonstration data, and from gateways. Files were stored before.
#[tracing::instrument(skip_all, fields(channel = %channel))]
pub async fn receive(
    platform: &Platform,
    member: &Member,
    channel: ChannelId,
    post: impl Into<Post>,
) -> Result<MessageId> {
    let post = post.into();
    let written = retry_collisions(|| Box::pin(write(platform, member, channel, Sender::Contact, &post))).await?;
    let Some(Sent::Now(channel, id)) = written else { return Err(AppError::internal()) };
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
