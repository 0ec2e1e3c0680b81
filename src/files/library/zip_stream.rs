//! A zip as a response, streamed while the files are read: nothing is stored, and a disconnected client ends it.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{self, HeaderName};
use axum::response::{IntoResponse, Response};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tracing::Instrument;

use super::archive::Archive;
use super::entry_names::EntryNames;
use crate::files::attachments::disposition::content_disposition;
use crate::files::attachments::file_name::FileName;
use crate::people::audit::model::Action;
use crate::people::audit::service as audit;
use crate::people::audit::service::{By, Subject};
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::platform::storage::{ObjectKey, StorageError};
use crate::platform::timestamp::Timestamp;

/// Number of pieces that are read ahead of the client.
const READ_AHEAD: usize = 2;
/// Timeout of reads from the storage.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// Maximum number of consecutive retries without a byte between, for one file.
const TRIES: u32 = 3;
/// Maximum length of an archive's name, as Windows counts characters: Windows Explorer extracts into a folder of the
/// same name.
const ZIP_NAME_MAX: usize = 60;
/// The entry that lists unreadable files.
const MISSING: &str = "_missing.txt";

/// The bytes of an entry.
pub enum Content {
    Object(ObjectKey),
    /// The file can't be read, and is listed as missing.
    Missing,
    /// Bytes that are created while they are sent. An error aborts the archive.
    Created(BoxStream<'static, Result<Bytes>>),
}

/// A file for an archive.
pub struct ZipEntry {
    /// The wanted name; duplicates are numbered.
    pub name: FileName,
    /// The folder in the archive.
    pub folder: Option<&'static str>,
    pub content: Content,
    /// Bytes, or their maximum.
    pub size: u64,
    pub modified: Timestamp,
    pub subject: Subject,
}

/// The audit subject of each file of a zip.
pub struct Noted {
    pub by: By,
    pub action: Action,
}

/// Returns a zip of `entries` under `name`. `noted` is `None` if it was logged before.
pub fn zip<S>(platform: Platform, noted: Option<Noted>, name: &FileName, entries: S) -> Response
where
    S: Stream<Item = Result<ZipEntry>> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(READ_AHEAD);
    let (names, names_in_folder) = (EntryNames::default(), EntryNames::default());
    let job = Zipping { platform, noted, archive: Archive::new(), names, names_in_folder, missing: Vec::new(), sender };
    tokio::spawn(job.run(entries).in_current_span());
    (headers(name), Body::from_stream(ReceiverStream::new(receiver))).into_response()
}

/// Returns the headers of a zip, before it is created.
pub fn headers(name: &FileName) -> [(HeaderName, String); 2] {
    [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, content_disposition(true, &name.shortened(ZIP_NAME_MAX))),
    ]
}

/// Why an archive ends early.
enum Stopped {
    /// The client has disconnected.
    ClientGone,
    Failed(io::Error),
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

struct Zipping {
    platform: Platform,
    noted: Option<Noted>,
    archive: Archive,
    names: EntryNames,
    /// Those in folders. An archive has one folder.
    names_in_folder: EntryNames,
    /// Lines about unreadable files.
    missing: Vec<String>,
    sender: mpsc::Sender<io::Result<Bytes>>,
}

impl Zipping {
    async fn run<S: Stream<Item = Result<ZipEntry>> + Send>(self, entries: S) {
        let sender = self.sender.clone();
        match Box::pin(self.write(entries)).await {
            Ok(()) | Err(Stopped::ClientGone) => {}
            Err(Stopped::Failed(error)) => {
                tracing::error!(%error, "a zip was aborted");
                // The connection is aborted, so that the client does not mistake a part for the whole.
                let _ = sender.send(Err(error)).await;
            }
        }
    }

    async fn write<S: Stream<Item = Result<ZipEntry>> + Send>(mut self, entries: S) -> Result<(), Stopped> {
        let mut entries = std::pin::pin!(entries);
        while let Some(entry) = entries.next().await {
            self.add(entry.map_err(io::Error::other)?).await?;
        }
        if !self.missing.is_empty() {
            let text = self.missing.join("");
            let name = self.names.take(&FileName::new(MISSING));
            self.archive.start(name.as_str(), text.len() as u64, self.platform.clock.now())?;
            self.archive.write(text.as_bytes())?;
        }
        let Self { archive, sender, .. } = self;
        send(&sender, archive.finish()?).await
    }

    /// Adds one file, or lists it as missing.
    async fn add(&mut self, entry: ZipEntry) -> Result<(), Stopped> {
        let ZipEntry { name, folder, content, size, modified, subject } = entry;
        let name = match folder {
            None => self.names.take(&name).to_string(),
            Some(folder) => format!("{folder}/{}", self.names_in_folder.take(&name)),
        };
        let key = &match content {
            Content::Object(key) => key,
            Content::Created(bytes) => return self.create(&name, bytes, size, modified).await,
            Content::Missing => {
                self.missing.push(format!("{name}: {}\r\n", reason(&StorageError::NotFound)));
                return Ok(());
            }
        };
        let (mut done, mut started, mut tries) = (0, false, 0);
        // After a disconnect, the rest is requested again.
        while !started || (done < size && tries < TRIES) {
            tries += 1;
            let mut bytes = match self.platform.storage.read(key, done, size).await {
                Ok(bytes) => bytes,
                Err(error) if started || (!matches!(error, StorageError::NotFound) && tries < TRIES) => {
                    tracing::warn!(%error, %key, "failed to read a file for a zip");
                    continue;
                }
                Err(error) => {
                    self.missing.push(format!("{name}: {}\r\n", reason(&error)));
                    return Ok(());
                }
            };
            if !started {
                self.archive.start(&name, size, modified)?;
                started = true;
                if let Some(Noted { by, action }) = &self.noted {
                    audit::note(&self.platform, by, *action, &subject).await;
                }
            }
            while let Ok(Some(Ok(piece))) = timeout(READ_TIMEOUT, bytes.next()).await {
                done += piece.len() as u64;
                tries = 0;
                self.archive.write(&piece)?;
                send(&self.sender, self.archive.take()).await?;
            }
        }
        if done < size {
            self.missing.push(format!("{name}: only the first {done} of {size} bytes could be read.\r\n"));
        }
        Ok(())
    }
}

impl Zipping {
    /// Adds a file whose bytes are created while they are sent.
    async fn create(
        &mut self,
        name: &str,
        mut bytes: BoxStream<'static, Result<Bytes>>,
        size: u64,
        modified: Timestamp,
    ) -> Result<(), Stopped> {
        self.archive.start(name, size, modified)?;
        while let Some(piece) = bytes.next().await {
            self.archive.write(&piece.map_err(io::Error::other)?)?;
            send(&self.sender, self.archive.take()).await?;
        }
        Ok(())
    }
}

fn reason(error: &StorageError) -> &'static str {
    match error {
        StorageError::NotFound => "the file is no longer in the storage.",
        StorageError::Changed | StorageError::Full | StorageError::Failed(_) => "the storage did not respond.",
    }
}

async fn send(sender: &mpsc::Sender<io::Result<Bytes>>, bytes: Bytes) -> Result<(), Stopped> {
    if bytes.is_empty() {
        return Ok(());
    }
    sender.send(Ok(bytes)).await.map_err(|_| Stopped::ClientGone)
}
