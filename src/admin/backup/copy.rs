//! Copies one object from the storage to an archive.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use uuid::Uuid;

use super::contents::OBJECTS;
use super::manifest::{BackedUpObject, Lost};
use crate::admin::stored_objects::{OwnedBy, StoredObject};
use crate::files::attachments::store::clean_up::has_bytes;
use crate::files::pictures;
use crate::files::pictures::model::PictureStatus;
use crate::ids::{AttachmentId, PictureId};
use crate::platform::Platform;
use crate::platform::archive::{Archive, Checksum};
use crate::platform::db::rows::hex;
use crate::platform::storage::{ObjectKey, StorageError};

/// Attempts to copy an object, and the pause before the next one.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_secs(5);

/// An object to copy.
pub struct Source {
    pub key: ObjectKey,
    /// The file of the archive.
    pub name: String,
    /// Bytes.
    pub size: u64,
    pub content_type: String,
    /// The row that requires it. `None` for a derived object, which can be made again.
    pub row: Option<(OwnedBy, Uuid)>,
}

impl Source {
    pub fn of(object: StoredObject) -> Self {
        let name = format!("{OBJECTS}{}", object.key);
        let row = Some((object.owner, object.id));
        Self { key: object.key, name, size: object.size, content_type: object.content_type, row }
    }
}

pub struct Copied {
    pub object: BackedUpObject,
    pub sha256: [u8; 32],
}

/// Copies an object. Returns `None` for a derived one that no longer exists.
pub async fn copy(platform: Platform, archive: Arc<Archive>, source: Source) -> Result<Option<Copied>> {
    for attempt in 1.. {
        match try_copy(&platform, &archive, &source).await {
            Ok(Some((sha256, text))) => {
                return Ok(Some(Copied { object: source.listed(text, None), sha256 }));
            }
            Ok(None) => break,
            Err(error) if attempt < ATTEMPTS => {
                tracing::debug!(%error, key = %source.key, attempt, "copying a file for a back-up failed");
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(error).with_context(|| format!("Cannot copy {}", source.key)),
        }
    }
    let Some(row) = source.row else { return Ok(None) };
    let lost = if is_required(&platform, row).await? { Lost::Missing } else { Lost::Purged };
    Ok(Some(Copied { object: source.listed(String::new(), Some(lost)), sha256: [0; 32] }))
}

/// Returns the checksum, or `None` if the storage does not have the object with this size.
async fn try_copy(platform: &Platform, archive: &Archive, source: &Source) -> Result<Option<([u8; 32], String)>> {
    match platform.storage.head(&source.key).await {
        Ok(info) if info.size == source.size => {}
        Ok(_) | Err(StorageError::NotFound) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let bytes = match platform.storage.read(&source.key, 0, source.size).await {
        Err(StorageError::NotFound) => return Ok(None),
        bytes => bytes?,
    };
    let checksum = Checksum::default();
    archive.put(&source.name, source.size, checksum.of(bytes)).await?;
    let (_, digest) = checksum.bytes();
    let text = hex(&digest);
    Ok(digest.try_into().ok().map(|digest| (digest, text)))
}

/// Returns whether the row still requires its object.
async fn is_required(platform: &Platform, (owner, id): (OwnedBy, Uuid)) -> Result<bool> {
    Ok(match owner {
        OwnedBy::Attachment => has_bytes(platform.db.on(), AttachmentId(id)).await?,
        OwnedBy::Picture => {
            let row = pictures::store::find(platform.db.on(), PictureId(id)).await?;
            row.is_some_and(|row| row.status == PictureStatus::Complete)
        }
    })
}
