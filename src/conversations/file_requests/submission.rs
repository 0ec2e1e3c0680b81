//! Sending by the link of a request: an inbound message with its files.

use crate::channels::search_index;
use crate::conversations::messages::model::{DeliveryType, NewMessage};
use crate::conversations::messages::sending;
use crate::conversations::messages::store::{NewMessageRow, by_submission_key};
use crate::event_log::{self, Event};
use crate::files::attachments::linking::{self, UploadedBy};
use crate::files::attachments::removal::publish_message_change;
use crate::files::requests::store;
use crate::files::requests::visit::Visit;
use crate::ids::MessageId;
use crate::people::audit::model::Action;
use crate::people::audit::service as audit;
use crate::people::audit::service::Subject;
use crate::platform::Platform;
use crate::platform::db::retry_collisions;
use crate::platform::error::{AppError, Result};

/// Sends text and files that were uploaded by this link, in one transaction. The author is the contact, or in a team
/// channel the visitor. Repeating a key returns the first message.
pub async fn submit(platform: &Platform, visit: &Visit, message: NewMessage) -> Result<MessageId> {
    let message = message.check()?;
    let key = message.idempotency_key.clone();
    let key = key.ok_or_else(|| AppError::invalid("idempotencyKey", "A key is required, such as a UUID."))?;
    if let Some(sent) = sent_before(platform, visit, &key).await? {
        return Ok(sent);
    }
    let written = retry_collisions(|| write(platform, visit, &message, &key)).await;
    let id = match written {
        Ok(Some(id)) => id,
        // A concurrent request with the same key was first.
        Ok(None) => return sent_before(platform, visit, &key).await?.ok_or_else(AppError::internal),
        Err(error) => return sent_before(platform, visit, &key).await?.ok_or(error),
    };
    sending::publish_created(platform, visit.request.organization_id, visit.request.channel_id, id).await;
    publish_card_change(platform, visit).await;
    Ok(id)
}

/// Returns the message that was sent with this key.
pub async fn sent_before(platform: &Platform, visit: &Visit, key: &str) -> Result<Option<MessageId>> {
    Ok(by_submission_key(platform.db.on(), visit.request.id, key).await?)
}

async fn write(platform: &Platform, visit: &Visit, message: &NewMessage, key: &str) -> Result<Option<MessageId>> {
    let (mut tx, visit) = visit.begin(platform).await?;
    let request = &visit.request;
    let row = NewMessageRow {
        organization: request.organization_id,
        channel: request.channel_id,
        // A message has a member or a contact. In a team channel there is no contact.
        member: request.contact_id.is_none().then_some(request.created_by),
        contact: request.contact_id,
        access_token: None,
        title: None,
        subtitle: None,
        body: &message.body,
        delivery_type: DeliveryType::Normal,
        idempotency_key: None,
        file_request: Some(request.id),
        submission_key: Some(key),
        external_id: None,
        gateway: None,
        reply_to: None,
    };
    let Some(id) = sending::insert(platform, &mut tx, &row).await? else { return Ok(None) };
    let uploader = UploadedBy::FileRequest(request.id);
    let (organization, channel) = (request.organization_id, request.channel_id);
    linking::link_to_message(&mut tx, organization, uploader, channel, id, &message.attachment_ids).await?;
    search_index::add(&mut tx, id).await?;
    let subject =
        Subject { message: Some(id), channel: Some(channel), detail: request.note.clone(), ..Subject::default() };
    audit::record(platform, tx.on(), &visit.by(), Action::FilesReceived, &subject).await?;
    let mut events = sending::created_events(channel, id, message.attachment_ids.iter().copied());
    events.push(Event::received(channel, request.id, id));
    event_log::record(platform, &mut tx, organization, &events).await?;
    tx.commit().await?;
    platform.job_added.notify_one();
    Ok(Some(id))
}

/// Records that the page was opened. Only the first time updates the conversation and the audit log.
pub async fn note_opened(platform: &Platform, visit: &Visit) -> Result<()> {
    if visit.request.opened_at.is_some() {
        return Ok(());
    }
    let (mut tx, visit) = visit.begin(platform).await?;
    if !store::note_opened(tx.on(), visit.request.id, platform.clock.now()).await? {
        return Ok(());
    }
    let subject = Subject {
        message: visit.request.card_id,
        channel: Some(visit.request.channel_id),
        detail: visit.request.note.clone(),
        ..Subject::default()
    };
    audit::record(platform, tx.on(), &visit.by(), Action::FileRequestOpened, &subject).await?;
    tx.commit().await?;
    publish_card_change(platform, &visit).await;
    Ok(())
}

async fn publish_card_change(platform: &Platform, visit: &Visit) {
    if let Some(card) = visit.request.card_id {
        publish_message_change(platform, visit.request.organization_id, visit.request.channel_id, card).await;
    }
}
