//! Photo locations: the organization's choice to keep them, their removal in `complete`, and the public copies without
//! them.

use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

use super::media_type::may_keep_place;
use super::model::PhotoLocation;
use super::store::LocationState;
use super::store::{self, AttachmentRow};
use crate::files::location::Patch;
use crate::files::media::Search;
use crate::files::previews::picture::Unreadable;
use crate::files::previews::store::PreviewRow;
use crate::files::{location, media};
use crate::people::audit::model::Action;
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::byte_size::ByteSize;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::fair_limit::FairLimit;
use crate::platform::sandbox::SandboxError;
use crate::platform::storage::{Derived, ObjectKey, StorageError};

pub async fn choice(platform: &Platform, member: &Member) -> Result<PhotoLocation> {
    member.require(Permission::OrganizationManage)?;
    let keep = store::keeps_location(platform.db.on(), member.organization_id()).await?;
    Ok(PhotoLocation { keep })
}

/// Sets the choice for later uploads.
pub async fn choose(platform: &Platform, member: &Member, choice: PhotoLocation) -> Result<PhotoLocation> {
    member.require(Permission::OrganizationManage)?;
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    member.require(Permission::OrganizationManage)?;
    store::set_keeps_location(tx.on(), member.organization_id(), choice.keep).await?;
    let detail = if choice.keep { "Locations of photos are kept" } else { "Locations are removed from photos" };
    rights::note(platform, &mut tx, member, Action::SettingChanged, detail.to_owned()).await?;
    tx.commit().await?;
    Ok(choice)
}

/// Limits how many public copies are made at a time. A request that waited uses the copy that another one made.
static COPIES: LazyLock<FairLimit> = LazyLock::new(|| FairLimit::new(4, 3));
/// Seconds after which a worker is likely to be free.
const RETRY_AFTER: u32 = 5;
/// Maximum size of a photo that is searched, in bytes.
const SEARCHED_MAX: ByteSize = ByteSize(2_000_000_000);

/// The result of removing the location from a file.
#[derive(Default)]
pub struct Outcome {
    pub location: Option<LocationState>,
    /// SHA-256 of the current bytes, in base64, if they differ from the uploaded ones.
    pub checksum: Option<String>,
}

/// Removes the location from a stored file, before anybody but its uploader can fetch it. The object is replaced as a
/// whole, so that a crash leaves the old one or the new one. Repeating it changes nothing.
///
/// # Errors
/// [`ErrorKind::UnreadableMedia`] if the photo can't be searched.
pub async fn cut(platform: &Platform, row: &AttachmentRow, content_type: &str) -> Result<Outcome> {
    if store::keeps_location(platform.db.on(), row.organization_id).await? {
        return Ok(Outcome::default());
    }
    if !location::is_cut_from(content_type) {
        return Ok(Outcome::default());
    }
    match copy_without_location(platform, row, content_type).await? {
        Copied::NoLocation => Ok(Outcome { location: Some(LocationState::Absent), checksum: None }),
        Copied::Unsearchable => Err(unreadable_media()),
        Copied::Copy { file, size, checksum } => {
            platform.storage.put_open_file(&row.key(), content_type, file, size).await?;
            Ok(Outcome { location: Some(LocationState::Removed), checksum: Some(checksum) })
        }
    }
}

/// Records that a file of a type that is not rewritten has a location. Does nothing if the organization keeps
/// locations, or the result is known.
pub async fn note_if_left(platform: &Platform, row: &PreviewRow, file: File) -> Result<(), Unreadable> {
    let (id, organization) = (row.id, row.organization_id);
    let failed = |error: sqlx::Error| Unreadable::Io(error.to_string());
    if row.location.is_some() || !may_keep_place(&row.content_type) {
        return Ok(());
    }
    if store::keeps_location(platform.db.on(), organization).await.map_err(failed)? {
        return Ok(());
    }
    if media::has_location(platform, organization, file, &row.content_type).await? {
        store::note_location(platform.db.on(), id, LocationState::Left).await.map_err(failed)?;
    }
    Ok(())
}

fn unreadable_media() -> AppError {
    let message = "This photo's metadata can't be read, so its location can't be removed. Save the photo again in \
        another program, then upload it.";
    AppError::new(ErrorKind::UnreadableMedia, message)
}

/// Returns the key of the bytes for people without an account: without the location, even if the organization keeps it.
/// The first request for such a photo waits until a copy without it is stored. Files of types that are not rewritten
/// stay unchanged.
///
/// # Errors
/// [`ErrorKind::UnreadableMedia`] if the photo can't be searched.
pub async fn public_key_of(platform: &Platform, row: &AttachmentRow) -> Result<ObjectKey> {
    let (id, stored, content_type) = (row.id, row.key(), row.content_type.as_str());
    if row.location == Some(LocationState::Unsearchable) {
        return Err(not_for_strangers());
    }
    if row.location.is_some() || !location::is_cut_from(content_type) {
        return Ok(stored);
    }
    let placeless = ObjectKey::Derived(id.0, Derived::Placeless);
    if exists(platform, &placeless).await? {
        return Ok(placeless);
    }
    let _slot = COPIES.take(row.organization_id.0).await;
    if exists(platform, &placeless).await? {
        return Ok(placeless);
    }
    match copy_without_location(platform, row, content_type).await? {
        Copied::NoLocation => {
            store::note_location(platform.db.on(), id, LocationState::Absent).await?;
            Ok(stored)
        }
        Copied::Unsearchable => {
            store::note_location(platform.db.on(), id, LocationState::Unsearchable).await?;
            Err(not_for_strangers())
        }
        Copied::Copy { file, size, .. } => {
            platform.storage.put_open_file(&placeless, content_type, file, size).await?;
            Ok(placeless)
        }
    }
}

async fn exists(platform: &Platform, key: &ObjectKey) -> Result<bool> {
    match platform.storage.head(key).await {
        Ok(_) => Ok(true),
        Err(StorageError::NotFound) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn not_for_strangers() -> AppError {
    let message = "This photo isn't public: its metadata can't be read, so its location can't be removed.";
    AppError::new(ErrorKind::UnreadableMedia, message)
}

enum Copied {
    NoLocation,
    Unsearchable,
    /// The checksum is SHA-256 in base64.
    Copy {
        file: File,
        size: u64,
        checksum: String,
    },
}

async fn copy_without_location(platform: &Platform, row: &AttachmentRow, content_type: &str) -> Result<Copied> {
    if row.file_size > SEARCHED_MAX {
        return Ok(Copied::Unsearchable);
    }
    let local = platform.storage.local_file(&row.key()).await?;
    let open = || File::open(local.path()).map_err(StorageError::from);
    let searched = media::search_location(platform, row.organization_id, open()?, content_type).await;
    let patches = match searched.map_err(busy)? {
        Search::Unsearchable => return Ok(Copied::Unsearchable),
        Search::Done(patches) if patches.is_empty() => return Ok(Copied::NoLocation),
        Search::Done(patches) => patches,
    };
    // Copies use disk space, so few are made at a time.
    let _slot = platform.media.reserve(row.organization_id.0, 0).await.map_err(busy)?;
    let (source, target) = (open()?, platform.storage.scratch_file().await?);
    let copied = spawn_blocking(move || copy(source, target, &patches)).await;
    let copied = copied.map_err(|error| AppError::unexpected("failed to copy a photo", error))?;
    Ok(copied.map_err(StorageError::from)?)
}

/// Copies a file with its patches, a piece at a time.
fn copy(mut source: File, mut target: File, patches: &[Patch]) -> io::Result<Copied> {
    let (mut digest, mut size) = (Sha256::new(), 0);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = source.read(&mut buffer)?;
        if read == 0 {
            return Ok(Copied::Copy { file: target, size, checksum: BASE64_STANDARD.encode(digest.finalize()) });
        }
        let piece = &mut buffer[..read];
        location::apply(patches, size, piece);
        digest.update(&*piece);
        target.write_all(piece)?;
        size += read as u64;
    }
}

pub fn busy(error: SandboxError) -> AppError {
    tracing::warn!(%error, "failed to inspect a file");
    AppError::unavailable("The server is busy with other files. Try again in a moment.", RETRY_AFTER)
}
