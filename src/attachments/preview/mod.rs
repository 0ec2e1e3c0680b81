//! What is shown in place of a file: made after `complete` by a background job, never by a request. Whatever cannot be read
//! says why and harms nothing: files come from anybody.

mod av;
mod pdf;
mod picture;
mod store;
#[cfg(test)]
mod tests;
mod tool;

use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::model::{AttachmentId, has_view};
use super::service::remove_objects;
use super::store::AttachmentRow;
use super::store::removal::messages_of;
use crate::channels::service as channels;
use crate::platform::Platform;
use crate::platform::error::{AppError, Result};
use crate::platform::jobs::Task;
use crate::platform::storage::{Derived, ObjectKey, Storage, StorageError};
use picture::{Header, Unreadable};
use store::{PreviewRow, Reading};
use tool::ToolError;

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

const PDF: &str = "application/pdf";
const AVIF: &str = "image/avif";
/// Largest object that is fetched from a store to be looked into, in bytes.
const FETCHED_MAX: i64 = 2_000_000_000;
/// Largest PDF of which single pages are drawn, in bytes.
const PAGED_MAX: i64 = 200_000_000;
/// Longer side of a first page and of a page that is read, in pixels.
const POSTER_SIDE: u32 = 1280;
const PAGE_SIDE: u32 = 1600;

/// Pages that one server draws at the same time.
static PAGES: Semaphore = Semaphore::const_new(2);
static FREE_MEMORY: Semaphore = Semaphore::const_new(MEMORY as usize);

/// Whether files of this type are looked into.
pub fn is_made_for(content_type: &str) -> bool {
    let is_picture = content_type.starts_with("image/") && content_type != "image/svg+xml";
    is_picture || content_type == PDF || av::reads(content_type)
}

/// The job: reads a stored file, stores what is shown in its place, and tells open feeds. Done twice it makes the same.
pub async fn make(platform: Platform, task: Task) -> Result<u64> {
    let id = AttachmentId(task.subject);
    let Some(row) = store::find(platform.db.on(), id).await? else { return Ok(0) };
    let reading = match read(&platform, &row).await {
        Ok(reading) => reading,
        // Removed while it was read.
        Err(Failed::Unreadable(Unreadable::Io(error))) if error.kind() == io::ErrorKind::NotFound => {
            Reading::none("The file is gone".to_owned())
        }
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
    for (channel, message) in messages_of(platform.db.on(), id).await? {
        let data = serde_json::json!({ "channelId": channel, "messageId": message });
        channels::publish(&platform, row.organization_id, channel, "message.changed", data).await;
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
    if matches!(platform.storage, Storage::R2(_)) && row.file_size > FETCHED_MAX {
        return Ok(Reading::none(Unreadable::TooLarge.to_string()));
    }
    let file = match platform.storage.local_file(&row.key()).await {
        Ok(file) => file,
        // Removed meanwhile.
        Err(StorageError::NotFound) => return Ok(Reading::none("The file is gone".to_owned())),
        Err(error) => return Err(error.into()),
    };
    match row.content_type.as_str() {
        PDF => read_pdf(platform, row, file.path()).await,
        AVIF => {
            let still = av::still(file.path(), AVIF).await;
            match still {
                Ok(png) => read_picture(platform, row, written(png).await?.path(), "image/png").await,
                Err(error) => Err(without_tool(error)?),
            }
        }
        of_type if av::reads(of_type) => read_av(platform, row, file.path()).await,
        of_type => read_picture(platform, row, file.path(), of_type).await,
    }
}

async fn read_picture(platform: &Platform, row: &PreviewRow, path: &Path, of_type: &str) -> Result<Reading, Failed> {
    let known = of_type.to_owned();
    let header = off_thread(path, move |path| picture::header(path, &known)).await?;
    let (width, height) = (side(header.width), side(header.height));
    let with_view = has_view(row.file_size, width, height);
    let picture = decode(path, of_type, header, with_view).await?;
    put(platform, row.id, Derived::Feed, picture.feed).await?;
    if let Some(view) = picture.view {
        put(platform, row.id, Derived::View, view).await?;
    }
    // A still made by a tool may be smaller than the picture, whose size is known from its own header.
    let pixels = (of_type == row.content_type).then_some((width, height));
    Ok(Reading { pixels, animated: header.animated, ..Reading::ready(picture.thumbhash) })
}

async fn read_av(platform: &Platform, row: &PreviewRow, path: &Path) -> Result<Reading, Failed> {
    let facts = match av::facts(path, &row.content_type).await {
        Ok(facts) => facts,
        Err(error) => {
            without_tool(error)?;
            return Ok(Reading::default());
        }
    };
    let mut reading = Reading::default();
    if row.content_type.starts_with("video/") {
        match av::still(path, &row.content_type).await {
            Ok(still) => reading = poster(platform, row.id, still, "image/png").await?,
            Err(error) => drop(without_tool(error)?),
        }
    }
    Ok(Reading { duration_ms: facts.duration_ms, pixels: facts.pixels, ..reading })
}

async fn read_pdf(platform: &Platform, row: &PreviewRow, path: &Path) -> Result<Reading, Failed> {
    let page_count = pdf::page_count(path).await.or_else(|error| without_tool(error).map(|_| None))?;
    let reading = match pdf::page(path, 1, POSTER_SIDE).await {
        Ok(page) => poster(platform, row.id, page, "image/jpeg").await?,
        Err(error) => {
            without_tool(error)?;
            Reading::default()
        }
    };
    Ok(Reading { page_count, ..reading })
}

/// Without the tool, or when it cannot read the file, there is no preview, and no reason that would help anybody. What may be
/// gone with the next try is an error.
fn without_tool(error: ToolError) -> Result<Failed, Failed> {
    match error {
        ToolError::Io(error) => Err(Unreadable::Io(error).into()),
        ToolError::Missing(_) | ToolError::Failed(_) | ToolError::TooSlow(_) => Ok(Unreadable::UnknownType.into()),
    }
}

/// Stores what a tool has drawn. It is read like any picture: the tool may have been fooled.
async fn poster(platform: &Platform, id: AttachmentId, drawn: Vec<u8>, of_type: &str) -> Result<Reading, Failed> {
    let (thumbhash, webp) = drawing(drawn, of_type).await?;
    put(platform, id, Derived::Poster, webp).await?;
    Ok(Reading::ready(thumbhash))
}

async fn drawing(drawn: Vec<u8>, of_type: &str) -> Result<(Vec<u8>, Vec<u8>), Unreadable> {
    let file = written(drawn).await?;
    let known = of_type.to_owned();
    let header = off_thread(file.path(), move |path| picture::header(path, &known)).await?;
    let picture = decode(file.path(), of_type, header, true).await?;
    Ok((picture.thumbhash, picture.view.unwrap_or(picture.feed)))
}

async fn written(bytes: Vec<u8>) -> Result<NamedTempFile, Unreadable> {
    let written = spawn_blocking(move || {
        let mut file = NamedTempFile::new()?;
        file.write_all(&bytes)?;
        Ok::<_, std::io::Error>(file)
    });
    Ok(written.await.map_err(std::io::Error::other)??)
}

/// Draws a page of a PDF that was not asked for before. A few at a time: each is a program that works for seconds.
pub async fn ensure_page(platform: &Platform, row: &AttachmentRow, number: u32) -> Result<()> {
    let there = |count: i32| (1..=u32::try_from(count).unwrap_or(0)).contains(&number);
    if row.content_type != PDF || !row.page_count.is_some_and(there) || row.file_size > PAGED_MAX {
        return Err(AppError::not_found("page"));
    }
    let key = ObjectKey::Derived(row.id.0, Derived::Page(number));
    if platform.storage.head(&key).await.is_ok() {
        return Ok(());
    }
    let _one_of_few = PAGES.acquire().await.expect("the semaphore is never closed");
    let file = platform.storage.local_file(&row.key()).await?;
    let page = pdf::page(file.path(), number, PAGE_SIDE).await;
    let page = page.map_err(|_| AppError::not_found("page"))?;
    let (_, webp) = drawing(page, "image/jpeg").await.map_err(|_| AppError::not_found("page"))?;
    Ok(put(platform, row.id, Derived::Page(number), webp).await?)
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
