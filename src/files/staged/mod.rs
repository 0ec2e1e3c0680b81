//! Staged uploads: what attachments and pictures have in common from the first request to the final object.
//!
//! An upload begins with a row, which has an id and an attempt. Its bytes are put under the staging key of both, by a
//! signed URL (`object::sign`). One request at a time completes it, under a lease (`lease`): `object::freeze` looks at
//! the staged object, compares its size with the announced one, and moves it to a key without an upload URL; then the
//! owner reads its first bytes, and accepts or refuses it.
//!
//! Which types are accepted, retries, parts, and who sees the result are the owners': `attachments` with `uploads`, and
//! `pictures`. Their changes of status are single statements that are guarded by the lease.

pub mod lease;
pub mod object;
mod store;

use uuid::Uuid;

use crate::platform::Platform;
use crate::platform::error::Result;
use crate::platform::storage::ObjectKey;

pub use store::{Lease, expects_upload};

/// The table of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    Attachments,
    /// Avatars, logos and emoji.
    Pictures,
}

/// An attempt of an upload.
#[derive(Debug, Clone)]
pub struct Staged {
    pub owner: Owner,
    pub id: Uuid,
    pub attempt: Uuid,
    /// The row's status when it was read.
    pub status: &'static str,
    /// Announced, in bytes.
    pub size: u64,
    /// The final key.
    pub key: ObjectKey,
    /// Whether its parts are joined under the final key: no staged object may replace that.
    pub is_joined: bool,
}

impl Staged {
    /// The only key that an upload URL writes to.
    pub fn staging_key(&self) -> ObjectKey {
        ObjectKey::Staging(self.id, self.attempt)
    }

    /// Removes its bytes, wherever they are. The caller has the lease, or nobody can take one any more.
    pub async fn remove(&self, platform: &Platform) -> Result<()> {
        platform.storage.delete(&self.staging_key()).await?;
        Ok(platform.storage.delete(&self.key).await?)
    }
}
