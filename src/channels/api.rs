//! HTTP routes of channels.

use uuid::Uuid;

use super::model::{
    Channel, ChannelChanges, ChannelKind, ChannelMembers, Conversation, Mute, NewChannel, ReadMark, SearchIndex,
};
use crate::ids::ChannelId;
use crate::people::organizations::model::MemberInfo;
use crate::platform::error::{AppError, Result};
use crate::platform::json::{Body, NoBody};
use crate::platform::routes::{dioxus_fullstack, *};

#[cfg(feature = "server")]
use {
    super::access::Visible, super::changes, super::marks, super::mentioning, super::search_index, super::service,
    crate::ids::MessageId, crate::people::organizations::service::Member, crate::platform::Platform,
};

#[post("/api/channels", platform: Platform, member: Member)]
pub async fn create_channel(body: Body<NewChannel>) -> Result<Channel, AppError> {
    service::create(&platform, &member, body.0).await
}

/// Lists channels by age, 100 at a time: `after` is the id of the last one of the page before.
#[get("/api/channels?after&limit", platform: Platform, member: Member)]
pub async fn list_channels(after: Option<ChannelId>, limit: Option<i64>) -> Result<Vec<Channel>, AppError> {
    service::list(&platform, &member, after, limit).await
}

#[get("/api/channels/{id}", platform: Platform, member: Member)]
pub async fn get_channel(id: ChannelId) -> Result<Channel, AppError> {
    service::find(&platform, &member, id).await.map(Visible::into_inner)
}

#[get("/api/channels/{id}/members", platform: Platform, member: Member)]
pub async fn list_channel_members(id: ChannelId) -> Result<ChannelMembers, AppError> {
    service::members(&platform, &member, id).await
}

/// Suggests members to mention in a channel: those whose name has the words, and who can view it, at most 8.
#[get("/api/channels/{id}/mentionable?search", platform: Platform, member: Member)]
pub async fn list_mentionable(id: ChannelId, search: String) -> Result<Vec<MemberInfo>, AppError> {
    mentioning::suggest(&platform, &member, id, &search).await
}

/// Replaces the members of a team channel.
#[put("/api/channels/{id}/members", platform: Platform, member: Member)]
pub async fn set_channel_members(id: ChannelId, body: Body<ChannelMembers>) -> Result<ChannelMembers, AppError> {
    service::set_members(&platform, &member, id, body.0).await
}

/// Renames a team channel.
#[patch("/api/channels/{id}", platform: Platform, member: Member)]
pub async fn rename_channel(id: ChannelId, body: Body<ChannelChanges>) -> Result<Channel, AppError> {
    changes::rename(&platform, &member, id, body.0).await
}

/// Closes the conversation with a contact: it leaves the list until the contact writes again.
#[post("/api/channels/{id}/close", platform: Platform, member: Member)]
pub async fn close_channel(id: ChannelId, body: NoBody) -> Result<(), AppError> {
    let _ = body;
    changes::set_closed(&platform, &member, id, true).await
}

/// Opens a closed conversation again.
#[post("/api/channels/{id}/open", platform: Platform, member: Member)]
pub async fn reopen_channel(id: ChannelId, body: NoBody) -> Result<(), AppError> {
    let _ = body;
    changes::set_closed(&platform, &member, id, false).await
}

/// Removes the caller from a team channel.
#[post("/api/channels/{id}/leave", platform: Platform, member: Member)]
pub async fn leave_channel(id: ChannelId, body: NoBody) -> Result<(), AppError> {
    let _ = body;
    service::leave(&platform, &member, id).await
}

/// Marks messages up to this one as read.
#[post("/api/channels/{id}/read", platform: Platform, member: Member)]
pub async fn mark_read(id: ChannelId, body: Body<ReadMark>) -> Result<(), AppError> {
    let channel = service::find(&platform, &member, id).await?;
    service::mark_read(&platform, &member, &channel, body.0.message_id).await
}

/// Marks a message and those after it as unread.
#[post("/api/channels/{id}/unread", platform: Platform, member: Member)]
pub async fn mark_unread(id: ChannelId, body: Body<ReadMark>) -> Result<(), AppError> {
    marks::mark_unread(&platform, &member, id, MessageId(body.0.message_id)).await
}

/// Marks all conversations as read.
#[post("/api/conversations/read", platform: Platform, member: Member)]
pub async fn mark_all_read(body: NoBody) -> Result<(), AppError> {
    let _ = body;
    marks::mark_all_read(&platform, &member).await
}

/// Mutes a conversation for the caller, or unmutes it.
#[put("/api/channels/{id}/muted", platform: Platform, member: Member)]
pub async fn set_muted(id: ChannelId, body: Body<Mute>) -> Result<(), AppError> {
    marks::set_muted(&platform, &member, id, body.0.muted).await
}

/// Lists the conversations of one kind, latest first, with unread counts. `closed`: those that are closed instead of the others.
#[get("/api/conversations?kind&closed&before&limit", platform: Platform, member: Member)]
pub async fn list_conversations(
    kind: ChannelKind,
    closed: Option<bool>,
    before: Option<Uuid>,
    limit: Option<i64>,
) -> Result<Vec<Conversation>, AppError> {
    service::conversations(&platform, &member, kind, closed.unwrap_or_default(), before, limit).await
}

/// Returns whether searches find all messages and files yet.
#[get("/api/messages/index", platform: Platform, _member: Member)]
pub async fn search_index_state() -> Result<SearchIndex, AppError> {
    Ok(search_index::state(platform.db.on()).await?)
}
