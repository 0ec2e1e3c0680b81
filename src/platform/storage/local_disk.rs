//! Files in a folder. Bytes go to a temporary name, then fsync and rename: a crash leaves no half file under a real key.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use sha2::{Digest, Sha256};
use tokio::fs::{self, File, OpenOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufWriter};
use uuid::Uuid;

use super::local_parts::{LocalParts, PartPlace, checksum_of};
use super::{
    Listed, ListedUpload, LocalFile, ObjectInfo, ObjectKey, ObjectStream, PartKey, PutTerms, Result, SignedPut,
    StorageError, StoredPart, signed_url,
};
use crate::platform::secret::Secret;
use crate::platform::timestamp::Timestamp;

/// Bytes gathered before they are written: few system calls, little memory.
pub const WRITE_BUFFER: usize = 512 * 1024;
/// Bytes read at a time: few system calls, and a slow client holds no more than two of these.
const READ_BUFFER: u64 = 256 * 1024;

pub struct LocalDisk {
    root: PathBuf,
    secret: Secret,
    parts: LocalParts,
}

/// Why a streamed upload was not stored.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    #[error("{received} of {announced} bytes came")]
    WrongSize { received: u64, announced: u64 },
    #[error("the bytes are not those that were announced")]
    WrongChecksum,
    /// Another request writes this part now, or the upload was ended.
    #[error("another request took over")]
    Superseded,
    /// The client went away.
    #[error("the connection was lost")]
    Interrupted,
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Bytes of an object that was opened. What is small is there at once.
pub enum ObjectBytes {
    Whole(Bytes),
    Start(Bytes, OpenObject),
}

/// A file with so many bytes left to serve.
pub struct OpenObject {
    file: std::fs::File,
    left: u64,
}

impl OpenObject {
    /// The bytes that are left, a buffer at a time.
    pub fn stream(self) -> impl Stream<Item = io::Result<Bytes>> {
        stream::try_unfold(self, async |object| {
            if object.left == 0 {
                return Ok(None);
            }
            off_thread(|| object.read_chunk()).await.map(Some)
        })
    }

    /// Reads into a buffer that is then sent as it is, where tokio's own file would copy it once more.
    fn read_chunk(mut self) -> io::Result<(Bytes, Self)> {
        let size = self.left.min(READ_BUFFER);
        let mut chunk = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        let read = (&self.file).take(size).read_to_end(&mut chunk)?;
        if read as u64 != size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= size;
        Ok((chunk.into(), self))
    }
}

/// Runs what blocks where it holds up no other request.
pub async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

impl LocalDisk {
    pub async fn open(root: PathBuf, secret: Secret) -> anyhow::Result<Self> {
        let parts = LocalParts::new(root.join("parts"));
        let disk = Self { root, secret, parts };
        for folder in [disk.objects(), disk.temporary(), disk.parts.root().to_owned()] {
            fs::create_dir_all(&folder).await.map_err(|error| {
                anyhow::anyhow!(
                    "STORAGE_ROOT: {} cannot be written ({error}). Set it to a folder that this user may write.",
                    folder.display()
                )
            })?;
        }
        Ok(disk)
    }

    fn objects(&self) -> PathBuf {
        self.root.join("objects")
    }

    /// On the same file system as the objects, so that a rename is atomic.
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

    /// Whether a signed URL is ours, unaltered and still valid.
    pub fn verify_put(
        &self,
        key: &impl std::fmt::Display,
        query: &signed_url::SignedQuery,
        now: Timestamp,
    ) -> crate::platform::error::Result<()> {
        signed_url::verify(&self.secret, key, query, now)
    }

    pub async fn create_multipart(&self, _key: &ObjectKey, fresh: Uuid, _content_type: &str) -> Result<String> {
        self.parts.create(fresh).await?;
        Ok(fresh.to_string())
    }

    #[expect(clippy::unused_async, reason = "awaited by `Storage` like that of the store")]
    pub async fn presign_part(&self, key: &ObjectKey, id: &str, number: u32, terms: &PutTerms) -> Result<SignedPut> {
        let ObjectKey::Attachment(attachment) = *key else { return Err(StorageError::NotFound) };
        let (url, expires_at) =
            signed_url::sign(&self.secret, &PartKey { attachment, upload: upload_id(id)?, number }, terms);
        Ok(SignedPut { url, headers: Vec::new(), expires_at })
    }

    pub async fn list_multipart(&self) -> Result<Vec<ListedUpload>> {
        self.parts.list_uploads().await
    }

    pub async fn abort_listed(&self, upload: &ListedUpload) -> Result<()> {
        self.parts.abort(upload_id(&upload.id)?).await
    }

    pub async fn list_parts(&self, _key: &ObjectKey, id: &str) -> Result<Vec<StoredPart>> {
        self.parts.list(upload_id(id)?).await
    }

    pub async fn complete_multipart(&self, key: &ObjectKey, id: &str, parts: &[StoredPart]) -> Result<()> {
        self.parts.join(upload_id(id)?, parts, self.path(key)).await
    }

    pub async fn abort_multipart(&self, _key: &ObjectKey, id: &str) -> Result<()> {
        self.parts.abort(upload_id(id)?).await
    }

    /// Streams a part to its place in the file that they make.
    pub async fn receive_part<S, E>(&self, place: PartPlace, bytes: S) -> Result<(), ReceiveError>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        self.parts.receive(place, bytes).await
    }

    pub async fn head(&self, key: &ObjectKey) -> Result<ObjectInfo> {
        let metadata = fs::metadata(self.path(key)).await?;
        Ok(ObjectInfo { size: metadata.len(), version: version(&metadata) })
    }

    pub async fn read_start(&self, key: &ObjectKey, limit: u64) -> Result<Vec<u8>> {
        let mut start = Vec::new();
        File::open(self.path(key)).await?.take(limit).read_to_end(&mut start).await?;
        Ok(start)
    }

    /// Opens `length` bytes of an object from `first` on, to serve them.
    pub async fn open_object(&self, key: &ObjectKey, first: u64, length: u64) -> Result<ObjectBytes> {
        let path = self.path(key);
        let (start, rest) = off_thread(move || {
            let mut file = std::fs::File::open(path)?;
            file.seek(SeekFrom::Start(first))?;
            OpenObject { file, left: length }.read_chunk()
        })
        .await?;
        Ok(if rest.left == 0 { ObjectBytes::Whole(start) } else { ObjectBytes::Start(start, rest) })
    }

    pub async fn read(&self, key: &ObjectKey, first: u64, size: u64) -> Result<ObjectStream> {
        Ok(match self.open_object(key, first, size.saturating_sub(first)).await? {
            ObjectBytes::Whole(bytes) => Box::pin(stream::once(async { Ok(bytes) })),
            ObjectBytes::Start(start, rest) => Box::pin(stream::once(async { Ok(start) }).chain(rest.stream())),
        })
    }

    pub async fn promote(&self, staged: &ObjectKey, key: &ObjectKey, version: &str) -> Result<()> {
        let from = self.path(staged);
        match fs::metadata(&from).await {
            Ok(metadata) if self::version(&metadata) != version => return Err(StorageError::Changed),
            Ok(_) => {}
            // Already moved by an earlier call whose answer was lost.
            Err(_) if fs::try_exists(self.path(key)).await? => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        self.rename(&from, &self.path(key)).await?;
        self.remove_empty_parents(&from).await;
        Ok(())
    }

    pub async fn delete(&self, key: &ObjectKey) -> Result<()> {
        let path = self.path(key);
        match fs::remove_file(&path).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        self.remove_empty_parents(&path).await;
        Ok(())
    }

    pub async fn put_file(&self, key: &ObjectKey, _content_type: &str, file: &Path) -> Result<()> {
        // A name of its own: two may store the same at once. Where this fails, the file is removed when it is dropped.
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
            io::copy(&mut file, &mut copy)?;
            copy.as_file().sync_all()?;
            Ok(copy.into_temp_path())
        })
        .await?;
        self.rename(&temporary, &self.path(key)).await
    }

    /// Walks a folder of objects, one directory open at a time.
    pub fn list(&self, folder: &str) -> impl Stream<Item = Result<Listed>> + Send {
        let objects = self.objects();
        let waiting = vec![objects.join(folder)];
        stream::try_unfold((waiting, None::<fs::ReadDir>), move |(mut waiting, mut open)| {
            let objects = objects.clone();
            async move {
                loop {
                    let Some(entries) = &mut open else {
                        let Some(next) = waiting.pop() else { return Ok(None) };
                        match fs::read_dir(next).await {
                            Ok(entries) => open = Some(entries),
                            // Removed meanwhile, or never made.
                            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                            Err(error) => return Err(error.into()),
                        }
                        continue;
                    };
                    let Some(entry) = entries.next_entry().await? else {
                        open = None;
                        continue;
                    };
                    let Ok(metadata) = entry.metadata().await else { continue };
                    if metadata.is_dir() {
                        waiting.push(entry.path());
                    } else if let Some(listed) = listed(&objects, &entry.path(), &metadata) {
                        return Ok(Some((listed, (waiting, open))));
                    }
                }
            }
        })
    }

    /// Bytes that are free for files.
    pub fn free_space(&self) -> io::Result<u64> {
        let space = rustix::fs::statvfs(&self.root)?;
        Ok(space.f_bavail.saturating_mul(space.f_frsize))
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

    pub async fn local_file(&self, key: &ObjectKey) -> Result<LocalFile> {
        // Absolute, so that no tool takes it for a flag.
        let path = fs::canonicalize(self.path(key)).await?;
        Ok(LocalFile { path, _temporary: None })
    }

    pub async fn check(&self) -> Result<()> {
        let probe = self.temporary().join("readyz");
        fs::write(&probe, b"ok").await?;
        Ok(())
    }

    /// Streams an upload to its staging key. Nothing stays when it is cut off or is not what was announced.
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
        let stored = self.write_stream(&temporary, announced, checksum, bytes).await;
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
        let mut writer = BufWriter::with_capacity(WRITE_BUFFER, file);
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

    /// Renames and makes the rename durable.
    async fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        let Some(folder) = to.parent() else { return Err(StorageError::Failed("a key without a folder".to_owned())) };
        fs::create_dir_all(folder).await?;
        fs::rename(from, to).await?;
        File::open(folder).await?.sync_all().await?;
        Ok(())
    }

    /// Removes the folder of one attachment's staged or derived objects once it is empty.
    async fn remove_empty_parents(&self, path: &Path) {
        for shared in ["staging", "derived"].map(|name| self.objects().join(name)) {
            if let Some(folder) = path.parent().filter(|folder| folder.starts_with(&shared) && **folder != *shared) {
                // Fails while it still holds another object, as it should.
                let _ = fs::remove_dir(folder).await;
            }
        }
    }

    /// Removes what uploads that a crash cut off have left. Safe to run while others upload: a temporary file in use is
    /// younger than `older_than`.
    pub async fn sweep_temporary(&self, older_than: Timestamp) -> Result<u64> {
        let limit = std::time::UNIX_EPOCH + std::time::Duration::from_millis(older_than.0.unsigned_abs());
        let mut removed = 0;
        let mut entries = fs::read_dir(self.temporary()).await?;
        while let Some(entry) = entries.next_entry().await? {
            let stale = entry.metadata().await.and_then(|metadata| metadata.modified()).is_ok_and(|at| at < limit);
            if stale && fs::remove_file(entry.path()).await.is_ok() {
                removed += 1;
            }
        }
        Ok(removed)
    }
}

fn listed(objects: &Path, path: &Path, metadata: &std::fs::Metadata) -> Option<Listed> {
    let key = path.strip_prefix(objects).ok()?.to_str()?.to_owned();
    let age = metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Listed { key, modified: Timestamp(i64::try_from(age.as_millis()).ok()?) })
}

/// The name of an upload in parts, as we gave it.
fn upload_id(id: &str) -> Result<Uuid> {
    Uuid::parse_str(id).map_err(|_| StorageError::NotFound)
}

fn version(metadata: &std::fs::Metadata) -> String {
    use std::os::unix::fs::MetadataExt;
    format!("{}-{}-{}", metadata.ino(), metadata.len(), metadata.mtime_nsec())
}
