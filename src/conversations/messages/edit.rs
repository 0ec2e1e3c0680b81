//! Editing of sent messages.

use super::model::{DeliveryType, Message, NewMessage, check_line};
use super::removal::subject;
use super::store::MessageRow;
use super::{service, store};
use crate::channels::access::Visible;
use crate::channels::mentioning;
use crate::channels::model::Channel;
use crate::channels::search_index;
use crate::event_log::{self, Event, EventKind};
use crate::files::attachments::removal::publish_message_change;
use crate::files::attachments::store::links;
use crate::files::emoji::service as emoji;
use crate::ids::MessageId;
use crate::people::audit::model::Action;
use crate::people::audit::service as audit;
use crate::people::audit::service::By;
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::On;
use crate::platform::error::{AppError, Result};

/// The changes; `None`: unchanged. An inner `None` removes the value.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    pub title: Option<Option<String>>,
    pub subtitle: Option<Option<String>>,
    pub body: Option<String>,
    pub delivery_type: Option<DeliveryType>,
}

/// Edits a message. Only its author may, with permission to send messages. Returns it with its channel.
pub async fn edit(
    platform: &Platform,
    member: &Member,
    id: MessageId,
    edit: Edit,
) -> Result<(Message, Visible<Channel>)> {
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    // Fields that this edit leaves out are those of the edit before it.
    store::lock(&mut tx, member.organization_id(), id).await?;
    let (row, channel) = editable(tx.on(), member, id).await?;
    let subject = subject(&row);
    let title = check_line("title", edit.title.unwrap_or_else(|| row.title.clone()))?;
    let subtitle = check_line("subtitle", edit.subtitle.unwrap_or_else(|| row.subtitle.clone()))?;
    let body = edit.body.unwrap_or_else(|| row.body.clone());
    let body = NewMessage { body, ..NewMessage::default() }.check_below_title()?.body;
    let mentioned = mentioning::of_message(tx.on(), id).await?;
    let checked = mentioning::check(&mut tx, member, &channel, emoji::with_characters(&body), &mentioned).await?;
    let body = checked.text;
    if title.is_none() && body.is_empty() && !carries_files(tx.on(), member, &channel, id).await? {
        return Err(AppError::invalid(
            "body",
            "A message needs a title, a body or a file. To remove it, delete it \
            instead.",
        ));
    }
    let delivery_type = edit.delivery_type.unwrap_or(row.delivery_type);
    // A repeated request changes nothing, and is no second edit.
    if (&title, &subtitle, &body, delivery_type) == (&row.title, &row.subtitle, &row.body, row.delivery_type) {
        drop(tx);
        return Ok((service::from_row(platform, member, &channel, row).await?, channel));
    }
    let change = store::Change {
        title: title.as_deref(),
        subtitle: subtitle.as_deref(),
        body: &body,
        delivery_type,
        now: platform.clock.now(),
    };
    if !store::change(tx.on(), id, change).await? {
        return Err(AppError::not_found("message"));
    }
    mentioning::put(&mut tx, channel.id, id, &checked.members).await?;
    search_index::update(&mut tx, id).await?;
    audit::record(platform, tx.on(), &By::member(member), Action::MessageEdited, &subject).await?;
    let event = Event::message(EventKind::MessageUpdated, channel.id, id);
    event_log::record(platform, &mut tx, member.organization_id(), &[event]).await?;
    tx.commit().await?;
    platform.job_added.notify_one();
    publish_message_change(platform, member.organization_id(), channel.id, id).await;
    Ok((service::find_in(platform, member, &channel, id).await?, channel))
}

/// Returns a message that the member may edit.
async fn editable(on: On<'_>, member: &Member, id: MessageId) -> Result<(MessageRow, Visible<Channel>)> {
    let (row, channel) = service::find_row(on, member, id).await?;
    member.require(Permission::MessageSend)?;
    if row.deleted_at.is_some() {
        return Err(AppError::not_found("message"));
    }
    if row.written_by() != Some(member.id) {
        return Err(AppError::forbidden("Only the author can edit a message."));
    }
    if row.file_request_id.is_some() {
        // The page behind its link would still show the old note.
        return Err(AppError::conflict("A file request can't be edited. Revoke it and create a new one."));
    }
    Ok((row, channel))
}

/// Returns whether a message has files. For members who may not view files, URLs are files too.
async fn carries_files(mut on: On<'_>, member: &Member, channel: &Visible<Channel>, id: MessageId) -> Result<bool> {
    if links::has_files(on.again(), id).await? {
        return Ok(true);
    }
    let shows_files = member.may(Permission::MessageViewAttachment);
    Ok(!shows_files && !links::urls_of_messages(on, channel.id, id, id).await?.is_empty())
}
