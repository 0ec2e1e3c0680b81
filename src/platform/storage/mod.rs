//! Where the bytes are: a folder, or an S3-compatible store. One contract for both.
//!
//! An upload goes to a **staging key** by a signed URL. [`Storage::promote`] moves it to its final key, so that the old URL,
//! which can be replayed until it expires, can no longer change what was verified.

mod key;
pub mod local_disk;
mod r2;
pub mod signed_url;
mod write_buffer;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
pub use key::{Derived, FiledKey, ObjectKey, PartKey};
pub use local_disk::{LocalDisk, PartPlace};
pub use r2::R2;
use uuid::Uuid;
pub use write_buffer::WriteBuffer;

use super::config::StorageConfig;
use super::error::AppError;
use super::secret::Secret;
use super::timestamp::Timestamp;

/// A signed upload: what the client must send, where and with which headers.
#[derive(Debug, Clone)]
pub struct SignedPut {
    /// Absolute for S3; for local disk a path on this server.
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub expires_at: Timestamp,
}

/// What binds a signed upload: another type or another size is refused by the store.
#[derive(Debug, Clone)]
pub struct PutTerms {
    /// Empty for a part: the type is of the whole.
    pub content_type: String,
    /// Base64 of the SHA-256 of these bytes: others are refused. None if it was not told.
    pub checksum: Option<String>,
    /// Exact size in bytes.
    pub size: u64,
    pub now: Timestamp,
    pub expires_in: Duration,
}

/// What the store says of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectInfo {
    pub size: u64,
    /// Changes when the bytes change.
    pub version: String,
}

/// An object that was found by listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub key: String,
    pub modified: Timestamp,
}

/// A part that has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPart {
    /// From 1.
    pub number: u32,
    pub size: u64,
    pub etag: String,
    /// Base64 of the SHA-256, where the store tells.
    pub checksum: Option<String>,
}

/// An upload in parts that was neither joined nor aborted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedUpload {
    /// Where it would end; on local disk it is not known.
    pub key: String,
    /// The storage's name for it.
    pub id: String,
    pub started: Timestamp,
}

#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    #[error("the object does not exist")]
    NotFound,
    /// It changed between the look and the move.
    #[error("the object was replaced in the meantime")]
    Changed,
    #[error("the disk is full")]
    Full,
    #[error("the storage failed: {0}")]
    Failed(String),
}

/// Seconds after which to try again what a store did not answer.
const RETRY_AFTER: u32 = 5;

impl From<StorageError> for AppError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::NotFound => Self::not_found("file"),
            StorageError::Changed => {
                Self::conflict("The file was replaced while it was being stored. Upload it again.")
            }
            StorageError::Full => {
                tracing::error!("the disk of the file storage is full");
                Self::disk_full()
            }
            StorageError::Failed(reason) => {
                tracing::error!(%reason, "storage");
                Self::unavailable("The file storage is not responding. Try again in a moment.", RETRY_AFTER)
            }
        }
    }
}

impl From<std::io::Error> for StorageError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::NotFound,
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Failed(error.to_string()),
        }
    }
}

/// An object as a file of this machine. A temporary one is removed when this is dropped.
pub struct LocalFile {
    path: PathBuf,
    _temporary: Option<tempfile::TempPath>,
}

impl LocalFile {
    pub fn path(&self) -> &Path {
        &self.path
    }
}

pub type Result<T, E = StorageError> = std::result::Result<T, E>;

/// The bytes of an object as they are read. Ends early, or with an error, when the storage breaks off.
pub type ObjectStream = BoxStream<'static, io::Result<Bytes>>;

/// The back end in use.
pub enum Storage {
    LocalDisk(LocalDisk),
    R2(Box<R2>),
}

macro_rules! dispatch {
    ($self:ident.$method:ident($($arg:expr),*)) => {
        match $self {
            Storage::LocalDisk(disk) => disk.$method($($arg),*).await,
            Storage::R2(store) => store.$method($($arg),*).await,
        }
    };
}

impl Storage {
    pub async fn open(config: &StorageConfig, secret: Secret) -> anyhow::Result<Self> {
        Ok(match config {
            StorageConfig::LocalDisk { root } => Self::LocalDisk(LocalDisk::open(root.clone(), secret).await?),
            StorageConfig::S3(config) => Self::R2(Box::new(R2::open(config).await?)),
        })
    }

    /// A URL to which exactly these bytes can be PUT until it expires.
    pub async fn presign_put(&self, key: &ObjectKey, terms: &PutTerms) -> Result<SignedPut> {
        dispatch!(self.presign_put(key, terms))
    }

    /// Begins an upload in parts that will end under `key`. Answers the storage's name for it; `fresh` is one
    /// for a storage that gives none of its own.
    pub async fn create_multipart(&self, key: &ObjectKey, fresh: Uuid, content_type: &str) -> Result<String> {
        dispatch!(self.create_multipart(key, fresh, content_type))
    }

    /// A URL to which exactly these bytes can be PUT as a part, until it expires or the upload ends.
    pub async fn presign_part(&self, key: &ObjectKey, id: &str, number: u32, terms: &PutTerms) -> Result<SignedPut> {
        dispatch!(self.presign_part(key, id, number, terms))
    }

    /// The parts that have arrived whole, by number. `NotFound` when the upload was ended.
    pub async fn list_parts(&self, key: &ObjectKey, id: &str) -> Result<Vec<StoredPart>> {
        dispatch!(self.list_parts(key, id))
    }

    /// Joins the parts under `key` and ends the upload: its URLs take nothing more. `Changed` when a part is no longer the one
    /// that was listed.
    pub async fn complete_multipart(&self, key: &ObjectKey, id: &str, parts: &[StoredPart]) -> Result<()> {
        dispatch!(self.complete_multipart(key, id, parts))
    }

    /// Ends the upload and removes its parts. It is no error if it was ended before.
    pub async fn abort_multipart(&self, key: &ObjectKey, id: &str) -> Result<()> {
        dispatch!(self.abort_multipart(key, id))
    }

    /// All uploads in parts that were begun and not ended.
    pub async fn list_multipart(&self) -> Result<Vec<ListedUpload>> {
        dispatch!(self.list_multipart())
    }

    /// Ends one of them and removes its parts.
    pub async fn abort_listed(&self, upload: &ListedUpload) -> Result<()> {
        dispatch!(self.abort_listed(upload))
    }

    /// Size and version, without the bytes.
    pub async fn head(&self, key: &ObjectKey) -> Result<ObjectInfo> {
        dispatch!(self.head(key))
    }

    /// The first bytes of an object, at most `limit`.
    pub async fn read_start(&self, key: &ObjectKey, limit: u64) -> Result<Vec<u8>> {
        dispatch!(self.read_start(key, limit))
    }

    /// The bytes of an object from `first` on until `size` of it are read, as the reader asks for more.
    pub async fn read(&self, key: &ObjectKey, first: u64, size: u64) -> Result<ObjectStream> {
        dispatch!(self.read(key, first, size))
    }

    /// Moves a staged object to its final key, if it is still the version that was looked at. Done twice it changes nothing.
    pub async fn promote(&self, staged: &ObjectKey, key: &ObjectKey, version: &str) -> Result<()> {
        dispatch!(self.promote(staged, key, version))
    }

    /// Removes an object. It is no error if there is none.
    pub async fn delete(&self, key: &ObjectKey) -> Result<()> {
        dispatch!(self.delete(key))
    }

    /// Stores a local file under a final key, streamed.
    pub async fn put_file(&self, key: &ObjectKey, content_type: &str, file: &Path) -> Result<()> {
        dispatch!(self.put_file(key, content_type, file))
    }

    /// The data folder's own place for bytes that are on their way: that of the system may be small, and read by others.
    fn temporary(&self) -> PathBuf {
        match self {
            Self::LocalDisk(disk) => disk.temporary(),
            Self::R2(store) => store.temporary().to_owned(),
        }
    }

    /// Removes temporary files that a crash has left. Safe while others write: a file in use is younger than `older_than`. Returns how
    /// many there were.
    pub async fn sweep_temporary(&self, older_than: Timestamp) -> Result<u64> {
        let limit = std::time::UNIX_EPOCH + Duration::from_millis(older_than.0.unsigned_abs());
        let mut removed = 0;
        let mut entries = tokio::fs::read_dir(self.temporary()).await?;
        while let Some(entry) = entries.next_entry().await? {
            let stale = entry.metadata().await.and_then(|metadata| metadata.modified()).is_ok_and(|at| at < limit);
            if stale && tokio::fs::remove_file(entry.path()).await.is_ok() {
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// A file without a name, for bytes that are on their way.
    pub async fn scratch_file(&self) -> Result<std::fs::File> {
        let folder = self.temporary();
        Ok(local_disk::off_thread(move || tempfile::tempfile_in(folder)).await?)
    }

    /// Stores an open file of `size` bytes, from its start, under a key.
    pub async fn put_open_file(
        &self,
        key: &ObjectKey,
        content_type: &str,
        file: std::fs::File,
        size: u64,
    ) -> Result<()> {
        dispatch!(self.put_open_file(key, content_type, file, size))
    }

    /// All objects whose key starts with this folder, such as `staging/`, in no particular order. One page is in memory at a
    /// time.
    pub fn list<'a>(&'a self, folder: &'a str) -> BoxStream<'a, Result<Listed>> {
        match self {
            Self::LocalDisk(disk) => disk.list(folder).boxed(),
            Self::R2(store) => store.list(folder).boxed(),
        }
    }

    /// Stores a few bytes that are in memory under a final key.
    pub async fn put_bytes(&self, key: &ObjectKey, content_type: &str, bytes: Vec<u8>) -> Result<()> {
        dispatch!(self.put_bytes(key, content_type, bytes))
    }

    /// The object as a file of this machine, for what must read here and there in it. From a store it is streamed to a
    /// temporary one.
    pub async fn local_file(&self, key: &ObjectKey) -> Result<LocalFile> {
        dispatch!(self.local_file(key))
    }

    /// Whether the storage can be reached and written, for `/readyz`.
    pub async fn check(&self) -> Result<()> {
        dispatch!(self.check())
    }

    /// The URL of a public object, where objects are public.
    pub fn public_url(&self, key: &ObjectKey) -> Option<String> {
        match self {
            Self::LocalDisk(_) => None,
            Self::R2(store) => store.public_url(key),
        }
    }
}
