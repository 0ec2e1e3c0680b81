//! Reading from disk: the start of an object, a range of one to serve, and a listing of a folder.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use tokio::fs::{self, File};
use tokio::io::AsyncReadExt;

use super::{LocalDisk, off_thread};
use crate::platform::storage::{Listed, ObjectKey, ObjectStream, Result};
use crate::platform::timestamp::Timestamp;

/// Size of a read, in bytes: few system calls, and a slow client uses at most two of these buffers.
const READ_BUFFER: u64 = 256 * 1024;

/// Bytes of an opened object. Small objects are read at once.
pub enum ObjectBytes {
    Whole(Bytes),
    Start(Bytes, OpenObject),
}

/// A file, and the number of bytes left to serve.
pub struct OpenObject {
    file: std::fs::File,
    left: u64,
}

impl OpenObject {
    /// Returns the remaining bytes, a buffer at a time.
    pub fn stream(self) -> impl Stream<Item = io::Result<Bytes>> {
        stream::try_unfold(self, async |object| {
            if object.left == 0 {
                return Ok(None);
            }
            off_thread(|| object.read_chunk()).await.map(Some)
        })
    }

    /// Reads into a buffer that is sent without copying; tokio's own file would copy it once more.
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

impl LocalDisk {
    pub async fn read_start(&self, key: &ObjectKey, limit: u64) -> Result<Vec<u8>> {
        let mut start = Vec::new();
        File::open(self.path(key)).await?.take(limit).read_to_end(&mut start).await?;
        Ok(start)
    }

    /// Opens `length` bytes of an object, starting at `first`, to serve them.
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

    /// Lists a folder of objects recursively, with one directory open at a time.
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
                            // Removed during the listing, or never created.
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
}

fn listed(objects: &Path, path: &Path, metadata: &std::fs::Metadata) -> Option<Listed> {
    let key = path.strip_prefix(objects).ok()?.to_str()?.to_owned();
    let age = metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Listed { key, size: metadata.len(), modified: Timestamp(i64::try_from(age.as_millis()).ok()?) })
}
