//! Deletion and restoration of messages. The row of a deleted message has who and when, but not its content.

use super::service;
use super::store::{self, MessageRow};
use crate::event_log::{self, Event, EventKind};
use crate::files::attachments::removal as attachments;
use crate::ids::MessageId;
use crate::people::audit::model::Action;
use crate::people::audit::service as audit;
use crate::people::audit::service::{By, Subject};
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::{On, retry_collisions};
use crate::platform::error::{AppError, Result};

/// Deletes a message with its files, for everyone. Requires being its author, or permission to delete any. A file that
/// another message uses stays.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn delete(platform: &Platform, member: &Member, id: MessageId) -> Result<()> {
    let channel = retry_collisions(|| async {
        let (mut tx, ref member) = rights::begin(platform, member).await?;
        let row = deletable(tx.on(), member, id).await?;
        if !store::delete(&mut tx, id, member.id, platform.clock.now()).await? {
            return Err(AppError::not_found("message"));
        }
        attachments::delete_of_message(platform, &mut tx, id, member).await?;
        audit::record(platform, tx.on(), &By::member(member), Action::MessageDeleted, &subject(&row)).await?;
        let event = Event::message(EventKind::MessageDeleted, row.channel_id, id);
        event_log::record(platform, &mut tx, member.organization_id(), &[event]).await?;
        tx.commit().await?;
        Ok(row.channel_id)
    })
    .await?;
    platform.job_added.notify_one();
    attachments::publish_message_change(platform, member.organization_id(), channel, id).await;
    Ok(())
}

/// Restores a deleted message with the files that were deleted with it. Requires permission to delete any, or having
/// deleted it recently.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn restore(platform: &Platform, member: &Member, id: MessageId) -> Result<()> {
    let channel = retry_collisions(|| async {
        let (mut tx, ref member) = rights::begin(platform, member).await?;
        let row = restorable(platform, tx.on(), member, id).await?;
        if !store::restore(&mut tx, id).await? {
            return Err(AppError::conflict("This message is not deleted."));
        }
        attachments::restore_of_message(platform, &mut tx, id, member).await?;
        audit::record(platform, tx.on(), &By::member(member), Action::MessageRestored, &subject(&row)).await?;
        let event = Event::message(EventKind::MessageUpdated, row.channel_id, id);
        event_log::record(platform, &mut tx, member.organization_id(), &[event]).await?;
        tx.commit().await?;
        Ok(row.channel_id)
    })
    .await?;
    platform.job_added.notify_one();
    attachments::publish_message_change(platform, member.organization_id(), channel, id).await;
    Ok(())
}

/// Returns the subject of a message's audit entries.
pub(super) fn subject(row: &MessageRow) -> Subject {
    Subject { message: Some(row.id), channel: Some(row.channel_id), ..Subject::default() }
}

/// Returns a message that the member may delete.
async fn deletable(on: On<'_>, member: &Member, id: MessageId) -> Result<MessageRow> {
    let (row, _) = service::find_row(on, member, id).await?;
    if row.deleted_at.is_some() {
        return Err(AppError::not_found("message"));
    }
    if row.written_by() != Some(member.id) {
        member.require(Permission::MessageDeleteAny)?;
    }
    Ok(row)
}

/// Returns a message that the member may restore, if it is deleted.
async fn restorable(platform: &Platform, on: On<'_>, member: &Member, id: MessageId) -> Result<MessageRow> {
    let (row, _) = service::find_row(on, member, id).await?;
    let just_deleted = row.deleted_at.is_some_and(|at| attachments::may_undo(platform, member, row.deleted_by, at));
    if !just_deleted {
        member.require(Permission::MessageDeleteAny)?;
    }
    Ok(row)
}
