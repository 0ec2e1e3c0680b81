//! Uploads in parts on local disk. Each part is written straight to its offset in one file, so that joining them is a
//! rename.
//!
//! `parts/{upload}/data` has the bytes; a small file `parts/{upload}/{number}` with the checksum marks that this part
//! is complete and on disk. It is written last and removed before the part is written again, so a crash leaves no part
//! that only seems complete.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::write::ReceiveError;
use super::{move_file, off_thread};
use crate::platform::storage::{ListedUpload, Result, StorageError, StoredPart, WriteBuffer};
use crate::platform::timestamp::Timestamp;

/// Returns the base64 of a SHA-256.
pub fn checksum_of(digest: Sha256) -> String {
    STANDARD.encode(digest.finalize())
}

pub struct LocalParts {
    root: PathBuf,
    writers: Mutex<HashMap<Uuid, Arc<Mutex<Writers>>>>,
}

/// The claims to write into uploads. A part belongs to the last request that began it: an earlier one, whose connection
/// hangs, no longer writes.
#[derive(Default)]
struct Writers {
    last: u64,
    current: HashMap<u32, u64>,
    /// Joined or aborted: nothing may be written any more.
    closed: bool,
}

/// The offset of a part, and its expected size and checksum.
pub struct PartPlace {
    pub upload: Uuid,
    pub number: u32,
    pub offset: u64,
    pub size: u64,
    pub checksum: String,
}

/// A part that is being written.
struct PartWriter {
    file: File,
    marker: PathBuf,
    writers: Arc<Mutex<Writers>>,
    number: u32,
    size: u64,
    turn: u64,
    at: u64,
    digest: Sha256,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl LocalParts {
    pub fn new(root: PathBuf) -> Self {
        Self { root, writers: Mutex::default() }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    fn folder(&self, upload: Uuid) -> PathBuf {
        self.root.join(upload.to_string())
    }

    fn writers(&self, upload: Uuid) -> Arc<Mutex<Writers>> {
        lock(&self.writers).entry(upload).or_default().clone()
    }

    /// Prevents all further writes into this upload.
    fn close(&self, upload: Uuid) {
        if let Some(writers) = lock(&self.writers).remove(&upload) {
            lock(&writers).closed = true;
        }
    }

    pub async fn create(&self, upload: Uuid) -> Result<()> {
        let folder = self.folder(upload);
        off_thread(move || {
            fs::create_dir(&folder)?;
            File::create(folder.join("data"))?.sync_all()
        })
        .await?;
        Ok(())
    }

    /// Streams a part to its offset. It is listed only after it is complete, matches its announcement, and is on disk.
    pub async fn receive<S, E>(&self, place: PartPlace, mut bytes: S) -> Result<(), ReceiveError>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        let announced = place.size;
        let (writers, folder) = (self.writers(place.upload), self.folder(place.upload));
        let mut writer = off_thread(move || PartWriter::begin(&folder, writers, &place).map(|writer| (writer, place)))
            .await
            .map_err(StorageError::from)?;
        let mut received = 0_u64;
        let room = WriteBuffer::reserve();
        let mut buffer = BytesMut::with_capacity(room.size());
        while let Some(chunk) = bytes.next().await {
            let chunk = chunk.map_err(|_| ReceiveError::Interrupted)?;
            received += chunk.len() as u64;
            if received > announced {
                return Err(ReceiveError::WrongSize { received, announced });
            }
            buffer.extend_from_slice(&chunk);
            if buffer.len() >= room.size() {
                let full = buffer.split();
                writer = write(writer, full).await?;
                buffer.reserve(room.size());
            }
        }
        if received != announced {
            return Err(ReceiveError::WrongSize { received, announced });
        }
        let (writer, place) = write(writer, buffer).await?;
        let whole = off_thread(move || writer.end(&place.checksum)).await.map_err(StorageError::from)?;
        if whole { Ok(()) } else { Err(ReceiveError::WrongChecksum) }
    }

    /// Returns the complete parts, by number.
    pub async fn list(&self, upload: Uuid) -> Result<Vec<StoredPart>> {
        let folder = self.folder(upload);
        Ok(off_thread(move || read_markers(&folder)).await?)
    }

    /// Moves the joined file to `to`, if its parts are unchanged.
    pub async fn join(&self, upload: Uuid, parts: &[StoredPart], to: PathBuf) -> Result<()> {
        self.close(upload);
        let (expected, folder) = (parts.to_vec(), self.folder(upload));
        let same = off_thread(move || {
            if read_markers(&folder)? != expected {
                return Ok(false);
            }
            move_file(&folder.join("data"), &to)?;
            fs::remove_dir_all(&folder)?;
            Ok(true)
        })
        .await?;
        if same { Ok(()) } else { Err(StorageError::Changed) }
    }

    /// Returns the uploads that have a folder.
    pub async fn list_uploads(&self) -> Result<Vec<ListedUpload>> {
        let root = self.root.clone();
        let read = move || {
            let mut found = Vec::new();
            for entry in fs::read_dir(root)? {
                let entry = entry?;
                let id = entry.file_name().to_string_lossy().into_owned();
                // Ended during the listing.
                let Ok(begun) = entry.path().join("data").metadata().and_then(|data| data.modified()) else { continue };
                let age = begun.duration_since(std::time::UNIX_EPOCH).map_err(io::Error::other)?;
                let started = Timestamp(i64::try_from(age.as_millis()).unwrap_or(i64::MAX));
                found.push(ListedUpload { key: id.clone(), id, started });
            }
            Ok(found)
        };
        Ok(off_thread(read).await?)
    }

    pub async fn abort(&self, upload: Uuid) -> Result<()> {
        self.close(upload);
        let folder = self.folder(upload);
        match off_thread(move || fs::remove_dir_all(folder)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

type Writing = (PartWriter, PartPlace);

async fn write((mut writer, place): Writing, bytes: BytesMut) -> Result<Writing, ReceiveError> {
    let written = off_thread(move || {
        let mine = writer.write(&bytes)?;
        Ok((mine, writer))
    });
    match written.await.map_err(StorageError::from)? {
        (true, writer) => Ok((writer, place)),
        (false, _) => Err(ReceiveError::Superseded),
    }
}

impl PartWriter {
    fn begin(folder: &Path, writers: Arc<Mutex<Writers>>, place: &PartPlace) -> io::Result<Self> {
        let marker = folder.join(place.number.to_string());
        let file = File::options().write(true).open(folder.join("data"))?;
        let turn = {
            let mut held = lock(&writers);
            if held.closed {
                return Err(io::ErrorKind::NotFound.into());
            }
            held.last += 1;
            let turn = held.last;
            held.current.insert(place.number, turn);
            match fs::remove_file(&marker) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => turn,
            }
        };
        let (number, size, at) = (place.number, place.size, place.offset);
        Ok(Self { file, marker, writers, number, size, turn, at, digest: Sha256::new() })
    }

    fn is_mine(&self, writers: &Writers) -> bool {
        !writers.closed && writers.current.get(&self.number) == Some(&self.turn)
    }

    /// Writes bytes. Returns whether the part still belongs to this request. The lock is held during the write, which
    /// may outlive a dropped request: the next one to begin this part waits for it.
    fn write(&mut self, bytes: &[u8]) -> io::Result<bool> {
        self.digest.update(bytes);
        let writers = self.writers.clone();
        let held = lock(&writers);
        if !self.is_mine(&held) {
            return Ok(false);
        }
        self.file.write_all_at(bytes, self.at)?;
        self.at += bytes.len() as u64;
        Ok(true)
    }

    /// Finishes the part. Returns whether the bytes match the announced checksum.
    fn end(self, announced: &str) -> io::Result<bool> {
        if checksum_of(self.digest.clone()) != announced {
            return Ok(false);
        }
        self.file.sync_data()?;
        let held = lock(&self.writers);
        if self.is_mine(&held) {
            fs::write(&self.marker, format!("{} {announced}", self.size))?;
        }
        Ok(true)
    }
}

/// Returns the complete parts, by number. Ignores an empty marker, which a crash may leave.
fn read_markers(folder: &Path) -> io::Result<Vec<StoredPart>> {
    // Without the data, the parts were joined already, and a crash left these markers.
    fs::metadata(folder.join("data"))?;
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Some(number) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        match fs::read_to_string(entry.path()) {
            Ok(marker) => found.extend(read_marker(number, &marker)),
            // Removed during the listing: the part is being written again.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    found.sort_by_key(|part| part.number);
    Ok(found)
}

fn read_marker(number: u32, marker: &str) -> Option<StoredPart> {
    let (size, checksum) = marker.split_once(' ')?;
    STANDARD.decode(checksum).ok().filter(|bytes| bytes.len() == 32)?;
    Some(StoredPart {
        number,
        size: size.parse().ok()?,
        etag: format!("\"{checksum}\""),
        checksum: Some(checksum.to_owned()),
    })
}
