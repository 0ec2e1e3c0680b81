//! Previews: created after `complete` by a background job, never by a request. Files are untrusted: one that can't be
//! read gets a reason instead.

mod av;
pub mod drawing;
mod heif;
#[cfg(test)]
mod memory_tests;
pub mod pdf;
pub mod picture;
pub mod store;
#[cfg(test)]
mod tests;
mod unreadable;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use metrics::counter;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::media;
use crate::files::attachments::model::has_view;
use crate::files::attachments::photo_location;
use crate::files::attachments::service::remove_objects;
use crate::files::attachments::store::AttachmentRow;
use crate::files::attachments::store::removal::messages_of;
use crate::ids::{AttachmentId, OrganizationId};
use crate::live_event::{self, LiveEvent};
use crate::platform::Platform;
use crate::platform::byte_size::ByteSize;
use crate::platform::error::{AppError, Result};
use crate::platform::file_types::recognize::with_tracks;
use crate::platform::file_types::{self, Family, PDF, Preview as By};
use crate::platform::jobs::{Attempt, Queued};
use crate::platform::sandbox::SandboxError;
use crate::platform::sandbox::program::{self, Program};
use crate::platform::storage::{Derived, ObjectKey, Storage, StorageError};
use picture::{DRAWN, Picture, Unreadable};
use store::{PreviewRow, Reading};

pub const PREVIEWS: &str = "attache_previews_total";
/// The type of all previews.
pub const CONTENT_TYPE: &str = "image/webp";
/// Maximum size of an object that is fetched from a store, in bytes.
const FETCHED_MAX: ByteSize = ByteSize(2_000_000_000);
/// Maximum size of a PDF whose pages are rendered, in bytes.
const PAGED_MAX: ByteSize = ByteSize(200_000_000);
/// Seconds to wait before retrying a page that could not be rendered.
const RETRY_AFTER: u32 = 5;
/// Longer side of a first page and of a single page, in pixels.
const POSTER_SIDE: u32 = 1280;
const PAGE_SIDE: u32 = 1600;

/// Returns whether files of this type get a preview. A picture that can't be read gets a reason.
pub fn is_made_for(content_type: &str) -> bool {
    match file_types::find(content_type) {
        Some(row) => row.preview != By::None || row.family == Family::Picture,
        None => content_type.starts_with("image/"),
    }
}

/// Reads a stored file, stores its preview, and updates open feeds. Repeating it gives the same result.
pub struct MakePreview {
    pub file: AttachmentId,
}

impl Queued for MakePreview {
    const NAME: &'static str = "make_preview";

    fn key(&self) -> Uuid {
        self.file.0
    }

    fn from_key(key: Uuid) -> Self {
        Self { file: AttachmentId(key) }
    }

    async fn run(self, platform: Platform, attempt: Attempt) -> Result<u64> {
        make(platform, self.file, attempt).await
    }
}

async fn make(platform: Platform, id: AttachmentId, attempt: Attempt) -> Result<u64> {
    let Some(row) = store::find(platform.db.on(), id).await? else { return Ok(0) };
    let reading = match read(&platform, &row).await {
        Ok(reading) => reading,
        Err(Failed::Unreadable(Unreadable::Io(error))) if !attempt.is_last => {
            return Err(AppError::unexpected("failed to read a file for its preview", error));
        }
        Err(Failed::Storage(error)) if !attempt.is_last => return Err(error.into()),
        Err(Failed::Unreadable(Unreadable::Io(_)) | Failed::Storage(_)) => {
            Reading::none("The file could not be read".into())
        }
        Err(Failed::Unreadable(reason)) => Reading::none(reason.to_string()),
    };
    // A sound without a cover has none, and nothing failed.
    if reading.thumbhash.is_some() || reading.reason.is_some() {
        counter!(PREVIEWS, "outcome" => if reading.reason.is_none() { "made" } else { "failed" }).increment(1);
    }
    if !store::write(platform.db.on(), id, &reading).await? {
        // Purged while it was read: new objects are removed too.
        remove_objects(&platform, id).await?;
        return Ok(0);
    }
    tell(&platform, row.organization_id, id).await?;
    Ok(1)
}

/// Notifies open feeds that a file has changed.
pub async fn tell(platform: &Platform, organization: OrganizationId, id: AttachmentId) -> Result<()> {
    for (channel, message) in messages_of(platform.db.on(), id).await? {
        let event = LiveEvent::MessageChanged { channel_id: channel, message_id: message };
        live_event::publish(platform, organization, event).await;
    }
    Ok(())
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

/// Reads one file in the sandbox, on behalf of the organization that owns it.
struct Reader<'a> {
    platform: &'a Platform,
    organization: OrganizationId,
}

impl Reader<'_> {
    /// Runs a confined program on a file. Returns its output.
    async fn run(
        &self,
        name: &'static str,
        arguments: &[&OsStr],
        input: &Path,
        memory: u64,
        processor: Duration,
        output_max: u64,
    ) -> Result<Vec<u8>, SandboxError> {
        let program = Program { name, arguments, input, memory, processor, output_max };
        program::run(&self.platform.media, self.organization.0, &program).await
    }
}

async fn read(platform: &Platform, row: &PreviewRow) -> Result<Reading, Failed> {
    if matches!(platform.storage, Storage::R2(_)) && row.file_size > FETCHED_MAX {
        return Ok(Reading::none(Unreadable::TooLarge.to_string()));
    }
    let file = match platform.storage.local_file(&row.key()).await {
        Ok(file) => file,
        // Removed during the job.
        Err(StorageError::NotFound) => return Ok(Reading::none("The file was deleted".to_owned())),
        Err(error) => return Err(error.into()),
    };
    let reader = Reader { platform, organization: row.organization_id };
    let path = file.path();
    let open = || File::open(path).map_err(StorageError::from);
    photo_location::note_if_left(platform, row, open()?).await?;
    match file_types::find(&row.content_type).map_or(By::Picture, |row| row.preview) {
        By::Pages => read_pdf(&reader, row.id, path).await,
        By::Heif => read_heif(&reader, row, path).await,
        By::Drawing => read_drawing(&reader, row.id, open()?).await,
        By::Demuxer(demuxer) => read_av(&reader, row, path, demuxer).await,
        By::Picture | By::None => read_picture(&reader, row, open()?).await,
    }
}

async fn read_picture(reader: &Reader<'_>, row: &PreviewRow, file: File) -> Result<Reading, Failed> {
    let again = file.try_clone().map_err(Unreadable::from)?;
    let of_type = row.content_type.as_str();
    let header = media::header(reader.platform, reader.organization, file, of_type).await?;
    let (width, height) = (side(header.width), side(header.height));
    let how = (has_view(row.file_size, width, height), false);
    let picture = media::picture(reader.platform, reader.organization, again, of_type, &header, how).await?;
    let thumbhash = put_picture(reader, row.id, picture).await?;
    Ok(Reading { pixels: Some((width, height)), animated: header.animated, ..Reading::ready(thumbhash) })
}

/// Renders a picture by a program. Its size is that of the output, which is upright; `ffmpeg`'s may be smaller, so the
/// size from the file's own header is kept.
async fn read_heif(reader: &Reader<'_>, row: &PreviewRow, path: &Path) -> Result<Reading, Failed> {
    let drawn = heif::picture(reader, path).await.map_err(Unreadable::from)?;
    let file = written(reader.platform, drawn.png).await?;
    let again = file.try_clone().map_err(Unreadable::from)?;
    let header = media::header(reader.platform, reader.organization, file, DRAWN).await?;
    let (width, height) = (side(header.width), side(header.height));
    let how = (has_view(row.file_size, width, height), true);
    let picture = media::picture(reader.platform, reader.organization, again, DRAWN, &header, how).await?;
    let thumbhash = put_picture(reader, row.id, picture).await?;
    let pixels = drawn.is_whole.then_some((width, height));
    Ok(Reading { pixels, animated: row.animated, ..Reading::ready(thumbhash) })
}

async fn read_drawing(reader: &Reader<'_>, id: AttachmentId, file: File) -> Result<Reading, Failed> {
    let (header, picture) = media::drawing(reader.platform, reader.organization, file).await?;
    let thumbhash = put_picture(reader, id, picture).await?;
    Ok(Reading { pixels: Some((side(header.width), side(header.height))), ..Reading::ready(thumbhash) })
}

async fn put_picture(reader: &Reader<'_>, id: AttachmentId, picture: Picture) -> Result<Vec<u8>, StorageError> {
    put(reader.platform, id, Derived::Feed, picture.feed).await?;
    if let Some(view) = picture.view {
        put(reader.platform, id, Derived::View, view).await?;
    }
    Ok(picture.thumbhash)
}

async fn read_av(reader: &Reader<'_>, row: &PreviewRow, path: &Path, demuxer: &str) -> Result<Reading, Failed> {
    let facts = match av::facts(reader, path, demuxer).await {
        Ok(facts) => facts,
        Err(error) => return without_program(error),
    };
    let still = match (facts.tracks.video, facts.has_cover) {
        (true, _) => Some(av::still(reader, path, demuxer, facts.look).await),
        (false, true) => Some(av::first(reader, path, demuxer).await),
        (false, false) => None,
    };
    let reading = match still {
        Some(Ok(still)) => poster(reader, row.id, still, "image/png").await?,
        Some(Err(error)) => without_program(error)?,
        None => Reading::default(),
    };
    let of_tracks = with_tracks(&row.content_type, facts.tracks);
    let content_type = (of_tracks != row.content_type).then(|| of_tracks.to_owned());
    Ok(Reading { duration_ms: facts.duration_ms, pixels: facts.pixels, content_type, ..reading })
}

async fn read_pdf(reader: &Reader<'_>, id: AttachmentId, path: &Path) -> Result<Reading, Failed> {
    let page_count = match pdf::page_count(reader, path).await {
        Ok(count) => count,
        Err(SandboxError::Failed(_)) => {
            let file = File::open(path).map_err(StorageError::from)?;
            let is_locked = media::is_locked(reader.platform, reader.organization, file).await?;
            return if is_locked { Err(Unreadable::Locked.into()) } else { Ok(Reading::default()) };
        }
        Err(error) => return without_program(error),
    };
    let reading = match pdf::page(reader, path, 1, POSTER_SIDE).await {
        Ok(page) => poster(reader, id, page, "image/jpeg").await?,
        Err(error) => without_program(error)?,
    };
    Ok(Reading { page_count, ..reading })
}

/// Returns no preview and no reason if the program is missing or can't read the file, a reason if the file exceeded its
/// limits, and an error if a retry may succeed.
fn without_program(error: SandboxError) -> Result<Reading, Failed> {
    match Unreadable::from(error) {
        Unreadable::UnknownType => Ok(Reading::default()),
        Unreadable::TooComplex => Ok(Reading::none(Unreadable::TooComplex.to_string())),
        reason => Err(reason.into()),
    }
}

/// Stores a program's output. It is decoded like any picture, because the program may be compromised.
async fn poster(reader: &Reader<'_>, id: AttachmentId, drawn: Vec<u8>, of_type: &str) -> Result<Reading, Failed> {
    let (thumbhash, webp) = drawing(reader, drawn, of_type).await?;
    put(reader.platform, id, Derived::Poster, webp).await?;
    Ok(Reading::ready(thumbhash))
}

async fn drawing(reader: &Reader<'_>, drawn: Vec<u8>, of_type: &str) -> Result<(Vec<u8>, Vec<u8>), Unreadable> {
    let file = written(reader.platform, drawn).await?;
    let again = file.try_clone()?;
    let header = media::header(reader.platform, reader.organization, file, of_type).await?;
    let picture = media::picture(reader.platform, reader.organization, again, of_type, &header, (true, true)).await?;
    Ok((picture.thumbhash, picture.view.unwrap_or(picture.feed)))
}

async fn written(platform: &Platform, bytes: Vec<u8>) -> Result<File, Unreadable> {
    let file = platform.storage.scratch_file().await.map_err(|error| Unreadable::Io(error.to_string()))?;
    let written = spawn_blocking(move || {
        let mut file = file;
        file.write_all(&bytes).map(|()| file)
    });
    Ok(written.await.map_err(io::Error::other)??)
}

/// Renders a page of a PDF at its first request.
///
/// # Errors
/// `not_found` if there is no such page or it can't be rendered, `unavailable` if a retry may succeed.
pub async fn ensure_page(platform: &Platform, row: &AttachmentRow, number: u32) -> Result<()> {
    let there = |count: i32| (1..=u32::try_from(count).unwrap_or(0)).contains(&number);
    if row.content_type != PDF || !row.page_count.is_some_and(there) || row.file_size > PAGED_MAX {
        return Err(AppError::not_found("page"));
    }
    let key = ObjectKey::Derived(row.id.0, Derived::Page(number));
    if let Ok(known) = platform.storage.head(&key).await {
        return if known.size == 0 { Err(AppError::not_found("page")) } else { Ok(()) };
    }
    let file = platform.storage.local_file(&row.key()).await?;
    let reader = Reader { platform, organization: row.organization_id };
    let webp = match pdf::page(&reader, file.path(), number, PAGE_SIDE).await {
        Ok(page) => drawing(&reader, page, "image/jpeg").await.map(|(_, webp)| webp),
        // It may be installed later.
        Err(SandboxError::Missing(_)) => return Err(AppError::not_found("page")),
        Err(error) => Err(error.into()),
    };
    match webp {
        Ok(webp) => Ok(put(platform, row.id, Derived::Page(number), webp).await?),
        Err(Unreadable::Io(reason)) => {
            tracing::warn!(%reason, file = %row.id, "failed to render a page");
            Err(AppError::unavailable("This page can't be shown right now. Try again in a moment.", RETRY_AFTER))
        }
        Err(reason) => {
            tracing::info!(%reason, file = %row.id, number, "a page cannot be drawn");
            // An empty object marks it, so that it is not tried again at each request.
            put(platform, row.id, Derived::Page(number), Vec::new()).await?;
            Err(AppError::not_found("page"))
        }
    }
}

async fn put(platform: &Platform, id: AttachmentId, which: Derived, bytes: Vec<u8>) -> Result<(), StorageError> {
    platform.storage.put_bytes(&ObjectKey::Derived(id.0, which), CONTENT_TYPE, bytes).await
}

fn side(pixels: u32) -> i32 {
    i32::try_from(pixels).unwrap_or(i32::MAX)
}
