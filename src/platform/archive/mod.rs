//! Where back-ups are stored: a folder, or a prefix of a bucket. Both have the same contract: a file is complete or not
//! there. Knows nothing of what a back-up contains.

mod bucket;
mod folder;

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use sha2::{Digest, Sha256};

use super::config::ArchiveConfig;
use super::db::rows::hex;
use super::storage::{ObjectStream, Result, StorageError};
use super::timestamp::Timestamp;
use bucket::Bucket;
use folder::Folder;

pub enum Archive {
    Folder(Folder),
    Bucket(Box<Bucket>),
}

/// A file of a listing. Names have slashes, such as `objects/019a…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub name: String,
    pub size: u64,
    pub modified: Timestamp,
}

/// A name must not lead out of the archive, even if a manifest was altered.
fn check_name(name: &str) -> Result<()> {
    let is_sound = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', '\0']);
    if name.split('/').all(is_sound) { Ok(()) } else { Err(StorageError::failed(format!("{name:?} is no file name"))) }
}

impl Archive {
    /// Opens the archive, and creates the folder if it is missing. Errors say what to correct.
    pub async fn open(config: &ArchiveConfig) -> anyhow::Result<Self> {
        Ok(match config {
            ArchiveConfig::Folder(path) => Self::Folder(Folder::open(path).await?),
            ArchiveConfig::Bucket { store, prefix } => Self::Bucket(Box::new(Bucket::open(store, prefix).await?)),
        })
    }

    /// Opens an existing archive, which need not be writable.
    pub async fn open_to_read(config: &ArchiveConfig) -> anyhow::Result<Self> {
        if let ArchiveConfig::Folder(path) = config {
            anyhow::ensure!(path.is_dir(), "There is no folder {}.", path.display());
            return Ok(Self::Folder(Folder::existing(path)));
        }
        Self::open(config).await
    }

    /// Stores a stream of exactly `size` bytes. Nothing is stored if it has another size or fails.
    pub async fn put(&self, name: &str, size: u64, bytes: ObjectStream) -> Result<()> {
        check_name(name)?;
        match self {
            Self::Folder(folder) => folder.put(name, size, bytes).await,
            Self::Bucket(bucket) => bucket.put(name, size, bytes).await,
        }
    }

    pub async fn put_bytes(&self, name: &str, bytes: Vec<u8>) -> Result<()> {
        let (size, bytes) = (bytes.len() as u64, Bytes::from(bytes));
        self.put(name, size, futures::stream::once(async { Ok(bytes) }).boxed()).await
    }

    pub async fn read(&self, name: &str) -> Result<ObjectStream> {
        check_name(name)?;
        match self {
            Self::Folder(folder) => folder.read(name).await,
            Self::Bucket(bucket) => bucket.read(name).await,
        }
    }

    /// Reads a small file.
    pub async fn read_bytes(&self, name: &str) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut read = self.read(name).await?;
        while let Some(chunk) = read.try_next().await? {
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    /// Lists all files of a folder such as `objects/` recursively, in no particular order.
    pub fn list<'a>(&'a self, folder: &'a str) -> BoxStream<'a, Result<Listed>> {
        match self {
            Self::Folder(own) => own.list(folder).boxed(),
            Self::Bucket(bucket) => bucket.list(folder).boxed(),
        }
    }

    /// Removes a file. Succeeds if there is none.
    pub async fn delete(&self, name: &str) -> Result<()> {
        check_name(name)?;
        match self {
            Self::Folder(folder) => folder.delete(name).await,
            Self::Bucket(bucket) => bucket.delete(name).await,
        }
    }

    /// Removes what an interrupted writer left. No other one may write at the same time.
    pub async fn sweep(&self) -> Result<()> {
        match self {
            Self::Folder(folder) => folder.sweep().await,
            Self::Bucket(bucket) => bucket.sweep().await,
        }
    }
}

/// The checksum of a stream, after all of it was read.
#[derive(Clone, Default)]
pub struct Checksum(Arc<Mutex<(u64, Sha256)>>);

impl Checksum {
    /// Computes the checksum of the bytes as they are read.
    pub fn of(&self, bytes: ObjectStream) -> ObjectStream {
        let seen = self.clone();
        bytes
            .inspect_ok(move |chunk| {
                let mut seen = seen.0.lock().unwrap_or_else(PoisonError::into_inner);
                seen.0 += chunk.len() as u64;
                seen.1.update(chunk);
            })
            .boxed()
    }

    /// Returns the number of bytes and their SHA-256 in hexadecimal.
    pub fn end(&self) -> (u64, String) {
        let (size, digest) = self.bytes();
        (size, hex(&digest))
    }

    /// Returns the number of bytes and their SHA-256.
    pub fn bytes(&self) -> (u64, Vec<u8>) {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (seen.0, seen.1.clone().finalize().to_vec())
    }
}
