//! HTTP routes of messages.

use super::model::{FeedPage, Message, MessageEdit, MessageHit, NewMessage, ReactionChange};
use crate::ids::{ChannelId, MessageId};
use crate::platform::error::{AppError, Result};
use crate::platform::json::{Body, NoBody};
use crate::platform::routes::{dioxus_fullstack, *};

#[cfg(feature = "server")]
use {
    super::edit, super::edit::Edit, super::reactions, super::removal, super::search, super::sending, super::service,
    crate::channels::service as channels, crate::people::organizations::service::Member, crate::platform::Platform,
};

/// Lists messages, newest first, 50 at a time: `before` is the id of the last one of the page before.
#[get("/api/channels/{id}/messages?before&limit", platform: Platform, member: Member)]
pub async fn list_messages(
    id: ChannelId,
    before: Option<MessageId>,
    limit: Option<i64>,
) -> Result<Vec<Message>, AppError> {
    let channel = channels::find(&platform, &member, id).await?;
    service::list(&platform, &member, &channel, before, limit).await
}

#[post("/api/channels/{id}/messages", platform: Platform, member: Member)]
pub async fn send_message(id: ChannelId, body: Body<NewMessage>) -> Result<Message, AppError> {
    sending::send(&platform, &member, id, body.0).await
}

/// Returns a page of the feed, oldest first, with the read mark: the newest, or the one before a message, or around
/// one.
#[get("/api/channels/{id}/feed?before&around", platform: Platform, member: Member)]
pub async fn load_feed(
    id: ChannelId,
    before: Option<MessageId>,
    around: Option<MessageId>,
) -> Result<FeedPage, AppError> {
    let channel = channels::find(&platform, &member, id).await?;
    match around {
        Some(message) => service::feed_around(&platform, &member, &channel, message).await,
        None => service::feed(&platform, &member, &channel, before).await,
    }
}

/// Lists messages after a message, oldest first.
#[get("/api/channels/{id}/messages/after/{after}", platform: Platform, member: Member)]
pub async fn list_messages_after(id: ChannelId, after: MessageId) -> Result<Vec<Message>, AppError> {
    let channel = channels::find(&platform, &member, id).await?;
    service::list_after(&platform, &member, &channel, after).await
}

/// Adds or removes a reaction. Returns the message.
#[put("/api/messages/{id}/reactions", platform: Platform, member: Member)]
pub async fn set_reaction(id: MessageId, body: Body<ReactionChange>) -> Result<Message, AppError> {
    reactions::set(&platform, &member, id, body.0).await
}

/// Searches messages that contain all words of the text, or have files with these names, newest first, 30 at a time.
#[get("/api/channels/{id}/found?search&before", platform: Platform, member: Member)]
pub async fn search_messages(
    id: ChannelId,
    search: String,
    before: Option<MessageId>,
) -> Result<Vec<MessageHit>, AppError> {
    let channel = channels::find(&platform, &member, id).await?;
    search::in_channel(&platform, &member, &channel, &search, before).await
}

/// Searches all conversations in the same way.
#[get("/api/messages/found?search&before", platform: Platform, member: Member)]
pub async fn find_messages(search: String, before: Option<MessageId>) -> Result<Vec<MessageHit>, AppError> {
    search::everywhere(&platform, &member, &search, before).await
}

#[get("/api/messages/{id}", platform: Platform, member: Member)]
pub async fn get_message(id: MessageId) -> Result<Message, AppError> {
    service::find(&platform, &member, id).await
}

/// Replaces the text of a message. Only its author can.
#[patch("/api/messages/{id}", platform: Platform, member: Member)]
pub async fn edit_message(id: MessageId, body: Body<MessageEdit>) -> Result<Message, AppError> {
    let change = Edit { body: Some(body.0.body), ..Edit::default() };
    edit::edit(&platform, &member, id, change).await.map(|(message, _)| message)
}

/// Deletes a message with its files, for everyone. It can be restored.
#[delete("/api/messages/{id}", platform: Platform, member: Member)]
pub async fn delete_message(id: MessageId) -> Result<(), AppError> {
    removal::delete(&platform, &member, id).await
}

#[post("/api/messages/{id}/restore", platform: Platform, member: Member)]
pub async fn restore_message(id: MessageId, body: NoBody) -> Result<(), AppError> {
    let _ = body;
    removal::restore(&platform, &member, id).await
}
