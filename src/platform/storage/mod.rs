//! Object storage: a folder, or an S3-compatible store. Both have the same contract.
//!
//! An upload goes to a **staging key** by a signed URL. [`Storage::promote`] moves it to its final key, so that the old
//! URL, which can be replayed until it expires, can no longer change what was verified.

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
use metrics::counter;
pub use r2::{KeptVersions, R2, remedy};
use uuid::Uuid;
pub use write_buffer::WriteBuffer;

use super::config::StorageConfig;
use super::error::AppError;
use super::secret::Secret;
use super::timestamp::Timestamp;

/// A signed upload: URL, method and headers for the client.
#[derive(Debug, Clone)]
pub struct SignedPut {
    /// Absolute for S3; a path on this server for local disk.
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub expires_at: Timestamp,
}

/// The terms of a signed upload: the store rejects another type or size.
#[derive(Debug, Clone)]
pub struct PutTerms {
    /// Empty for a part: the whole file has a type.
    pub content_type: String,
    /// Base64 of the SHA-256 of these bytes: others are rejected. `None` if the client did not send it.
    pub checksum: Option<String>,
    /// Exact size in bytes.
    pub size: u64,
    pub now: Timestamp,
    pub expires_in: Duration,
}

/// An object's metadata from the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectInfo {
    pub size: u64,
    /// Changes when the bytes change.
    pub version: String,
}

/// An object in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub key: String,
    /// Bytes.
    pub size: u64,
    pub modified: Timestamp,
}

/// A part that has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPart {
    /// From 1.
    pub number: u32,
    pub size: u64,
    pub etag: String,
    /// Base64 of the SHA-256, if the store reports it.
    pub checksum: Option<String>,
}

/// An unfinished upload in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedUpload {
    /// The key it is for; unknown on local disk.
    pub key: String,
    /// The storage's id.
    pub id: String,
    pub started: Timestamp,
}

#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    #[error("the object does not exist")]
    NotFound,
    /// The object changed between the check and the move.
    #[error("the object was replaced in the meantime")]
    Changed,
    #[error("the disk is full")]
    Full,
    #[error("the storage failed: {0}")]
    Failed(Failure),
}

/// Whether a text looks like an error code of S3, which log and metrics may repeat.
pub fn is_error_code(text: &str) -> bool {
    text.len() <= 40 && text.chars().all(|c| c.is_ascii_alphanumeric())
}

/// What a storage said when it failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub reason: String,
    /// Its own code: of S3 such as `AccessDenied` or the HTTP status, of a disk such as `PermissionDenied`.
    pub code: Option<String>,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.reason)
    }
}

impl StorageError {
    /// A failure without a code of the storage.
    pub fn failed(reason: impl Into<String>) -> Self {
        Self::Failed(Failure { reason: reason.into(), code: None })
    }

    /// The code that log and metrics name. `None` for what is no fault of the storage.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::NotFound | Self::Changed => None,
            Self::Full => Some("StorageFull"),
            Self::Failed(failure) => Some(failure.code.as_deref().unwrap_or("other")),
        }
    }
}

/// Seconds to wait before a retry if the store does not respond.
const RETRY_AFTER: u32 = 5;

impl From<StorageError> for AppError {
    fn from(error: StorageError) -> Self {
        let code = error.code().map(Box::from);
        let mut error = match error {
            StorageError::NotFound => Self::not_found("file"),
            StorageError::Changed => {
                Self::conflict("The file was replaced while it was being stored. Upload it again.")
            }
            StorageError::Full => {
                tracing::error!("the disk of the file storage is full");
                Self::disk_full()
            }
            StorageError::Failed(Failure { reason, code }) => {
                tracing::error!(%reason, code, "storage");
                Self::unavailable("The file storage is not responding. Try again in a moment.", RETRY_AFTER)
            }
        };
        error.store_code = code;
        error
    }
}

impl From<std::io::Error> for StorageError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::NotFound,
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            kind => Self::Failed(Failure { reason: error.to_string(), code: Some(format!("{kind:?}")) }),
        }
    }
}

/// An object as a local file. A temporary one is removed when dropped.
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

/// The bytes of an object as they are read. Ends early, or with an error, if the storage fails.
pub type ObjectStream = BoxStream<'static, io::Result<Bytes>>;

/// The selected back end.
pub enum Storage {
    LocalDisk(LocalDisk),
    R2(Box<R2>),
}

macro_rules! dispatch {
    ($self:ident.$method:ident($($arg:expr),*)) => {
        counted(stringify!($method), match $self {
            Storage::LocalDisk(disk) => disk.$method($($arg),*).await,
            Storage::R2(store) => store.$method($($arg),*).await,
        })
    };
}

pub const ERRORS: &str = "attache_storage_errors_total";

/// Counts what failed by a fault of the storage.
fn counted<T>(operation: &'static str, outcome: Result<T>) -> Result<T> {
    if let Some(code) = outcome.as_ref().err().and_then(StorageError::code) {
        counter!(ERRORS, "operation" => operation, "code" => code.to_owned()).increment(1);
    }
    outcome
}

impl Storage {
    pub async fn open(config: &StorageConfig, secret: Secret) -> anyhow::Result<Self> {
        Ok(match config {
            StorageConfig::LocalDisk { root } => Self::LocalDisk(LocalDisk::open(root.clone(), secret).await?),
            StorageConfig::S3(config) => Self::R2(Box::new(R2::open(config).await?)),
        })
    }

    /// Signs a URL that accepts a PUT of exactly these bytes until it expires.
    pub async fn presign_put(&self, key: &ObjectKey, terms: &PutTerms) -> Result<SignedPut> {
        dispatch!(self.presign_put(key, terms))
    }

    /// Begins an upload in parts for `key`. Returns the storage's id for it; `fresh` is used by a storage without ids
    /// of its own.
    pub async fn create_multipart(&self, key: &ObjectKey, fresh: Uuid, content_type: &str) -> Result<String> {
        dispatch!(self.create_multipart(key, fresh, content_type))
    }

    /// Signs a URL that accepts a PUT of exactly these bytes as a part, until it expires or the upload ends.
    pub async fn presign_part(&self, key: &ObjectKey, id: &str, number: u32, terms: &PutTerms) -> Result<SignedPut> {
        dispatch!(self.presign_part(key, id, number, terms))
    }

    /// Returns the completely uploaded parts, by number. `NotFound` if the upload has ended.
    pub async fn list_parts(&self, key: &ObjectKey, id: &str) -> Result<Vec<StoredPart>> {
        dispatch!(self.list_parts(key, id))
    }

    /// Joins the parts under `key` and ends the upload: its URLs become invalid. `Changed` if a part is no longer the
    /// listed one.
    pub async fn complete_multipart(&self, key: &ObjectKey, id: &str, parts: &[StoredPart]) -> Result<()> {
        dispatch!(self.complete_multipart(key, id, parts))
    }

    /// Ends the upload and removes its parts. Succeeds if it has ended before.
    pub async fn abort_multipart(&self, key: &ObjectKey, id: &str) -> Result<()> {
        dispatch!(self.abort_multipart(key, id))
    }

    /// Returns all unfinished uploads in parts.
    pub async fn list_multipart(&self) -> Result<Vec<ListedUpload>> {
        dispatch!(self.list_multipart())
    }

    /// Ends a listed upload and removes its parts.
    pub async fn abort_listed(&self, upload: &ListedUpload) -> Result<()> {
        dispatch!(self.abort_listed(upload))
    }

    /// Returns size and version without the bytes.
    pub async fn head(&self, key: &ObjectKey) -> Result<ObjectInfo> {
        dispatch!(self.head(key))
    }

    /// Returns the first bytes of an object, at most `limit`.
    pub async fn read_start(&self, key: &ObjectKey, limit: u64) -> Result<Vec<u8>> {
        dispatch!(self.read_start(key, limit))
    }

    /// Streams the bytes of an object from `first` to `size`, as the reader requests them.
    pub async fn read(&self, key: &ObjectKey, first: u64, size: u64) -> Result<ObjectStream> {
        dispatch!(self.read(key, first, size))
    }

    /// Moves a staged object to its final key, if it is still the checked version. Repeating it changes nothing.
    pub async fn promote(&self, staged: &ObjectKey, key: &ObjectKey, version: &str) -> Result<()> {
        dispatch!(self.promote(staged, key, version))
    }

    /// Removes an object. Succeeds if there is none.
    pub async fn delete(&self, key: &ObjectKey) -> Result<()> {
        dispatch!(self.delete(key))
    }

    /// Streams a local file to a final key.
    pub async fn put_file(&self, key: &ObjectKey, content_type: &str, file: &Path) -> Result<()> {
        dispatch!(self.put_file(key, content_type, file))
    }

    /// Streams exactly `size` bytes to a final key. Nothing is stored if the stream has another size or fails.
    pub async fn put_stream(&self, key: &ObjectKey, content_type: &str, size: u64, bytes: ObjectStream) -> Result<()> {
        let stored = match self {
            Self::LocalDisk(disk) => disk.put_stream(key, size, bytes).await,
            Self::R2(store) => store.put_stream(&key.to_string(), content_type, size, bytes).await,
        };
        counted("put_stream", stored)
    }

    /// Returns the data folder's own folder for temporary data: the system's may be small, and readable by others.
    fn temporary(&self) -> PathBuf {
        match self {
            Self::LocalDisk(disk) => disk.temporary(),
            Self::R2(store) => store.temporary().to_owned(),
        }
    }

    /// Removes temporary files that a crash left. Safe while others write: a file in use is younger than `older_than`.
    /// Returns their number.
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

    /// Creates an unnamed file for temporary data.
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

    /// Lists all objects whose key starts with this folder, such as `staging/`, in no particular order. One page is in
    /// memory at a time.
    pub fn list<'a>(&'a self, folder: &'a str) -> BoxStream<'a, Result<Listed>> {
        let listed = match self {
            Self::LocalDisk(disk) => disk.list(folder).boxed(),
            Self::R2(store) => store.list(folder).boxed(),
        };
        listed.map(|listed| counted("list", listed)).boxed()
    }

    /// Stores a few bytes from memory under a final key.
    pub async fn put_bytes(&self, key: &ObjectKey, content_type: &str, bytes: Vec<u8>) -> Result<()> {
        dispatch!(self.put_bytes(key, content_type, bytes))
    }

    /// Returns the object as a local file, for random access. From a store it is streamed to a temporary file.
    pub async fn local_file(&self, key: &ObjectKey) -> Result<LocalFile> {
        dispatch!(self.local_file(key))
    }

    /// Checks that the storage can be reached and written, for `/readyz`.
    pub async fn check(&self) -> Result<()> {
        dispatch!(self.check())
    }

    /// Writes an object and deletes it. Returns what prevents that, and what to do. A folder is checked when it is opened.
    pub async fn write_problem(&self) -> Option<String> {
        match self {
            Self::LocalDisk(_) => None,
            Self::R2(store) => store.write_problem().await,
        }
    }

    /// Returns the URL of an object, if objects are public.
    pub fn public_url(&self, key: &ObjectKey) -> Option<String> {
        match self {
            Self::LocalDisk(_) => None,
            Self::R2(store) => store.public_url(key),
        }
    }
}
