//! Zips of a message, a conversation or a selection, streamed while the files are read: nothing is laid down anywhere, and
//! a client that goes away ends the reading.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Form, Path};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;

use super::archive::Archive;
use super::entry_names::EntryNames;
use super::service::Wanted;
use super::store::{self, FileRow, Place};
use crate::attachments::disposition::content_disposition;
use crate::attachments::file_name::FileName;
use crate::attachments::model::{AttachmentId, MessageId};
use crate::channels::model::ChannelId;
use crate::channels::service as channels;
use crate::organizations::model::Permission;
use crate::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::{AppError, Result};
use crate::platform::storage::{ObjectKey, StorageError};

/// Most files of a selection.
const SELECTION_MAX: usize = 10_000;
/// Files looked up at a time.
const BATCH: i64 = 200;
/// Pieces read ahead of the client.
const READ_AHEAD: usize = 2;
/// How long the storage may be silent.
const PATIENCE: Duration = Duration::from_secs(30);
/// Times that reading one file is taken up again without a byte between.
const TRIES: u32 = 3;
/// Lists what could not be read.
const MISSING: &str = "_missing.txt";

/// The files of one message, in order.
pub async fn zip_message(platform: Platform, member: Member, Path(id): Path<MessageId>) -> Result<Response> {
    member.require(Permission::MessageViewAttachment)?;
    let rows = store::of_message(platform.db.on(), &member, id).await?;
    answer(platform, member, Source::Rest(rows)).await
}

/// All files of a conversation, oldest first.
pub async fn zip_channel(platform: Platform, member: Member, Path(id): Path<ChannelId>) -> Result<Response> {
    member.require(Permission::MessageViewAttachment)?;
    channels::find(&platform, &member, id).await?;
    answer(platform, member, Source::Found(Wanted::of_channel(id), None)).await
}

/// What a form sends: the browser saves the answer to a form by itself, without holding it in memory.
#[derive(Deserialize)]
pub struct Selection {
    /// Of attachments, with commas between.
    ids: String,
    /// The conversation, for the name of the zip, when all are of one.
    channel: Option<ChannelId>,
}

/// The chosen files, in the order in which they were given.
pub async fn zip_selection(platform: Platform, member: Member, Form(selection): Form<Selection>) -> Result<Response> {
    member.require(Permission::MessageViewAttachment)?;
    let ids: Vec<AttachmentId> = selection
        .ids
        .split(',')
        .filter(|id| !id.is_empty())
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|_| AppError::invalid("ids", "Give the ids of files, with commas between."))?;
    if ids.len() > SELECTION_MAX {
        let message = format!("A selection has at most {SELECTION_MAX} files. Choose fewer, or a whole conversation.");
        return Err(AppError::invalid("ids", message));
    }
    answer(platform, member, Source::Selected(ids.into_iter(), selection.channel)).await
}

/// Where the next files come from. Each is looked up when its turn is near, with the rule of who may see it.
enum Source {
    Rest(Vec<FileRow>),
    Found(Wanted, Option<Place>),
    Selected(std::vec::IntoIter<AttachmentId>, Option<ChannelId>),
}

impl Source {
    /// Some more files; none when that was all.
    async fn next(&mut self, platform: &Platform, member: &Member) -> Result<Vec<FileRow>> {
        match self {
            Self::Rest(rows) => Ok(std::mem::take(rows)),
            Self::Found(wanted, after) => {
                let rows = store::page(platform.db.on(), member, wanted, true, *after, BATCH).await?;
                *after = rows.last().map(FileRow::place).or(*after);
                Ok(rows)
            }
            Self::Selected(ids, _) => {
                for id in ids {
                    // What is gone, or not theirs, is as if it had not been chosen.
                    if let Some(row) = store::find(platform.db.on(), member, id).await? {
                        return Ok(vec![row]);
                    }
                }
                Ok(Vec::new())
            }
        }
    }
}

async fn answer(platform: Platform, member: Member, mut source: Source) -> Result<Response> {
    let first = source.next(&platform, &member).await?;
    let Some(row) = first.first() else { return Err(AppError::not_found("file")) };
    let whose = match &source {
        Source::Selected(_, channel) if *channel != Some(row.channel()) => member.organization.name.clone(),
        _ => row.conversation(),
    };
    let name = FileName::new(&format!("{} files.zip", whose.trim_start_matches('#')));
    let (sender, receiver) = mpsc::channel(READ_AHEAD);
    let job = Zipping {
        platform,
        member,
        archive: Archive::new(),
        names: EntryNames::default(),
        missing: Vec::new(),
        sender,
    };
    tokio::spawn(job.run(first, source));
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, content_disposition(true, &name)),
    ];
    Ok((headers, Body::from_stream(ReceiverStream::new(receiver))).into_response())
}

/// Why an archive ends before its end.
enum Stopped {
    /// Nobody waits for it any more.
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
    member: Member,
    archive: Archive,
    names: EntryNames,
    /// Lines about what could not be read.
    missing: Vec<String>,
    sender: mpsc::Sender<io::Result<Bytes>>,
}

impl Zipping {
    async fn run(self, first: Vec<FileRow>, source: Source) {
        let sender = self.sender.clone();
        match Box::pin(self.write(first, source)).await {
            Ok(()) | Err(Stopped::ClientGone) => {}
            Err(Stopped::Failed(error)) => {
                tracing::error!(%error, "a zip was broken off");
                // The connection is cut, so that the client does not take a part for the whole.
                let _ = sender.send(Err(error)).await;
            }
        }
    }

    async fn write(mut self, first: Vec<FileRow>, mut source: Source) -> Result<(), Stopped> {
        let mut rows = first;
        while !rows.is_empty() {
            for row in rows {
                self.add(&row).await?;
            }
            rows = source.next(&self.platform, &self.member).await.map_err(io::Error::other)?;
        }
        if !self.missing.is_empty() {
            let text = self.missing.join("");
            let name = self.names.take(&FileName::new(MISSING));
            self.archive.start(&name, text.len() as u64, self.platform.clock.now())?;
            self.archive.write(text.as_bytes())?;
        }
        let Self { archive, sender, .. } = self;
        send(&sender, archive.finish()?).await
    }

    /// One file. What cannot be read is noted instead.
    async fn add(&mut self, row: &FileRow) -> Result<(), Stopped> {
        let name = self.names.take(&row.saved_as());
        let size = u64::try_from(row.attachment.file_size).unwrap_or(0);
        let key = ObjectKey::Attachment(row.attachment.id.0);
        let (mut done, mut started, mut tries) = (0, false, 0);
        // A store that breaks off is asked again for the rest.
        while !started || (done < size && tries < TRIES) {
            tries += 1;
            let mut bytes = match self.platform.storage.read(&key, done, size).await {
                Ok(bytes) => bytes,
                Err(error) if started || (!matches!(error, StorageError::NotFound) && tries < TRIES) => {
                    tracing::warn!(%error, file = %row.attachment.id, "reading for a zip");
                    continue;
                }
                Err(error) => {
                    self.missing.push(format!("{name}: {}\r\n", reason(&error)));
                    return Ok(());
                }
            };
            if !started {
                self.archive.start(&name, size, row.attachment.uploaded_at.unwrap_or(row.sent_at))?;
                started = true;
            }
            while let Ok(Some(Ok(piece))) = timeout(PATIENCE, bytes.next()).await {
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

fn reason(error: &StorageError) -> &'static str {
    match error {
        StorageError::NotFound => "the file is not in the storage any more.",
        StorageError::Changed | StorageError::Failed(_) => "the storage did not answer.",
    }
}

async fn send(sender: &mpsc::Sender<io::Result<Bytes>>, bytes: Bytes) -> Result<(), Stopped> {
    if bytes.is_empty() {
        return Ok(());
    }
    sender.send(Ok(bytes)).await.map_err(|_| Stopped::ClientGone)
}
