//! Editing of sent messages.

use super::model::{DeliveryType, Message, NewMessage, check_line};
use super::{service, store};
use crate::channels::service as channels;
use crate::files::attachments::removal::publish_message_change;
use crate::files::emoji::service as emoji;
use crate::ids::MessageId;
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::{AppError, Result};

/// The changes; `None`: unchanged. An inner `None` removes the value.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    pub title: Option<Option<String>>,
    pub subtitle: Option<Option<String>>,
    pub body: Option<String>,
    pub delivery_type: Option<DeliveryType>,
}

/// Edits a message. Only its author may, with permission to send messages.
pub async fn edit(platform: &Platform, member: &Member, id: MessageId, edit: Edit) -> Result<Message> {
    let message = service::find(platform, member, id).await?;
    member.require(Permission::MessageSend)?;
    if message.deleted.is_some() {
        return Err(AppError::not_found("message"));
    }
    let row = store::find(platform.db.on(), member.organization_id(), id).await?;
    if row.and_then(|row| row.written_by()) != Some(member.id) {
        return Err(AppError::forbidden("Only the author can edit a message."));
    }
    if message.file_request.is_some() {
        // The page behind its link would still show the old note.
        return Err(AppError::conflict("A file request can't be edited. Revoke it and create a new one."));
    }
    let title = check_line("title", edit.title.unwrap_or(message.title))?;
    let subtitle = check_line("subtitle", edit.subtitle.unwrap_or(message.subtitle))?;
    let body =
        NewMessage { body: edit.body.unwrap_or(message.body), ..NewMessage::default() }.check_below_title()?.body;
    let body = emoji::with_characters(&body);
    let carries = !message.attachments.is_empty() || message.hidden_attachments > 0;
    if title.is_none() && body.is_empty() && !carries {
        return Err(AppError::invalid(
            "body",
            "A message needs a title, a body or a file. To remove it, delete it \
            instead.",
        ));
    }
    let change = store::Change {
        title: title.as_deref(),
        subtitle: subtitle.as_deref(),
        body: &body,
        delivery_type: edit.delivery_type.unwrap_or(message.delivery_type),
        now: platform.clock.now(),
    };
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    member.require(Permission::MessageSend)?;
    channels::find_on(tx.on(), member, message.channel_id).await?;
    if !store::change(tx.on(), id, change).await? {
        return Err(AppError::not_found("message"));
    }
    tx.commit().await?;
    publish_message_change(platform, member.organization_id(), message.channel_id, id).await;
    service::find(platform, member, id).await
}
