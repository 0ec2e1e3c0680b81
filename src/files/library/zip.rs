//! HTTP routes of zips: a message, a conversation or a selection.

use std::collections::HashSet;

use axum::extract::{Form, Path};
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt, TryStreamExt, stream};
use serde::Deserialize;

use super::service::Wanted;
use super::store::{self, FileRow, Place};
use super::zip_stream::{Content, Noted, ZipEntry, headers, zip};
use crate::channels::service as channels;
use crate::files::attachments::file_name::FileName;
use crate::files::attachments::service::subject;
use crate::ids::{AttachmentId, ChannelId, MessageId};
use crate::people::audit::model::Action;
use crate::people::audit::service::{By, Subject};
use crate::people::organizations::model::Permission;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::{AppError, Result};
use crate::platform::prefetch::reject_prefetch;

/// Maximum number of files in a selection.
const SELECTION_MAX: usize = 10_000;
/// Number of files that are looked up at a time.
const BATCH: i64 = 200;

/// Returns the files of one message, in order.
pub async fn zip_message(
    platform: Platform,
    member: Member,
    Path(id): Path<MessageId>,
    parts: Parts,
) -> Result<Response> {
    member.require(Permission::MessageViewAttachment)?;
    let rows = store::of_message(platform.db.on(), &member, id).await?;
    answer(platform, member, &parts, Source::Rest(rows)).await
}

/// Returns all files of a conversation, oldest first.
pub async fn zip_channel(
    platform: Platform,
    member: Member,
    Path(id): Path<ChannelId>,
    parts: Parts,
) -> Result<Response> {
    member.require(Permission::MessageViewAttachment)?;
    channels::find(&platform, &member, id).await?;
    answer(platform, member, &parts, Source::Found(Wanted::of_channel(id), None)).await
}

/// Returns all files of a conversation that the member can view, oldest first, with their names in messages.
pub fn entries_of_channel(
    platform: Platform,
    member: Member,
    id: ChannelId,
) -> impl Stream<Item = Result<(AttachmentId, ZipEntry)>> {
    let rows = rest(platform, member, Source::Found(Wanted::of_channel(id), None));
    rows.map_ok(|row| (row.attachment.id, ZipEntry::from(row)))
}

/// The form of a selection: the browser streams the response of a form to disk, without holding it in memory.
#[derive(Deserialize)]
pub struct Selection {
    /// Ids of attachments, separated by commas.
    ids: String,
    /// The conversation, for the name of the zip, if all are of one.
    channel: Option<ChannelId>,
}

/// Returns the selected files, in their order.
pub async fn zip_selection(
    platform: Platform,
    member: Member,
    parts: Parts,
    Form(selection): Form<Selection>,
) -> Result<Response> {
    member.require(Permission::MessageViewAttachment)?;
    let mut ids: Vec<AttachmentId> = selection
        .ids
        .split(',')
        .filter(|id| !id.is_empty())
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|_| AppError::invalid("ids", "Must be file IDs, separated by commas."))?;
    if ids.len() > SELECTION_MAX {
        let message = format!(
            "You can select at most {SELECTION_MAX} files. Select fewer, or download a whole \
            conversation."
        );
        return Err(AppError::invalid("ids", message));
    }
    let mut seen = HashSet::new();
    ids.retain(|id| seen.insert(*id));
    answer(platform, member, &parts, Source::Selected(ids.into_iter(), selection.channel)).await
}

/// The source of the next files. Each is looked up shortly before it is added, with its visibility.
enum Source {
    Rest(Vec<FileRow>),
    Found(Wanted, Option<Place>),
    Selected(std::vec::IntoIter<AttachmentId>, Option<ChannelId>),
}

impl Source {
    /// Returns further files; `None` at the end.
    async fn next(&mut self, platform: &Platform, member: &Member) -> Result<Vec<FileRow>> {
        match self {
            Self::Rest(rows) => Ok(std::mem::take(rows)),
            Self::Found(wanted, after) => {
                let rows = store::page(platform.db.on(), member, wanted, true, *after, BATCH).await?;
                *after = rows.last().map(FileRow::place).or(*after);
                Ok(rows)
            }
            Self::Selected(ids, channel) => {
                for id in ids {
                    // Deleted files, and those the member can't view, are ignored.
                    if let Some(row) = store::find(platform.db.on(), member, id, *channel).await? {
                        return Ok(vec![row]);
                    }
                }
                Ok(Vec::new())
            }
        }
    }
}

async fn answer(platform: Platform, member: Member, parts: &Parts, mut source: Source) -> Result<Response> {
    reject_prefetch(&parts.headers)?;
    let first = source.next(&platform, &member).await?;
    let Some(row) = first.first() else { return Err(AppError::not_found("file")) };
    let whose = match &source {
        Source::Selected(_, channel) if *channel != Some(row.found_channel_id) => member.organization.name.clone(),
        _ => row.conversation(),
    };
    let name = FileName::new(&format!("{} files.zip", whose.trim_start_matches('#')));
    if parts.method == Method::HEAD {
        return Ok(headers(&name).into_response());
    }
    let noted = Noted { by: By::member(&member), action: Action::Downloaded };
    let rows = stream::iter(first.into_iter().map(Ok)).chain(rest(platform.clone(), member, source));
    Ok(zip(platform, Some(noted), &name, rows.map_ok(ZipEntry::from)))
}

/// Returns all remaining files of a source.
fn rest(platform: Platform, member: Member, source: Source) -> impl Stream<Item = Result<FileRow>> {
    let batches = stream::try_unfold((platform, member, source), async |(platform, member, mut source)| {
        let rows = source.next(&platform, &member).await?;
        let batch = (!rows.is_empty()).then(|| stream::iter(rows.into_iter().map(Ok)));
        Ok::<_, AppError>(batch.map(|batch| (batch, (platform, member, source))))
    });
    batches.try_flatten()
}

impl From<FileRow> for ZipEntry {
    fn from(row: FileRow) -> Self {
        Self {
            name: row.saved_as(),
            folder: None,
            content: Content::Object(row.attachment.key()),
            size: row.attachment.file_size.0,
            modified: row.attachment.uploaded_at.unwrap_or(row.sent_at),
            subject: Subject {
                channel: Some(row.found_channel_id),
                message: Some(row.found_message_id),
                ..subject(&row.attachment)
            },
        }
    }
}
