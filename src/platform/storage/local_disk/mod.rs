//! The storage back end for a local folder.

mod multipart;
mod newest;
mod parts;
mod read;
mod write;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tokio::fs;

use super::{LocalFile, ObjectInfo, ObjectKey, PutTerms, Result, SignedPut, StorageError, signed_url};
use crate::platform::private_folder::create_private_folder;
use crate::platform::secret::Secret;
use crate::platform::timestamp::Timestamp;
use newest::Newest;
use parts::LocalParts;

pub use parts::PartPlace;
pub use read::ObjectBytes;
pub use write::{ReceiveError, write_exactly};

/// Bytes that must be free for the storage to be ready: no upload is smaller than a block of the disk.
const PROBE: usize = 64 * 1024;
/// Maximum attempts to move an object to a folder that another request removes at the same time.
const RENAME_ATTEMPTS: u32 = 5;

pub struct LocalDisk {
    root: PathBuf,
    secret: Secret,
    parts: LocalParts,
    uploads: Newest,
}

/// Moves a file to a folder, which is created if missing, and makes both durable.
pub fn move_file(from: &Path, to: &Path) -> io::Result<()> {
    let folder = to.parent().ok_or_else(|| io::Error::other("a key without a folder"))?;
    for attempt in 1.. {
        let there = folder.ancestors().find(|folder| folder.exists());
        std::fs::create_dir_all(folder)?;
        match std::fs::rename(from, to) {
            // A deletion has just removed the folder, which was still empty.
            Err(error) if attempt < RENAME_ATTEMPTS && is_missing(&error) && !folder.exists() => continue,
            moved => moved?,
        }
        for folder in folder.ancestors() {
            std::fs::File::open(folder)?.sync_all()?;
            if there == Some(folder) {
                break;
            }
        }
        break;
    }
    Ok(())
}

fn is_missing(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

/// Runs blocking work on a thread where it delays no other request.
pub async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

impl LocalDisk {
    pub async fn open(root: PathBuf, secret: Secret) -> anyhow::Result<Self> {
        let parts = LocalParts::new(root.join("parts"));
        let disk = Self { root, secret, parts, uploads: Newest::default() };
        let refused = |folder: &Path, error: &dyn std::fmt::Display| {
            anyhow::anyhow!(
                "STORAGE_ROOT: {} is not writable ({error}). Set it to a folder that this user can write to.",
                folder.display()
            )
        };
        for folder in [disk.objects(), disk.temporary(), disk.parts.root().to_owned()] {
            create_private_folder(&folder).await.map_err(|error| refused(&folder, &error))?;
        }
        match disk.check().await {
            // Files can still be read and removed.
            Ok(()) | Err(StorageError::Full) => Ok(disk),
            Err(error) => Err(refused(&disk.root, &error)),
        }
    }

    fn objects(&self) -> PathBuf {
        self.root.join("objects")
    }

    /// Returns a folder on the same file system as the objects, so that a rename is atomic.
    pub(super) fn temporary(&self) -> PathBuf {
        self.root.join("tmp")
    }

    fn path(&self, key: &ObjectKey) -> PathBuf {
        self.objects().join(key.to_string())
    }

    #[expect(clippy::unused_async, reason = "awaited by `Storage` like that of the store")]
    pub async fn presign_put(&self, key: &ObjectKey, terms: &PutTerms) -> Result<SignedPut> {
        let (url, expires_at) = signed_url::sign(&self.secret, key, terms);
        Ok(SignedPut { url, headers: vec![("Content-Type".to_owned(), terms.content_type.clone())], expires_at })
    }

    /// Verifies that a signed URL is ours, unaltered and not expired.
    pub fn verify_put(
        &self,
        key: &impl std::fmt::Display,
        query: &signed_url::SignedQuery,
        now: Timestamp,
    ) -> crate::platform::error::Result<()> {
        signed_url::verify(&self.secret, key, query, now)
    }

    pub async fn head(&self, key: &ObjectKey) -> Result<ObjectInfo> {
        let metadata = fs::metadata(self.path(key)).await?;
        Ok(ObjectInfo { size: metadata.len(), version: version(&metadata) })
    }

    pub async fn promote(&self, staged: &ObjectKey, key: &ObjectKey, version: &str) -> Result<()> {
        let from = self.path(staged);
        match fs::metadata(&from).await {
            Ok(metadata) if self::version(&metadata) != version => return Err(StorageError::Changed),
            Ok(_) => {}
            // Already moved by an earlier call whose response was lost.
            Err(_) if fs::try_exists(self.path(key)).await? => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        self.rename(&from, &self.path(key)).await?;
        // Further bytes of it would use space that nothing counts.
        self.uploads.end(staged);
        self.remove_empty_parents(&from).await;
        Ok(())
    }

    /// Ends the running request that uploads this object, if there is one.
    pub fn end_upload(&self, key: &ObjectKey) {
        self.uploads.end(key);
    }

    pub async fn delete(&self, key: &ObjectKey) -> Result<()> {
        self.uploads.end(key);
        let path = self.path(key);
        match fs::remove_file(&path).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        self.remove_empty_parents(&path).await;
        Ok(())
    }

    /// Returns the bytes that are free for files.
    pub fn free_space(&self) -> io::Result<u64> {
        let space = rustix::fs::statvfs(&self.root)?;
        Ok(space.f_bavail.saturating_mul(space.f_frsize))
    }

    pub async fn local_file(&self, key: &ObjectKey) -> Result<LocalFile> {
        // Absolute, so that no tool parses it as a flag.
        let path = fs::canonicalize(self.path(key)).await?;
        Ok(LocalFile { path, _temporary: None })
    }

    /// Writes a new file each time: overwriting an existing one needs no space, and would succeed on a full disk.
    pub async fn check(&self) -> Result<()> {
        let folder = self.temporary();
        off_thread(move || tempfile::tempfile_in(folder)?.write_all(&vec![0; PROBE])).await?;
        Ok(())
    }

    async fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        let (from, to) = (from.to_owned(), to.to_owned());
        Ok(off_thread(move || move_file(&from, &to)).await?)
    }

    /// Removes the empty folders of a removed object.
    async fn remove_empty_parents(&self, path: &Path) {
        let objects = self.objects();
        for folder in path.ancestors().skip(1).take_while(|folder| **folder != *objects) {
            // Fails while it contains another object, as intended.
            if fs::remove_dir(folder).await.is_err() {
                break;
            }
        }
    }
}

fn version(metadata: &std::fs::Metadata) -> String {
    use std::os::unix::fs::MetadataExt;
    format!("{}-{}-{}", metadata.ino(), metadata.len(), metadata.mtime_nsec())
}
