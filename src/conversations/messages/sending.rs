//! Sending of messages: by members and programs, and of contacts by gateways.

use super::model::Message;
use super::post::Post;
use super::service;
use super::store::{self, MessageRow, NewMessageRow};
use crate::channels::access::Visible;
use crate::channels::mentioning;
use crate::channels::model::Channel;
use crate::channels::search_index;
use crate::channels::service as channels;
use crate::event_log::{self, Event, EventKind};
use crate::files::attachments::linking::UploadedBy;
use crate::files::attachments::message_files::CheckedFile;
use crate::files::attachments::{linking, message_files};
use crate::ids::{AccessTokenId, AttachmentId, ChannelId, ContactId, MemberId, MessageId, OrganizationId};
use crate::live_event::{self, LiveEvent};
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::{Lockable, Tx, is_unique_violation, retry_collisions};
use crate::platform::error::{AppError, ErrorKind, Result};

/// The result of sending or receiving.
#[derive(Debug)]
pub struct Sent {
    pub message: Message,
    /// Whether this call created the message. Otherwise an earlier one with the same key did.
    pub is_new: bool,
}

/// Whose message it is.
#[derive(Debug, Clone, Copy)]
enum Sender {
    /// The member, or their program.
    Member,
    /// The contact of the channel.
    Contact,
}

/// A message that was written, by this request or by an earlier one with the same key.
enum Written {
    Now(Visible<Channel>, MessageId),
    Before(Visible<Channel>, Box<MessageRow>),
}

/// Sends a message with its files in one transaction. Repeating an idempotency key or an external id returns the message it
/// created.
pub async fn send(platform: &Platform, member: &Member, channel: ChannelId, post: impl Into<Post>) -> Result<Message> {
    Ok(send_once(platform, member, channel, post).await?.message)
}

/// Does the same, and says whether the message is new.
#[tracing::instrument(skip_all, fields(channel = %channel))]
pub async fn send_once(
    platform: &Platform,
    member: &Member,
    channel: ChannelId,
    post: impl Into<Post>,
) -> Result<Sent> {
    write_once(platform, member, channel, Sender::Member, &post.into()).await
}

/// Receives a contact's message: from demonstration data. Files were stored before.
pub async fn receive(
    platform: &Platform,
    member: &Member,
    channel: ChannelId,
    post: impl Into<Post>,
) -> Result<MessageId> {
    Ok(receive_once(platform, member, channel, post).await?.message.id)
}

/// Receives a contact's message from a gateway. Repeating an external id returns the message it created.
#[tracing::instrument(skip_all, fields(channel = %channel))]
pub async fn receive_once(
    platform: &Platform,
    member: &Member,
    channel: ChannelId,
    post: impl Into<Post>,
) -> Result<Sent> {
    write_once(platform, member, channel, Sender::Contact, &post.into()).await
}

/// Writes a message, unless there is one with its idempotency key or external id.
async fn write_once(
    platform: &Platform,
    member: &Member,
    channel: ChannelId,
    sender: Sender,
    post: &Post,
) -> Result<Sent> {
    let written = match retry_collisions(|| Box::pin(write(platform, member, channel, sender, post))).await {
        Ok(Some(written)) => written,
        // A concurrent request with the same key created it.
        Ok(None) => {
            Box::pin(written_before(platform, member, channel, sender, post)).await?.ok_or_else(AppError::internal)?
        }
        // It may be written all the same: the response to COMMIT was lost.
        Err(error) if error.status().is_server_error() && post.has_key() => {
            Box::pin(written_before(platform, member, channel, sender, post)).await.ok().flatten().ok_or(error)?
        }
        Err(error) => return Err(error),
    };
    let (channel, id) = match written {
        Written::Now(channel, id) => (channel, id),
        Written::Before(channel, row) => {
            let message = service::from_row(platform, member, &channel, *row).await?;
            return Ok(Sent { message, is_new: false });
        }
    };
    publish_created(platform, member.organization_id(), channel.id, id).await;
    if matches!(sender, Sender::Member) && member.token.is_none() {
        channels::publish_read(platform, member, channel.id, id).await;
    }
    Ok(Sent { message: service::find_in(platform, member, &channel, id).await?, is_new: true })
}

/// A message whose sender was let in: what it needs, in the transaction that writes it.
struct Admitted {
    tx: Tx,
    member: Member,
    channel: Visible<Channel>,
    contact: Option<ContactId>,
    post: Post,
    files: Vec<CheckedFile>,
    /// Whom the text mentions.
    mentioned: Vec<MemberId>,
}

fn row_of<'a>(
    member: &Member,
    channel: &Visible<Channel>,
    contact: Option<ContactId>,
    post: &'a Post,
) -> NewMessageRow<'a> {
    let row = post.row(member, channel);
    match contact {
        None => row,
        contact => NewMessageRow {
            member: None,
            contact,
            idempotency_key: None,
            gateway: member.token.as_ref().map(|token| AccessTokenId(token.id)),
            ..row
        },
    }
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
    let (mut post, files) = post.clone().check(&mut tx, &member, &channel).await?;
    let mut mentioned = Vec::new();
    // Contacts know no members.
    if contact.is_none() {
        let body = std::mem::take(&mut post.message.body);
        let checked = mentioning::check(&mut tx, &member, &channel, body, &[]).await?;
        (post.message.body, mentioned) = (checked.text, checked.members);
    }
    Ok(Admitted { tx, member, channel, contact, post, files, mentioned })
}

/// Writes a message and links its files, unless an earlier request with its key did. Returns `None` if a concurrent one
/// does.
async fn write(
    platform: &Platform,
    member: &Member,
    channel: ChannelId,
    sender: Sender,
    post: &Post,
) -> Result<Option<Written>> {
    let admitted = admit(platform, member, channel, sender, post).await?;
    let Admitted { mut tx, member, channel, contact, post, files, mentioned } = admitted;
    let row = row_of(&member, &channel, contact, &post);
    if let Some(earlier) = with_same_key(&mut tx, &member, &row).await? {
        return Ok(Some(Written::Before(channel, Box::new(earlier))));
    }
    if let Some(id) = row.reply_to {
        check_reply(&mut tx, &row, id).await?;
    }
    let Some(id) = insert(platform, &mut tx, &row).await? else { return Ok(None) };
    let ids = &post.message.attachment_ids;
    let uploader = row.member.map_or(UploadedBy::Contact, UploadedBy::Member);
    match uploader {
        UploadedBy::Member(_) => {
            let sent = linking::claim_unsent(&mut tx, row.organization, uploader, row.channel, id, ids).await?;
            message_files::forward(platform, &mut tx, &member, &channel, id, sent).await?;
        }
        _ => linking::link_to_message(&mut tx, row.organization, uploader, row.channel, id, ids).await?,
    }
    message_files::link(platform, &mut tx, &member, &channel, id, &files, ids.len()).await?;
    mentioning::add(&mut tx, row.channel, id, &mentioned).await?;
    search_index::add(&mut tx, id).await?;
    let carried = files.iter().filter_map(CheckedFile::id);
    let events = created_events(row.channel, id, ids.iter().copied().chain(carried));
    event_log::record(platform, &mut tx, row.organization, &events).await?;
    tx.commit().await?;
    platform.job_added.notify_one();
    Ok(Some(Written::Now(channel, id)))
}

/// Checks that a message can be replied to: it is of the same channel, and not deleted.
async fn check_reply(tx: &mut Tx, row: &NewMessageRow<'_>, id: MessageId) -> Result<()> {
    let quoted = store::find(tx.on(), row.organization, id).await?;
    if quoted.is_some_and(|quoted| quoted.channel_id == row.channel && quoted.deleted_at.is_none()) {
        return Ok(());
    }
    let message = "The message to reply to isn't in this conversation, or was deleted. Send without the reply.";
    Err(AppError::new(ErrorKind::NotFound, message).on("replyTo"))
}

/// Returns the message that an earlier request with the same key created.
async fn written_before(
    platform: &Platform,
    member: &Member,
    channel: ChannelId,
    sender: Sender,
    post: &Post,
) -> Result<Option<Written>> {
    let admitted = admit(platform, member, channel, sender, post).await?;
    let Admitted { mut tx, member, channel, contact, post, .. } = admitted;
    let row = with_same_key(&mut tx, &member, &row_of(&member, &channel, contact, &post)).await?;
    Ok(row.map(|row| Written::Before(channel, Box::new(row))))
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
    let sequence = channels::note_message(tx, row.channel, id, row.author(), row.is_inbound()).await?;
    match store::insert(tx.on(), id, sequence, row).await {
        Ok(()) => Ok(Some(id)),
        Err(error) if is_unique_violation(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Returns the events of a new message with these files.
pub(in crate::conversations) fn created_events(
    channel: ChannelId,
    message: MessageId,
    files: impl IntoIterator<Item = AttachmentId>,
) -> Vec<Event> {
    let created = Event::message(EventKind::MessageCreated, channel, message);
    std::iter::once(created).chain(files.into_iter().map(|file| Event::file(channel, message, file))).collect()
}

/// Returns the message that was created with the same idempotency key, or the same external id.
async fn with_same_key(tx: &mut Tx, member: &Member, row: &NewMessageRow<'_>) -> Result<Option<MessageRow>> {
    if let Some(key) = row.idempotency_key
        && let Some(sent) = store::by_idempotency_key(tx.on(), member.id, key).await?
    {
        if sent.channel_id != row.channel {
            let message = "This idempotency key was already used in another channel. Use a new key for each message.";
            return Err(AppError::conflict(message).on("idempotencyKey"));
        }
        return Ok(Some(sent));
    }
    let Some(id) = row.external_id else { return Ok(None) };
    match store::by_external_id(tx.on(), row.organization, id).await? {
        Some(known) if known.channel_id != row.channel || known.contact_id != row.contact => Err(external_id_in_use()),
        known => Ok(known),
    }
}

/// Returns the message with an external id.
///
/// # Errors
/// `conflict` if this member can't view it, or it has the other direction.
pub async fn known(
    platform: &Platform,
    member: &Member,
    external_id: &str,
    is_inbound: bool,
) -> Result<Option<(Message, Visible<Channel>)>> {
    let row = store::by_external_id(platform.db.on(), member.organization_id(), external_id).await?;
    let Some(row) = row else { return Ok(None) };
    if row.contact_id.is_some() != is_inbound {
        return Err(external_id_in_use());
    }
    let channel = match channels::find(platform, member, row.channel_id).await {
        Err(error) if matches!(error.kind, ErrorKind::NotFound | ErrorKind::Forbidden) => {
            return Err(external_id_in_use());
        }
        found => found?,
    };
    let message = service::from_row(platform, member, &channel, row).await?;
    Ok(Some((message, channel)))
}

/// Returns the error for an external id of another message.
pub fn external_id_in_use() -> AppError {
    AppError::conflict("Another message has this external ID. Use a different one for each message.").on("externalId")
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
