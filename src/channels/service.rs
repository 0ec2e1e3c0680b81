//! The rules of channels.

use uuid::Uuid;

use super::access::Visible;
use super::mentioning::Mentions;
use super::model::{
    BucketLook, Channel, ChannelKind, ChannelMembers, Conversation, NewChannel, Preview, UNREAD_MAX, check_channel_name,
};
use super::store::{self, ChannelRow, ConversationRow};
use crate::ids::{ChannelId, MemberId, MessageId};
use crate::live_event::{self, LiveEvent};
use crate::people::contacts::model::display_name;
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::{Member, check_members, publish_access_change};
use crate::platform::Platform;
use crate::platform::db::{On, Tx, is_unique_violation};
use crate::platform::error::{AppError, Result};
use crate::platform::markdown::plain_beginning;
use crate::platform::search_query::SearchQuery;
use crate::platform::visible::cut_letters;
use crate::ui::Tint;

const PAGE_DEFAULT: i64 = 100;
const PAGE_MAX: i64 = 500;
/// Maximum length of the text of a preview, in characters, and of the beginning of a message that it is made of.
const PREVIEW_MAX: usize = 200;
const PREVIEW_SOURCE_MAX: usize = 1000;

/// Returns a channel that this member can view. Channels of other organizations and private ones of others are not
/// found; a contact's that they are not assigned to is forbidden.
pub async fn find(platform: &Platform, member: &Member, id: ChannelId) -> Result<Visible<Channel>> {
    find_on(platform.db.on(), member, id).await
}

/// Does the same on a connection or in a transaction.
pub async fn find_on(on: On<'_>, member: &Member, id: ChannelId) -> Result<Visible<Channel>> {
    let found = store::find(on, member, id).await?.ok_or_else(|| AppError::not_found("channel"))?;
    found.access.admit(from_row(found.channel))
}

/// Finds the channel that a program names: by its id, or, for team channels and buckets, by its name.
pub async fn resolve(platform: &Platform, member: &Member, reference: &str) -> Result<Visible<Channel>> {
    if let Ok(id) = reference.parse() {
        return find(platform, member, id).await;
    }
    let name = reference.trim().trim_start_matches('#');
    // No name contains control characters, and PostgreSQL rejects a text with a NUL.
    let id = if name.contains(char::is_control) {
        None
    } else {
        store::id_by_name(platform.db.on(), member.organization_id(), name).await?
    };
    find(platform, member, id.ok_or_else(|| AppError::not_found("channel"))?).await
}

/// Converts a row that its reader can view.
pub fn from_row(row: ChannelRow) -> Channel {
    let kind = row.kind;
    let bucket = look(&row);
    let name = match kind {
        ChannelKind::Team | ChannelKind::Bucket => row.name,
        ChannelKind::Contact => display_name(
            row.first_name.as_deref().unwrap_or_default(),
            row.last_name.as_deref().unwrap_or_default(),
            row.phone,
        ),
    };
    let (contact_id, created_at) = (row.contact_id, row.created_at);
    Channel {
        id: row.id,
        kind,
        name,
        private: row.private,
        contact_id,
        bucket,
        closed: row.closed,
        muted: row.muted,
        created_at,
    }
}

fn look(row: &ChannelRow) -> Option<BucketLook> {
    (row.kind == ChannelKind::Bucket).then(|| BucketLook {
        color: row.color.unwrap_or_else(|| Tint::of(row.id.0)),
        icon: row.icon_id,
        public_files: row.public_files,
    })
}

/// Returns the channels that this member can view, by age.
pub async fn list(
    platform: &Platform,
    member: &Member,
    after: Option<ChannelId>,
    limit: Option<i64>,
) -> Result<Vec<Channel>> {
    let limit = limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
    let rows = store::list(platform.db.on(), member, after, limit).await?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// Returns the team channels and buckets whose names match a search, latest first.
pub async fn named(platform: &Platform, member: &Member, query: &SearchQuery, limit: i64) -> Result<Vec<Channel>> {
    let rows = store::named(platform.db.on(), member, query, limit).await?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// Returns the conversations of one kind that this member can view, those that are closed or the others, latest first.
pub async fn conversations(
    platform: &Platform,
    member: &Member,
    kind: ChannelKind,
    closed: bool,
    before: Option<Uuid>,
    limit: Option<i64>,
) -> Result<Vec<Conversation>> {
    let limit = limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
    let rows = store::conversations(platform.db.on(), member, kind, closed, before, limit).await?;
    let shows_files = member.may(Permission::MessageViewAttachment);
    let mentions = mentions_of(platform, &rows).await?;
    Ok(rows.into_iter().map(|row| from_conversation_row(row, &mentions, shows_files)).collect())
}

/// Returns one of them; `None` if there is none that this member can view.
pub async fn conversation(platform: &Platform, member: &Member, id: ChannelId) -> Result<Option<Conversation>> {
    let row = store::conversation(platform.db.on(), member, id).await?;
    let mentions = mentions_of(platform, row.as_slice()).await?;
    let shows_files = member.may(Permission::MessageViewAttachment);
    Ok(row.map(|row| from_conversation_row(row, &mentions, shows_files)))
}

/// Loads the mentions of the last messages.
async fn mentions_of(platform: &Platform, rows: &[ConversationRow]) -> Result<Mentions> {
    let texts = rows.iter().filter_map(|row| row.message_id.zip(row.message_body.as_deref()));
    Mentions::of(platform.db.on(), texts).await
}

fn from_conversation_row(row: ConversationRow, mentions: &Mentions, shows_files: bool) -> Conversation {
    let is_own = row.message_own.unwrap_or(false);
    let author = row.message_author.filter(|_| !is_own).map(|name| match row.message_by_program {
        Some(true) => name,
        _ => first_name(&name).to_owned(),
    });
    let last_message = row.message_id.zip(row.message_at).map(|(id, created_at)| Preview {
        id,
        text: preview(&mentions.with_names(id, &row.message_body.unwrap_or_default())),
        own: is_own,
        author,
        created_at,
        deleted: row.message_deleted,
        title: row.message_title,
        delivery_type: row.message_delivery.unwrap_or_default(),
        mentioned: row.message_mentioned,
        attachment_count: row.attachment_count,
        content_type: row.content_type.filter(|_| shows_files),
        file_name: row.file_name.filter(|_| shows_files),
    });
    Conversation {
        channel: from_row(row.channel),
        unread_count: row.unread_count.clamp(0, UNREAD_MAX),
        critical_count: row.critical_count,
        mention_count: row.mention_count,
        last_message,
        assigned: row.assigned,
    }
}

/// Returns the beginning of a text, without marks.
fn preview(body: &str) -> String {
    cut_letters(&plain_beginning(body, PREVIEW_SOURCE_MAX), PREVIEW_MAX, |part| part.chars().count()).to_owned()
}

fn first_name(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or_default()
}

/// Creates a team channel with its creator as a member.
#[tracing::instrument(skip_all)]
pub async fn create(platform: &Platform, member: &Member, input: NewChannel) -> Result<Channel> {
    member.require(Permission::ChannelCreate)?;
    if input.kind != "team" {
        let message = "The kind must be \"team\". Contacts already have a channel, and buckets are created at \
            /api/buckets.";
        return Err(AppError::invalid("kind", message));
    }
    let channel = Channel {
        id: ChannelId(platform.clock.new_id()),
        kind: ChannelKind::Team,
        name: check_channel_name(&input.name)?,
        private: input.private,
        contact_id: None,
        bucket: None,
        closed: false,
        muted: false,
        created_at: platform.clock.now(),
    };
    // The only member of a private channel must not be removed before they join it.
    let (mut tx, ref member) = rights::begin_change(platform, member).await?;
    member.require(Permission::ChannelCreate)?;
    let organization = member.organization_id();
    store::insert(&mut tx, channel.id, organization, &channel.name, channel.private, channel.created_at)
        .await
        .map_err(|error| {
            if is_unique_violation(&error) {
                return AppError::conflict("A channel with this name already exists. Choose another name.").on("name");
            }
            error.into()
        })?;
    store::replace_members(&mut tx, channel.id, &[member.id]).await?;
    tx.commit().await?;
    let event = LiveEvent::ChannelCreated { channel_id: channel.id };
    live_event::publish(platform, member.organization_id(), event).await;
    Ok(channel)
}

/// Returns the members of a team channel.
pub async fn members(platform: &Platform, member: &Member, id: ChannelId) -> Result<ChannelMembers> {
    let channel = find(platform, member, id).await?;
    Ok(ChannelMembers { member_ids: members_of(platform, &channel).await? })
}

/// Does the same for a channel that was found.
pub async fn members_of(platform: &Platform, channel: &Visible<Channel>) -> Result<Vec<MemberId>> {
    Ok(store::members(platform.db.on(), channel).await?)
}

/// Sets the members of a team channel. Requires membership of it, or managing the organization.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn set_members(
    platform: &Platform,
    member: &Member,
    id: ChannelId,
    input: ChannelMembers,
) -> Result<ChannelMembers> {
    let (mut tx, ref member) = rights::begin_change(platform, member).await?;
    let channel = find_on(tx.on(), member, id).await?;
    if channel.kind != ChannelKind::Team {
        return Err(AppError::invalid(
            "memberIds",
            "Only team channels have members. To assign people to a contact, use PUT /api/contacts/{id}/members.",
        ));
    }
    check_may_change(member)?;
    if channel.private && input.member_ids.is_empty() {
        return Err(AppError::invalid("memberIds", "A private channel needs at least one member."));
    }
    check_members(tx.on(), member, "memberIds", &input.member_ids).await?;
    store::replace_members(&mut tx, id, &input.member_ids).await?;
    let member_ids = store::members(tx.on(), &channel).await?;
    tx.commit().await?;
    publish_access_change(platform, member.organization_id()).await;
    Ok(ChannelMembers { member_ids })
}

/// Requires creating channels, or managing the organization.
pub(super) fn check_may_change(member: &Member) -> Result<()> {
    if member.may(Permission::OrganizationManage) { Ok(()) } else { member.require(Permission::ChannelCreate) }
}

/// Removes the caller from a team channel; without effect for others. The last member of a private channel can't leave,
/// because nobody could ever view it again.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn leave(platform: &Platform, member: &Member, id: ChannelId) -> Result<()> {
    let (mut tx, ref member) = rights::begin_change(platform, member).await?;
    let channel = find_on(tx.on(), member, id).await?;
    let others = store::members(tx.on(), &channel).await?.into_iter().any(|other| other != member.id);
    if channel.private && !others {
        return Err(AppError::conflict("You are the only member. Add someone else before you leave."));
    }
    store::remove_member(tx.on(), id, member.id).await?;
    tx.commit().await?;
    publish_access_change(platform, member.organization_id()).await;
    Ok(())
}

/// Stores what this member has read, and notifies their other devices.
#[tracing::instrument(skip_all, fields(id = %channel.id))]
pub async fn mark_read(platform: &Platform, member: &Member, channel: &Visible<Channel>, message: Uuid) -> Result<()> {
    if store::mark_read(platform.db.on(), channel, member.id, message).await? {
        publish_read(platform, member, channel.id, MessageId(message)).await;
    }
    Ok(())
}

/// Notifies the devices of this member of what they have read.
pub async fn publish_read(platform: &Platform, member: &Member, channel_id: ChannelId, message_id: MessageId) {
    let event = LiveEvent::ChannelRead { channel_id, message_id, reader: Some(member.id) };
    live_event::publish(platform, member.organization_id(), event).await;
}

/// Returns the newest message of this channel that the member has read.
pub async fn last_read(platform: &Platform, member: &Member, channel: &Visible<Channel>) -> Result<Option<Uuid>> {
    Ok(store::last_read(platform.db.on(), channel, member.id).await?)
}

/// Moves a channel to the top of the lists, for a message that is inserted next in the same transaction. Until that
/// ends, the channel can't be deleted. `reopens` a closed conversation. Marks all of it as read for the author, if it is a member. Returns the number of the message, if those of the
/// channel have one yet.
///
/// # Errors
/// `not_found` if it was deleted.
pub async fn note_message(
    tx: &mut Tx,
    id: ChannelId,
    message: MessageId,
    author: Option<MemberId>,
    reopens: bool,
) -> Result<Option<i64>> {
    let sequence =
        store::set_last_message(tx, id, message, reopens).await?.ok_or_else(|| AppError::not_found("channel"))?;
    if let Some(author) = author {
        store::mark_sent(tx, id, author, message).await?;
    }
    Ok(sequence)
}
