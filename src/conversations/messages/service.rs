//! Reading of messages.

use std::collections::HashMap;

use super::delivery;
use super::model::{Author, AuthorKind, Deletion, Delivery, FeedPage, Message, Unread};
use super::quotes;
use super::reactions;
use super::store::{self, MessageRow};
use crate::channels::access::Visible;
use crate::channels::mentioning::Mentions;
use crate::channels::model::{Channel, UNREAD_MAX};
use crate::channels::service as channels;
use crate::files::attachments::file_name::FileName;
use crate::files::attachments::model::{Attachment, DeletedAttachment, PreviewState, RemoteFile, RemotePreview};
use crate::files::attachments::remote_preview;
use crate::files::attachments::store::links;
use crate::files::attachments::store::links::{LinkedRow, UrlRow};
use crate::files::requests::model::FileRequest;
use crate::files::requests::store as requests;
use crate::ids::MessageId;
use crate::people::contacts::model::display_name;
use crate::people::organizations::model::Permission;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::On;
use crate::platform::error::{AppError, Result};
use crate::platform::picture_url::picture_url;

const PAGE_DEFAULT: i64 = 50;
const PAGE_MAX: i64 = 200;
/// Number of messages before and after the one that a feed is opened at.
const MESSAGES_AROUND: i64 = 25;

/// Returns a page of a channel, newest first.
#[tracing::instrument(skip_all, fields(channel = %channel.id))]
pub async fn list(
    platform: &Platform,
    member: &Member,
    channel: &Visible<Channel>,
    before: Option<MessageId>,
    limit: Option<i64>,
) -> Result<Vec<Message>> {
    let limit = limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
    let rows = store::page(platform.db.on(), channel, before, limit).await?;
    with_files(platform, member, channel, rows).await
}

/// Returns the messages after a known one, oldest first: for a browser that was offline.
pub async fn list_after(
    platform: &Platform,
    member: &Member,
    channel: &Visible<Channel>,
    after: MessageId,
) -> Result<Vec<Message>> {
    let rows = store::page_after(platform.db.on(), channel, after, PAGE_MAX).await?;
    with_files(platform, member, channel, rows).await
}

/// Returns the newest page with the read mark, for a feed that opens, or an older page while scrolling up.
#[tracing::instrument(skip_all, fields(id = %channel.id))]
pub async fn feed(
    platform: &Platform,
    member: &Member,
    channel: &Visible<Channel>,
    before: Option<MessageId>,
) -> Result<FeedPage> {
    let mut messages = list(platform, member, channel, before, Some(PAGE_DEFAULT + 1)).await?;
    let has_more = i64::try_from(messages.len()).is_ok_and(|count| count > PAGE_DEFAULT);
    if has_more {
        messages.pop();
    }
    messages.reverse();
    let last_read_id = channels::last_read(platform, member, channel).await?.map(MessageId);
    let unread = if before.is_none() { unread(platform, member, channel, last_read_id).await? } else { None };
    let replies_stay = before.is_none() && delivery::replies_stay(platform, member, channel).await?;
    Ok(FeedPage { messages, has_more, has_newer: false, last_read_id, unread, replies_stay })
}

/// Returns a page with this message in its middle; the newest one, if it is not in this channel.
#[tracing::instrument(skip_all, fields(id = %channel.id, message = %message))]
pub async fn feed_around(
    platform: &Platform,
    member: &Member,
    channel: &Visible<Channel>,
    message: MessageId,
) -> Result<FeedPage> {
    let here = store::find(platform.db.on(), member.organization_id(), message).await?;
    let Some(here) = here.filter(|row| row.channel_id == channel.id) else {
        return feed(platform, member, channel, None).await;
    };
    let mut older = store::page(platform.db.on(), channel, Some(message), MESSAGES_AROUND + 1).await?;
    let mut newer = store::page_after(platform.db.on(), channel, message, MESSAGES_AROUND + 1).await?;
    let is_cut = |rows: &mut Vec<MessageRow>| {
        let cut = i64::try_from(rows.len()).is_ok_and(|count| count > MESSAGES_AROUND);
        if cut {
            rows.pop();
        }
        cut
    };
    let (has_more, has_newer) = (is_cut(&mut older), is_cut(&mut newer));
    older.reverse();
    let rows = older.into_iter().chain([here]).chain(newer).collect();
    let messages = with_files(platform, member, channel, rows).await?;
    let last_read_id = channels::last_read(platform, member, channel).await?.map(MessageId);
    let unread = unread(platform, member, channel, last_read_id).await?;
    let replies_stay = delivery::replies_stay(platform, member, channel).await?;
    Ok(FeedPage { messages, has_more, has_newer, last_read_id, unread, replies_stay })
}

/// Returns what this member has not read of a channel.
async fn unread(
    platform: &Platform,
    member: &Member,
    channel: &Visible<Channel>,
    last_read: Option<MessageId>,
) -> Result<Option<Unread>> {
    let rows = store::unread(platform.db.on(), channel, member.id, last_read, UNREAD_MAX).await?;
    let count = i64::try_from(rows.len()).unwrap_or(UNREAD_MAX);
    Ok(rows.first().map(|(first_id, since)| Unread { count, first_id: *first_id, since: *since }))
}

/// Returns a message that this member can view.
pub async fn find(platform: &Platform, member: &Member, id: MessageId) -> Result<Message> {
    Ok(find_with_channel(platform, member, id).await?.0)
}

/// Does the same, and returns its channel too.
pub async fn find_with_channel(
    platform: &Platform,
    member: &Member,
    id: MessageId,
) -> Result<(Message, Visible<Channel>)> {
    let (row, channel) = find_row(platform.db.on(), member, id).await?;
    Ok((from_row(platform, member, &channel, row).await?, channel))
}

/// Returns the row of a message that this member can view, and its channel.
pub(super) async fn find_row(mut on: On<'_>, member: &Member, id: MessageId) -> Result<(MessageRow, Visible<Channel>)> {
    let row = store::find(on.again(), member.organization_id(), id).await?;
    let row = row.ok_or_else(|| AppError::not_found("message"))?;
    let channel = channels::find_on(on, member, row.channel_id).await?;
    Ok((row, channel))
}

/// Returns a message of this channel.
pub async fn find_in(
    platform: &Platform,
    member: &Member,
    channel: &Visible<Channel>,
    id: MessageId,
) -> Result<Message> {
    let row = store::find(platform.db.on(), member.organization_id(), id).await?;
    let row = row.filter(|row| row.channel_id == channel.id).ok_or_else(|| AppError::not_found("message"))?;
    from_row(platform, member, channel, row).await
}

/// Converts the row of a message of this channel.
pub(super) async fn from_row(
    platform: &Platform,
    member: &Member,
    channel: &Visible<Channel>,
    row: MessageRow,
) -> Result<Message> {
    let messages = with_files(platform, member, channel, vec![row]).await?;
    messages.into_iter().next().ok_or_else(|| AppError::not_found("message"))
}

pub(super) async fn with_files(
    platform: &Platform,
    member: &Member,
    channel: &Visible<Channel>,
    rows: Vec<MessageRow>,
) -> Result<Vec<Message>> {
    let (Some(first), Some(last)) = (rows.iter().map(|row| row.id).min(), rows.iter().map(|row| row.id).max()) else {
        return Ok(Vec::new());
    };
    let mut files: HashMap<MessageId, Files> = HashMap::new();
    for row in links::of_messages(platform.db.on(), channel.id, first, last).await? {
        files.entry(row.linked_message_id).or_default().add(row);
    }
    for row in links::urls_of_messages(platform.db.on(), channel.id, first, last).await? {
        files.entry(row.message_id).or_default().add_remote(row);
    }
    let mut requests = if rows.iter().any(|row| row.file_request_id.is_some() && !row.received) {
        file_requests(platform, channel, first, last).await?
    } else {
        HashMap::new()
    };
    let mut mentions = Mentions::of(platform.db.on(), rows.iter().map(|row| (row.id, row.body.as_str()))).await?;
    let quotes = quotes::of_messages(platform, member, channel, &rows).await?;
    let mut all_reactions = reactions::of_messages(platform, member, channel.id, first, last).await?;
    let shows_files = member.may(Permission::MessageViewAttachment);
    let message = |row: MessageRow| {
        let files = files.remove(&row.id).unwrap_or_default();
        let hidden_attachments = if shows_files { 0 } else { files.attachments.len() + files.remote.len() };
        let shown = if shows_files { files } else { Files::default() };
        let deleted = row.deleted_at.map(|at| Deletion { at, by: row.deleted_by_name.clone().unwrap_or_default() });
        let reactions = all_reactions.remove(&row.id).filter(|_| deleted.is_none()).unwrap_or_default();
        let file_request = requests.remove(&row.id).filter(|_| deleted.is_none()).map(Box::new);
        Message {
            id: row.id,
            channel_id: row.channel_id,
            contact_id: channel.contact_id,
            author: author(&row, channel),
            file_request,
            delivery: row.delivery_status.map(|status| Delivery { status, error: row.delivery_error }),
            external_id: row.external_id,
            title: row.title.filter(|_| deleted.is_none()),
            subtitle: row.subtitle.filter(|_| deleted.is_none()),
            mentions: if deleted.is_some() { Vec::new() } else { mentions.take(row.id) },
            body: if deleted.is_some() { String::new() } else { row.body },
            delivery_type: row.delivery_type,
            created_at: row.created_at,
            edited_at: row.edited_at,
            attachments: shown.attachments,
            remote_files: shown.remote,
            hidden_attachments,
            deleted_attachments: shown.deleted,
            reply_to: row
                .reply_to_id
                .filter(|_| deleted.is_none())
                .and_then(|id| quotes.get(&id))
                .cloned()
                .map(Box::new),
            deleted,
            reactions,
        }
    };
    Ok(rows.into_iter().map(message).collect())
}

/// The requests that messages from `first` to `last` make.
async fn file_requests(
    platform: &Platform,
    channel: &Channel,
    first: MessageId,
    last: MessageId,
) -> Result<HashMap<MessageId, FileRequest>> {
    let now = platform.clock.now();
    let rows = requests::of_messages(platform.db.on(), channel.id, first, last).await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.card_id?, row.into_request(now)))).collect())
}

/// The files of a message that is not deleted.
#[derive(Default)]
struct Files {
    attachments: Vec<Attachment>,
    /// The position of each attachment.
    positions: Vec<i32>,
    remote: Vec<RemoteFile>,
    deleted: Vec<DeletedAttachment>,
}

impl Files {
    fn add(&mut self, row: LinkedRow) {
        match row.attachment.deleted_at {
            None => {
                let mut attachment = row.attachment.seen_in(row.linked_message_id);
                if let Some(name) = row.linked_name {
                    attachment.file_name = FileName::new(&name);
                }
                self.attachments.push(attachment);
                self.positions.push(row.position);
            }
            Some(deleted_at) => self.deleted.push(DeletedAttachment {
                id: row.attachment.id,
                file_name: row.attachment.file_name(),
                deleted_at,
                deleted_by: row.deleted_by_name.unwrap_or_default(),
                purged: row.purged,
            }),
        }
    }

    fn add_remote(&mut self, row: UrlRow) {
        let is_ready = row.preview == Some(PreviewState::Ready);
        let preview = match (row.preview_id.filter(|_| is_ready), row.width, row.height) {
            (Some(id), Some(width), Some(height)) => {
                Some(RemotePreview { url: remote_preview::url(id), width, height })
            }
            _ => None,
        };
        self.remote.push(RemoteFile {
            url: row.url,
            name: row.name.as_deref().map(FileName::new),
            media_type: row.media_type,
            after: self.positions.iter().filter(|position| **position < row.position).count(),
            preview,
        });
    }
}

pub(super) fn author(row: &MessageRow, channel: &Channel) -> Author {
    match (row.member_id, row.contact_id) {
        (Some(_), _) if row.received => Author {
            kind: AuthorKind::Visitor,
            id: row.file_request_id.map(|request| request.0).unwrap_or_default(),
            name: "Someone with the link".to_owned(),
            avatar_url: None,
        },
        (Some(member), _) if row.access_token_id.is_some() => Author {
            kind: AuthorKind::Token,
            id: row.bot_id.map(|bot| bot.0).or(row.access_token_id.map(|token| token.0)).unwrap_or(member.0),
            name: row.bot_name.clone().or_else(|| row.token_name.clone()).unwrap_or_default(),
            avatar_url: row.bot_avatar_id.map(picture_url),
        },
        (Some(id), _) => Author {
            kind: AuthorKind::Member,
            id: id.0,
            name: row.member_name.clone().unwrap_or_default(),
            avatar_url: row.avatar_id.map(picture_url),
        },
        (None, Some(id)) => {
            let (first, last) = (row.first_name.as_deref(), row.last_name.as_deref());
            let name = display_name(first.unwrap_or_default(), last.unwrap_or_default(), Some(channel.name.clone()));
            Author { kind: AuthorKind::Contact, id: id.0, name, avatar_url: None }
        }
        (None, None) => {
            Author { kind: AuthorKind::Contact, id: uuid::Uuid::nil(), name: channel.name.clone(), avatar_url: None }
        }
    }
}
