//! Removal of files. A deleted file leaves a tombstone and can be restored; a purged one leaves only the tombstone.

use std::collections::HashSet;
use std::time::Duration;

use uuid::Uuid;

use super::file_name::FileName;
use super::model::{DeletedAttachment, DeletedFile, DeletedFiles};
use super::service::{find_visible, remove_objects, subject};
use super::store::removal::{self as store, DeletedRow};
use super::store::{AttachmentRow, PlacedRow, find, links};
use crate::channels::access::Visible;
use crate::channels::service as channels;
use crate::event_log::{self, Event, EventKind};
use crate::ids::{AttachmentId, ChannelId, MessageId, OrganizationId};
use crate::live_event::{self, LiveEvent};
use crate::people::audit::model::Action;
use crate::people::audit::service as audit;
use crate::people::audit::service::By;
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::{Lockable, On, Tx, retry_collisions};
use crate::platform::error::{AppError, Result};
use crate::platform::jobs::{self, Attempt, Queued};
use crate::platform::timestamp::Timestamp;

/// How long people can restore what they deleted themselves. Later it requires an admin.
pub const UNDO: Duration = Duration::from_mins(10);
const PAGE: usize = 50;
/// Number of files of a channel that are purged at a time.
const BATCH: i64 = 500;

/// Deletes a file for everyone. Requires being its uploader, or permission to delete any.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn delete(platform: &Platform, member: &Member, id: AttachmentId) -> Result<()> {
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    let file = deletable(tx.on(), member, id).await?;
    if !store::delete(&mut tx, id, member.id, platform.clock.now()).await? {
        return Err(AppError::not_found("file"));
    }
    audit::record(platform, tx.on(), &By::member(member), Action::Deleted, &subject(&file.attachment)).await?;
    record_change(platform, &mut tx, member, id).await?;
    tx.commit().await?;
    platform.job_added.notify_one();
    publish_change(platform, member, id).await
}

/// Returns a file that the member may delete.
async fn deletable(on: On<'_>, member: &Member, id: AttachmentId) -> Result<Visible<PlacedRow>> {
    let file = find_visible(on, member, id).await?;
    if file.attachment.uploaded_by != Some(member.id) {
        member.require(Permission::AttachmentDeleteAny)?;
    }
    Ok(file)
}

/// Returns a deleted file of a channel that the member can view.
async fn find_deleted(mut on: On<'_>, member: &Member, id: AttachmentId) -> Result<AttachmentRow> {
    member.require(Permission::MessageViewAttachment)?;
    let row = find(on.again(), member.organization_id(), id).await?;
    let row = row.ok_or_else(|| AppError::not_found("file"))?;
    let channel = row.channel_id.ok_or_else(|| AppError::not_found("file"))?;
    channels::find_on(on, member, channel).await?;
    Ok(row)
}

/// Returns whether this member deleted it recently.
pub fn may_undo(platform: &Platform, member: &Member, by: Option<crate::ids::MemberId>, at: Timestamp) -> bool {
    by == Some(member.id) && platform.clock.now() <= at.plus(UNDO)
}

/// Restores a deleted file. Requires permission to delete any, or having deleted it recently.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn restore(platform: &Platform, member: &Member, id: AttachmentId) -> Result<()> {
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    let row = find_deleted(tx.on(), member, id).await?;
    match row.message_id {
        Some(message) => store::lock_files_of(&mut tx, message).await?,
        None => tx.lock(Lockable::Attachment, id.0).await?,
    }
    let deletion = store::deletion(tx.on(), id).await?;
    let just_deleted = deletion.zip(row.deleted_at).is_some_and(|((by, _), at)| may_undo(platform, member, by, at));
    if !just_deleted {
        member.require(Permission::AttachmentDeleteAny)?;
    }
    if row.message_id.is_some() && store::messages_of(tx.on(), id).await?.is_empty() {
        return Err(AppError::conflict(
            "The file's message was also deleted. Restore the message to restore the file.",
        ));
    }
    if !store::restore(&mut tx, id).await? {
        return Err(not_restorable(&row));
    }
    if let Some(message) = row.message_id {
        links::place(&mut tx, message).await?;
    }
    audit::record(platform, tx.on(), &By::member(member), Action::Restored, &subject(&row)).await?;
    record_change(platform, &mut tx, member, id).await?;
    tx.commit().await?;
    platform.job_added.notify_one();
    publish_change(platform, member, id).await
}

fn not_restorable(row: &AttachmentRow) -> AppError {
    AppError::conflict(if row.deleted_at.is_none() {
        "This file is not deleted."
    } else {
        "This file was deleted permanently and can't be restored."
    })
}

/// Permanently removes the bytes of a deleted file. The tombstone stays.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn purge(platform: &Platform, member: &Member, id: AttachmentId) -> Result<()> {
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    let row = find_deleted(tx.on(), member, id).await?;
    member.require(Permission::AttachmentDeleteAny)?;
    if row.deleted_at.is_none() {
        return Err(AppError::conflict("Only deleted files can be deleted permanently. Delete the file first."));
    }
    // Repeating it changes nothing.
    if store::purge(&mut tx, id, platform.clock.now()).await? {
        jobs::enqueue(tx.on(), &RemovePurgedObjects { file: id }, member.organization_id().0, platform.clock.now())
            .await?;
        audit::record(platform, tx.on(), &By::member(member), Action::Purged, &subject(&row)).await?;
    }
    tx.commit().await?;
    platform.job_added.notify_one();
    publish_change(platform, member, id).await
}

/// The work behind [`purge`]: removes the objects of a purged file. It is retried if the store does not respond.
pub struct RemovePurgedObjects {
    pub file: AttachmentId,
}

impl Queued for RemovePurgedObjects {
    const NAME: &'static str = "remove_purged_objects";

    fn key(&self) -> Uuid {
        self.file.0
    }

    fn from_key(key: Uuid) -> Self {
        Self { file: AttachmentId(key) }
    }

    async fn run(self, platform: Platform, _: Attempt) -> Result<u64> {
        remove_objects(&platform, self.file).await?;
        // A file in no message has no tombstone.
        super::store::forget(platform.db.on(), self.file).await?;
        Ok(1)
    }
}

/// Permanently removes a file. Requires being its uploader, or permission to delete any. Messages that had it show a
/// tombstone; a file in no message leaves nothing.
pub async fn remove_for_good(platform: &Platform, member: &Member, id: AttachmentId) -> Result<()> {
    let now = platform.clock.now();
    retry_collisions(|| async {
        let (mut tx, ref member) = rights::begin(platform, member).await?;
        let file = deletable(tx.on(), member, id).await?;
        if let Some(only) = member.only_channel() {
            tx.lock(Lockable::Attachment, id.0).await?;
            if super::store::is_used_elsewhere(tx.on(), id, ChannelId(only)).await? {
                let message = "This access token is limited to one bucket, and the file is also used elsewhere.";
                return Err(AppError::forbidden(message));
            }
        }
        if !store::delete(&mut tx, id, member.id, now).await? {
            return Err(AppError::not_found("file"));
        }
        store::purge(&mut tx, id, now).await?;
        audit::record(platform, tx.on(), &By::member(member), Action::Purged, &subject(&file.attachment)).await?;
        store::take_from_buckets(&mut tx, id).await?;
        jobs::enqueue(tx.on(), &RemovePurgedObjects { file: id }, member.organization_id().0, now).await?;
        record_change(platform, &mut tx, member, id).await?;
        Ok(tx.commit().await?)
    })
    .await?;
    platform.job_added.notify_one();
    publish_change(platform, member, id).await
}

/// Purges the files of a deleted channel that are not used elsewhere.
pub struct RemoveFilesOfChannel {
    pub channel: ChannelId,
}

impl Queued for RemoveFilesOfChannel {
    const NAME: &'static str = "remove_files_of_channel";

    fn key(&self) -> Uuid {
        self.channel.0
    }

    fn from_key(key: Uuid) -> Self {
        Self { channel: ChannelId(key) }
    }

    async fn run(self, platform: Platform, attempt: Attempt) -> Result<u64> {
        purge_unused(&platform, self.channel, attempt.lane).await
    }
}

async fn purge_unused(platform: &Platform, channel: ChannelId, lane: Uuid) -> Result<u64> {
    let mut removed = 0;
    loop {
        let now = platform.clock.now();
        let mut tx = platform.db.begin().await?;
        let unused = store::unused_of_channel(tx.on(), channel, BATCH).await?;
        tx.lock_all(Lockable::Attachment, unused.iter().map(|id| id.0).collect()).await?;
        // A message may have used one before it was locked.
        let purged = store::purge_unused(&mut tx, &unused, now).await?;
        let jobs: Vec<_> = purged.iter().map(|file| RemovePurgedObjects { file: *file }).collect();
        jobs::enqueue_all(tx.on(), &jobs, lane, now).await?;
        removed += purged.len() as u64;
        tx.commit().await?;
        platform.job_added.notify_one();
        if unused.is_empty() {
            return Ok(removed);
        }
    }
}

/// Deletes the files of a message, inside its transaction.
pub async fn delete_of_message(platform: &Platform, tx: &mut Tx, message: MessageId, member: &Member) -> Result<()> {
    store::lock_files_of(tx, message).await?;
    let before = shown_in(tx, message).await?;
    store::delete_of_message(tx, message, member.id, platform.clock.now()).await?;
    links::place(tx, message).await?;
    record_difference(platform, tx, message, member, &before).await
}

/// Restores the files that were deleted with a message, inside its transaction.
pub async fn restore_of_message(platform: &Platform, tx: &mut Tx, message: MessageId, member: &Member) -> Result<()> {
    store::lock_files_of(tx, message).await?;
    let before = shown_in(tx, message).await?;
    store::restore_of_message(tx, message).await?;
    links::place(tx, message).await?;
    record_difference(platform, tx, message, member, &before).await
}

async fn shown_in(tx: &mut Tx, message: MessageId) -> Result<HashSet<AttachmentId>> {
    let files = store::files_of(tx.on(), message).await?;
    Ok(files.into_iter().filter(|row| row.deleted_at.is_none()).map(|row| row.id).collect())
}

/// Logs which files of a message were deleted or restored since `before`.
async fn record_difference(
    platform: &Platform,
    tx: &mut Tx,
    message: MessageId,
    member: &Member,
    before: &HashSet<AttachmentId>,
) -> Result<()> {
    for row in store::files_of(tx.on(), message).await? {
        let action = match (before.contains(&row.id), row.deleted_at) {
            (true, Some(_)) => Action::Deleted,
            (false, None) => Action::Restored,
            _ => continue,
        };
        audit::record(platform, tx.on(), &By::member(member), action, &subject(&row)).await?;
    }
    Ok(())
}

/// Returns the deleted files that this member may restore, latest first. `before` is the `next` of the page before.
pub async fn deleted(platform: &Platform, member: &Member, before: Option<String>) -> Result<DeletedFiles> {
    member.require(Permission::MessageViewAttachment)?;
    member.require(Permission::AttachmentDeleteAny)?;
    let before = before.map(|text| read_place(&text)).transpose()?;
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut rows = store::deleted(platform.db.on(), member, before, limit).await?;
    let has_more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| has_more).map(|last| format!("{}.{}", last.deleted_at.0, last.attachment_id));
    Ok(DeletedFiles { files: rows.into_iter().map(deleted_file).collect(), next })
}

fn read_place(text: &str) -> Result<(Timestamp, AttachmentId)> {
    let parsed = text.split_once('.').and_then(|(at, id)| Some((at.parse().ok()?, id.parse::<Uuid>().ok()?)));
    let (at, id) =
        parsed.ok_or_else(|| AppError::invalid("before", "`before` must be the `next` value of the previous page."))?;
    Ok((Timestamp(at), AttachmentId(id)))
}

fn deleted_file(row: DeletedRow) -> DeletedFile {
    DeletedFile {
        attachment: DeletedAttachment {
            id: row.attachment_id,
            file_name: FileName::new(&row.file_name),
            deleted_at: row.deleted_at,
            deleted_by: row.deleted_by_name.unwrap_or_default(),
            purged: false,
        },
        file_size: row.file_size,
        content_type: row.content_type,
        channel: channels::from_row(row.channel),
        deleted_with_message: row.deleted_with_message,
        message_id: row.message_id,
    }
}

/// Records for programs that the messages with a file have changed.
async fn record_change(platform: &Platform, tx: &mut Tx, member: &Member, id: AttachmentId) -> Result<()> {
    let messages = store::messages_of(tx.on(), id).await?;
    let updated = |(channel, message)| Event::message(EventKind::MessageUpdated, channel, message);
    let events: Vec<_> = messages.into_iter().map(updated).collect();
    Ok(event_log::record(platform, tx, member.organization_id(), &events).await?)
}

/// Notifies everyone who can view a file's messages.
async fn publish_change(platform: &Platform, member: &Member, id: AttachmentId) -> Result<()> {
    for (channel, message) in store::messages_of(platform.db.on(), id).await? {
        publish_message_change(platform, member.organization_id(), channel, message).await;
    }
    Ok(())
}

/// Notifies everyone who can view a message that it or its files changed.
pub async fn publish_message_change(
    platform: &Platform,
    organization: OrganizationId,
    channel: ChannelId,
    message: MessageId,
) {
    let event = LiveEvent::MessageChanged { channel_id: channel, message_id: message };
    live_event::publish(platform, organization, event).await;
}
