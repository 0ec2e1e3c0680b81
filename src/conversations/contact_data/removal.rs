//! The job that removes what is stored of a deleted contact: messages, files with their bytes, links, and everything that
//! refers to them. It works in small steps, and continues after an interruption.

use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use super::store::{self, Elsewhere};
use crate::channels::search_index;
use crate::files::attachments::clean_up;
use crate::files::attachments::model::Status;
use crate::files::attachments::removal::RemoveFilesOfChannel;
use crate::files::attachments::service::remove_derived;
use crate::files::attachments::store::links;
use crate::ids::{AttachmentId, ChannelId};
use crate::platform::Platform;
use crate::platform::db::{Lockable, Tx};
use crate::platform::error::{AppError, Result};
use crate::platform::jobs::{self, Attempt, Queued, Retry};
use crate::platform::timestamp::Timestamp;

/// Number of messages that are removed in a transaction.
const MESSAGES: i64 = 100;
/// Number of files that are looked up at a time.
const FILES: i64 = 200;
/// Duration of a run. The next one continues.
const RUN_MAX: Duration = Duration::from_mins(5);
/// Seconds until an upload that somebody completes has ended.
const RETRY_AFTER: u32 = 10;

/// Removes what is stored of the contact of a deleted channel.
pub struct RemoveContact {
    pub channel: ChannelId,
}

impl Queued for RemoveContact {
    const NAME: &'static str = "remove_contact";
    /// The store may not respond for a day.
    const RETRY: Retry = Retry { tries: 12, first_pause: Duration::from_secs(10) };

    fn key(&self) -> Uuid {
        self.channel.0
    }

    fn from_key(key: Uuid) -> Self {
        Self { channel: ChannelId(key) }
    }

    async fn run(self, platform: Platform, attempt: Attempt) -> Result<u64> {
        let channel = self.channel;
        if !store::is_deleted(platform.db.on(), channel).await? {
            return Ok(0);
        }
        let started = Instant::now();
        let mut removed = 0;
        loop {
            if started.elapsed() > RUN_MAX {
                jobs::enqueue(platform.db.on(), &self, attempt.lane, platform.clock.now()).await?;
                return Ok(removed);
            }
            let done = remove_messages(&platform, channel, attempt.lane).await?;
            let done = if done == 0 { remove_files(&platform, channel).await? } else { done };
            removed += done;
            if done == 0 {
                break;
            }
        }
        if !finish(&platform, channel).await? {
            return Err(AppError::unavailable("A file of a deleted contact is still in use.", RETRY_AFTER));
        }
        Ok(removed + 1)
    }
}

/// Removes the next messages. Returns their number. Files that are in no other message stay, without a message.
async fn remove_messages(platform: &Platform, channel: ChannelId, lane: Uuid) -> Result<u64> {
    let ids = store::messages(platform.db.on(), channel, MESSAGES).await?;
    if ids.is_empty() {
        return Ok(0);
    }
    for preview in store::remote_previews(platform.db.on(), &ids).await? {
        remove_derived(platform, preview.0).await?;
    }
    let mut tx = platform.db.begin().await?;
    let files = store::files_of(tx.on(), &ids).await?;
    tx.lock_all(Lockable::Attachment, files.iter().map(|file| file.0).collect()).await?;
    let now = platform.clock.now();
    let mut buckets = Vec::new();
    for file in files {
        buckets.extend(detach(&mut tx, file, channel, now).await?);
    }
    search_index::remove(&mut tx, &ids).await?;
    store::delete_messages(&mut tx, &ids).await?;
    for bucket in buckets {
        jobs::enqueue(tx.on(), &RemoveFilesOfChannel { channel: bucket }, lane, now).await?;
    }
    tx.commit().await?;
    platform.job_added.notify_one();
    Ok(ids.len() as u64)
}

/// Moves a file of this conversation to another message that has it, or to the bucket whose icon it is; else deletes it.
/// Returns a deleted bucket that the file now belongs to. The caller has locked the file.
async fn detach(tx: &mut Tx, file: AttachmentId, channel: ChannelId, now: Timestamp) -> Result<Option<ChannelId>> {
    if !store::is_at_home(tx.on(), file, channel).await? {
        return Ok(None);
    }
    let Some(elsewhere) = store::elsewhere(tx.on(), file, channel).await? else {
        if !store::move_to_bucket(&mut *tx, file).await? {
            store::give_up(tx, file, now).await?;
        }
        return Ok(None);
    };
    store::move_to_message(&mut *tx, file, &elsewhere).await?;
    links::place_file(tx, file).await?;
    let Elsewhere { channel_id, is_channel_deleted, .. } = elsewhere;
    Ok(is_channel_deleted.then_some(channel_id))
}

/// Removes the next files that are in no message, with their bytes, and uploads that are not complete. Returns their number.
async fn remove_files(platform: &Platform, channel: ChannelId) -> Result<u64> {
    let files = store::files(platform.db.on(), channel, FILES).await?;
    let mut removed = 0;
    for (organization, id, status) in files {
        removed += match status {
            Status::Complete => {
                let mut tx = platform.db.begin().await?;
                let is_icon = store::move_to_bucket(&mut tx, id).await?;
                tx.commit().await?;
                if is_icon { 1 } else { clean_up::remove_unsent(platform, id, platform.clock.now()).await? }
            }
            Status::Uploading | Status::Failed => clean_up::remove_upload(platform, organization, id).await?,
        };
    }
    Ok(removed)
}

/// Removes the rest: the channel, the contact, and all that refers to them. Returns whether nothing was left that refers to
/// them.
async fn finish(platform: &Platform, channel: ChannelId) -> Result<bool> {
    let mut tx = platform.db.begin().await?;
    tx.lock(Lockable::Channel, channel.0).await?;
    store::adopt(&mut tx, channel).await?;
    if store::has_contents(tx.on(), channel).await? {
        return Ok(false);
    }
    store::delete_channel(&mut tx, channel, platform.clock.now()).await?;
    tx.commit().await?;
    Ok(true)
}
