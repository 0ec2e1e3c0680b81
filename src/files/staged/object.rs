//! The object of an upload: its URL, and its way from the staging key to the final one.

use std::time::Duration;

use super::{Owner, Staged};
use crate::platform::Platform;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::storage::{ObjectInfo, ObjectKey, PutTerms, SignedPut, StorageError};

/// Lifetime of an upload URL.
const URL_LIFETIME: Duration = Duration::from_mins(5);

/// Returns the terms of a signed upload; the type of a part is empty.
pub fn terms(platform: &Platform, size: u64, content_type: String, checksum: Option<String>) -> PutTerms {
    PutTerms { content_type, checksum, size, now: platform.clock.now(), expires_in: URL_LIFETIME }
}

/// Signs a URL that accepts exactly these bytes, under a staging key.
pub async fn sign(platform: &Platform, staging: &ObjectKey, terms: &PutTerms) -> Result<SignedPut> {
    Ok(platform.storage.presign_put(staging, terms).await?)
}

/// What was found of an uploaded object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frozen {
    /// It is under its final key, which no URL writes to.
    Ready,
    /// It has this size, not the announced one. It stays where it is.
    WrongSize(u64),
}

/// Moves an uploaded object to its final key, if it has the announced size. Only the holder of the upload's lease may call
/// this: two concurrent calls, with the old URL replayed between them, could move other bytes over the checked ones.
///
/// # Errors
/// `object_missing` if nothing was uploaded.
pub async fn freeze(platform: &Platform, staged: &Staged) -> Result<Frozen> {
    let staging = staged.staging_key();
    let found = if staged.is_joined { None } else { head(platform, &staging).await? };
    let (size, version) = match found {
        Some(info) => (info.size, Some(info.version)),
        // Moved by a call that was interrupted before it could record that, or joined there.
        None => match head(platform, &staged.key).await? {
            Some(info) => (info.size, None),
            None => return Err(object_missing(staged.owner)),
        },
    };
    if size != staged.size {
        return Ok(Frozen::WrongSize(size));
    }
    if let Some(version) = version {
        platform.storage.promote(&staging, &staged.key, &version).await?;
    }
    Ok(Frozen::Ready)
}

async fn head(platform: &Platform, key: &ObjectKey) -> Result<Option<ObjectInfo>> {
    match platform.storage.head(key).await {
        Ok(info) => Ok(Some(info)),
        Err(StorageError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Returns the error for an upload that was completed before its bytes were sent.
pub fn object_missing(owner: Owner) -> AppError {
    let message = match owner {
        Owner::Attachments => "Nothing was uploaded yet. PUT the file to its upload URL first, then complete it.",
        Owner::Pictures => "Nothing was uploaded yet. PUT the picture to its upload URL first, then complete it.",
    };
    AppError::new(ErrorKind::ObjectMissing, message)
}
