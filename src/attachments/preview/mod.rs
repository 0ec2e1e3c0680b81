//! What is shown in place of a file: made after `complete` by a background job, never by a request. Whatever cannot be read
//! says why and harms nothing: files come from anybody.

mod picture;
mod store;
#[cfg(test)]
mod tests;

use std::path::Path;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::model::{AttachmentId, PreviewState, has_view};
use super::service::remove_objects;
use crate::channels::service as channels;
use crate::platform::Platform;
use crate::platform::error::{AppError, Result};
use crate::platform::jobs::Task;
use crate::platform::storage::{Derived, ObjectKey, StorageError};
use picture::{Header, Unreadable};
use store::{PreviewRow, Reading};

/// The name of the job, which is about one attachment.
pub const JOB: &str = "make_preview";
/// Of everything that is made.
pub const CONTENT_TYPE: &str = "image/webp";
/// In permits of the semaphore below.
const MEGABYTE: u64 = 1_000_000;
/// Memory that all decoders of this server may take at the same time, in megabytes: one picture of the largest size, or
/// many small ones.
#[expect(clippy::cast_possible_truncation, reason = "900")]
const MEMORY: u32 = (picture::MEMORY_MAX / MEGABYTE) as u32;

static FREE_MEMORY: Semaphore = Semaphore::const_new(MEMORY as usize);

/// Whether files of this type are looked into.
pub fn is_made_for(content_type: &str) -> bool {
    content_type.starts_with("image/") && content_type != "image/svg+xml"
}

/// The job: reads a stored file, stores what is shown in its place, and tells open feeds. Done twice it makes the same.
pub async fn make(platform: Platform, task: Task) -> Result<u64> {
    let id = AttachmentId(task.subject);
    let Some(row) = store::find(platform.db.on(), id).await? else { return Ok(0) };
    let reading = match read(&platform, &row).await {
        Ok(reading) => reading,
        Err(Failed::Unreadable(Unreadable::Io(error))) if !task.last_try => {
            return Err(AppError::unexpected("a file could not be read", error));
        }
        Err(Failed::Storage(error)) if !task.last_try => return Err(error.into()),
        Err(Failed::Unreadable(Unreadable::Io(_)) | Failed::Storage(_)) => Reading::none("It could not be read".into()),
        Err(Failed::Unreadable(reason)) => Reading::none(reason.to_string()),
    };
    if !store::write(platform.db.on(), id, &reading).await? {
        // Purged while it was read: what was made since goes too.
        remove_objects(&platform, id).await?;
        return Ok(0);
    }
    for message in store::messages_with(platform.db.on(), id).await? {
        let data = serde_json::json!({ "channelId": row.channel_id, "messageId": message });
        channels::publish(&platform, row.organization_id, row.channel_id, "message.changed", data).await;
    }
    Ok(1)
}

enum Failed {
    Unreadable(Unreadable),
    Storage(StorageError),
}

impl From<Unreadable> for Failed {
    fn from(error: Unreadable) -> Self {
        Self::Unreadable(error)
    }
}

impl From<StorageError> for Failed {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

async fn read(platform: &Platform, row: &PreviewRow) -> Result<Reading, Failed> {
    let file = match platform.storage.local_file(&ObjectKey::Attachment(row.id.0)).await {
        Ok(file) => file,
        // Removed meanwhile.
        Err(StorageError::NotFound) => return Ok(Reading::none("The file is gone".to_owned())),
        Err(error) => return Err(error.into()),
    };
    read_picture(platform, row, file.path()).await
}

async fn read_picture(platform: &Platform, row: &PreviewRow, path: &Path) -> Result<Reading, Failed> {
    let of_type = row.content_type.clone();
    let header = off_thread(path, move |path| picture::header(path, &of_type)).await?;
    let (width, height) = (side(header.width), side(header.height));
    let with_view = has_view(row.file_size, width, height);
    let picture = decode(path, &row.content_type, header, with_view).await?;
    put(platform, row.id, Derived::Feed, picture.feed).await?;
    if let Some(view) = picture.view {
        put(platform, row.id, Derived::View, view).await?;
    }
    Ok(Reading {
        state: PreviewState::Ready,
        reason: None,
        pixels: Some((width, height)),
        thumbhash: Some(picture.thumbhash),
        duration_ms: None,
        page_count: None,
        animated: header.animated,
    })
}

/// Waits for memory, then decodes.
async fn decode(
    path: &Path,
    content_type: &str,
    header: Header,
    with_view: bool,
) -> Result<picture::Picture, Unreadable> {
    let megabytes = u32::try_from(header.memory / MEGABYTE + 1).unwrap_or(MEMORY).min(MEMORY);
    let permit = FREE_MEMORY.acquire_many(megabytes).await.expect("the semaphore is never closed");
    let of_type = content_type.to_owned();
    off_thread(path, move |path| {
        // Held by the thread: it goes on decoding when the job is given up.
        let _permit = permit;
        picture::read(path, &of_type, with_view)
    })
    .await
}

/// Runs what blocks off the async threads. A panic is the picture's fault.
async fn off_thread<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce(&Path) -> Result<T, Unreadable> + Send + 'static,
) -> Result<T, Unreadable> {
    let path = path.to_owned();
    spawn_blocking(move || work(&path)).await.unwrap_or(Err(Unreadable::Damaged))
}

async fn put(platform: &Platform, id: AttachmentId, which: Derived, bytes: Vec<u8>) -> Result<(), StorageError> {
    platform.storage.put_bytes(&ObjectKey::Derived(id.0, which), CONTENT_TYPE, bytes).await
}

fn side(pixels: u32) -> i32 {
    i32::try_from(pixels).unwrap_or(i32::MAX)
}
