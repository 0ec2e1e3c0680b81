//! Whether the place where a photo was taken stays in it: the organisation's choice, what `complete` does about it, and what
//! strangers get.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::location;
use super::media_type::may_keep_place;
use super::model::{Location, PhotoLocation};
use super::store::{self, AttachmentRow};
use crate::organizations::model::Permission;
use crate::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::{AppError, Result};
use crate::platform::storage::{Derived, LocalFile, ObjectKey, StorageError};

pub async fn choice(platform: &Platform, member: &Member) -> Result<PhotoLocation> {
    member.require(Permission::OrganizationManage)?;
    let keep = store::keeps_location(platform.db.on(), member.organization_id()).await?;
    Ok(PhotoLocation { keep })
}

/// Holds for what is uploaded from then on.
pub async fn choose(platform: &Platform, member: &Member, choice: PhotoLocation) -> Result<PhotoLocation> {
    member.require(Permission::OrganizationManage)?;
    store::set_keeps_location(platform.db.on(), member.organization_id(), choice.keep).await?;
    Ok(choice)
}

/// What is noted of a photo that was looked into and holds no place; nobody is told. Nothing is noted of one that was not
/// looked into, because its organisation keeps places.
const ABSENT: &str = "absent";
/// How many photos are copied at the same time for who has a share link.
static COPIES: Semaphore = Semaphore::const_new(4);

/// What became of the place in a file.
#[derive(Default)]
pub struct Outcome {
    /// The name of a [`Location`], or [`ABSENT`].
    pub location: Option<&'static str>,
    /// SHA-256 of the bytes as they are now, in base64, when they are others than were uploaded.
    pub checksum: Option<String>,
}

/// Cuts the place out of a stored file, before anybody but its uploader can fetch it. The object is replaced as a whole, so
/// that a crash leaves the old one or the new one. Done twice it changes nothing.
pub async fn cut(platform: &Platform, row: &AttachmentRow, content_type: &str) -> Result<Outcome> {
    if store::keeps_location(platform.db.on(), row.organization_id).await? {
        return Ok(Outcome::default());
    }
    if may_keep_place(content_type) {
        return Ok(Outcome { location: Some(Location::Left.name()), checksum: None });
    }
    if !location::is_cut_from(content_type) {
        return Ok(Outcome::default());
    }
    let key = row.key();
    let file = platform.storage.local_file(&key).await?;
    let Some((copy, checksum)) = copied_without_place(&file, content_type).await? else {
        return Ok(Outcome { location: Some(ABSENT), checksum: None });
    };
    platform.storage.put_file(&key, content_type, copy.path()).await?;
    Ok(Outcome { location: Some(Location::Removed.name()), checksum: Some(checksum) })
}

/// Where the bytes of a file are that strangers may have: without the place, also where the organisation keeps it. The first
/// who asks for such a photo waits until a copy without is stored. Files of types that are left as they are stay so.
pub async fn key_for_strangers(platform: &Platform, row: &AttachmentRow) -> Result<ObjectKey> {
    let (id, stored, content_type) = (row.id, row.key(), row.content_type.as_str());
    if row.location.is_some() || !location::is_cut_from(content_type) {
        return Ok(stored);
    }
    let placeless = ObjectKey::Derived(id.0, Derived::Placeless);
    match platform.storage.head(&placeless).await {
        Ok(_) => return Ok(placeless),
        Err(StorageError::NotFound) => {}
        Err(error) => return Err(error.into()),
    }
    let _one_of_few = COPIES.acquire().await.expect("the semaphore is never closed");
    let file = platform.storage.local_file(&stored).await?;
    let Some((copy, _)) = copied_without_place(&file, content_type).await? else {
        store::note_no_place(platform.db.on(), id, ABSENT).await?;
        return Ok(stored);
    };
    platform.storage.put_file(&placeless, content_type, copy.path()).await?;
    Ok(placeless)
}

async fn copied_without_place(file: &LocalFile, content_type: &str) -> Result<Option<(NamedTempFile, String)>> {
    let (path, of_type) = (file.path().to_owned(), content_type.to_owned());
    let copied = spawn_blocking(move || copy_without_place(&path, &of_type)).await;
    let copied = copied.map_err(|error| AppError::unexpected("a photo could not be looked into", error))?;
    Ok(copied.map_err(StorageError::from)?)
}

/// A copy and its checksum; `None` when there is no place in the file.
fn copy_without_place(path: &Path, content_type: &str) -> std::io::Result<Option<(NamedTempFile, String)>> {
    let mut source = BufReader::new(File::open(path)?);
    if location::find(&mut source, content_type)?.is_empty() {
        return Ok(None);
    }
    let mut copy = NamedTempFile::new()?;
    location::copy_without(&mut source, content_type, &mut copy)?;
    copy.flush()?;
    copy.seek(SeekFrom::Start(0))?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match copy.read(&mut buffer)? {
            0 => return Ok(Some((copy, BASE64_STANDARD.encode(digest.finalize())))),
            read => digest.update(&buffer[..read]),
        }
    }
}
