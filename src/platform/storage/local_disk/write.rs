//! Writing to disk: to a temporary name, then fsync and rename, so that a crash leaves no incomplete file under a real
//! key.

use std::io::{self, Seek, Write};
use std::path::Path;

use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt};
use sha2::{Digest, Sha256};
use tokio::fs::{self, File, OpenOptions};
use tokio::io::{AsyncWriteExt, BufWriter};
use uuid::Uuid;

use super::parts::checksum_of;
use super::{LocalDisk, off_thread};
use crate::platform::storage::{ObjectKey, ObjectStream, Result, StorageError, WriteBuffer};

/// Why a streamed upload was not stored.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    #[error("received {received} of {announced} bytes")]
    WrongSize { received: u64, announced: u64 },
    #[error("the checksum doesn't match")]
    WrongChecksum,
    /// Another request now writes this part, or the upload has ended.
    #[error("another request took over")]
    Superseded,
    /// The client disconnected.
    #[error("the connection was lost")]
    Interrupted,
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Writes a stream to a file, and syncs it. Fails if the stream has another size.
pub async fn write_exactly(file: std::fs::File, size: u64, mut bytes: ObjectStream) -> Result<()> {
    let (mut file, mut written) = (File::from_std(file), 0);
    while let Some(chunk) = bytes.try_next().await? {
        written += chunk.len() as u64;
        file.write_all(&chunk).await?;
    }
    if written != size {
        let reason = format!("the stream has {written} bytes, not the announced {size}");
        return Err(StorageError::failed(reason));
    }
    file.flush().await?;
    file.sync_all().await?;
    Ok(())
}

impl LocalDisk {
    pub async fn put_stream(&self, key: &ObjectKey, size: u64, bytes: ObjectStream) -> Result<()> {
        let (file, temporary) = tempfile::NamedTempFile::new_in(self.temporary())?.into_parts();
        write_exactly(file, size, bytes).await?;
        self.rename(&temporary, &self.path(key)).await
    }

    pub async fn put_file(&self, key: &ObjectKey, _content_type: &str, file: &Path) -> Result<()> {
        // A unique name, because two requests may store the same object at once. On failure the file is removed when
        // dropped.
        let temporary = tempfile::NamedTempFile::new_in(self.temporary())?.into_temp_path();
        fs::copy(file, &temporary).await?;
        File::open(&temporary).await?.sync_all().await?;
        self.rename(&temporary, &self.path(key)).await
    }

    pub async fn put_open_file(
        &self,
        key: &ObjectKey,
        _content_type: &str,
        mut file: std::fs::File,
        _size: u64,
    ) -> Result<()> {
        let folder = self.temporary();
        let temporary = off_thread(move || {
            file.rewind()?;
            let mut copy = tempfile::NamedTempFile::new_in(folder)?;
            // Between two files the kernel copies (copy_file_range), without buffers of ours.
            io::copy(&mut file, copy.as_file_mut())?;
            copy.as_file().sync_all()?;
            Ok(copy.into_temp_path())
        })
        .await?;
        self.rename(&temporary, &self.path(key)).await
    }

    pub async fn put_bytes(&self, key: &ObjectKey, _content_type: &str, bytes: Vec<u8>) -> Result<()> {
        let folder = self.temporary();
        let temporary = off_thread(move || {
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(&bytes)?;
            file.as_file().sync_all()?;
            Ok(file.into_temp_path())
        })
        .await?;
        self.rename(&temporary, &self.path(key)).await
    }

    /// Streams an upload to its staging key. An incomplete or mismatching upload is removed. Of several requests for
    /// one key the newest continues, so that they use the space of one.
    pub async fn receive<S, E>(
        &self,
        key: &ObjectKey,
        announced: u64,
        checksum: Option<&str>,
        attempt: Uuid,
        bytes: S,
    ) -> Result<(), ReceiveError>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        let temporary = self.temporary().join(attempt.to_string());
        let claim = self.uploads.begin(key);
        let stored = tokio::select! {
            stored = self.write_stream(&temporary, announced, checksum, bytes) => stored,
            () = claim.superseded() => Err(ReceiveError::Superseded),
        };
        let done = match stored {
            Ok(()) => self.rename(&temporary, &self.path(key)).await.map_err(ReceiveError::Storage),
            Err(error) => Err(error),
        };
        if done.is_err() {
            let _ = fs::remove_file(&temporary).await;
        }
        done
    }

    async fn write_stream<S, E>(
        &self,
        path: &Path,
        announced: u64,
        checksum: Option<&str>,
        mut bytes: S,
    ) -> Result<(), ReceiveError>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        let file = OpenOptions::new().write(true).create_new(true).open(path).await.map_err(StorageError::from)?;
        let buffer = WriteBuffer::reserve();
        let mut writer = BufWriter::with_capacity(buffer.size(), file);
        let mut received = 0_u64;
        let mut digest = checksum.is_some().then(Sha256::new);
        while let Some(chunk) = bytes.next().await {
            let chunk = chunk.map_err(|_| ReceiveError::Interrupted)?;
            received += chunk.len() as u64;
            if received > announced {
                return Err(ReceiveError::WrongSize { received, announced });
            }
            if let Some(digest) = &mut digest {
                digest.update(&chunk);
            }
            writer.write_all(&chunk).await.map_err(StorageError::from)?;
        }
        if received != announced {
            return Err(ReceiveError::WrongSize { received, announced });
        }
        if digest.map(checksum_of).as_deref() != checksum {
            return Err(ReceiveError::WrongChecksum);
        }
        writer.flush().await.map_err(StorageError::from)?;
        writer.into_inner().sync_all().await.map_err(StorageError::from)?;
        Ok(())
    }
}
