//! Sending of a program's message, with uploaded files and those to fetch: all or nothing.

use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};

use super::input::{Asked, Input};
use super::model::{Direction, Message};
use super::recipient::Recipient;
use crate::channels::access::Visible;
use crate::channels::model::Channel;
use crate::conversations::messages::model::check_external_id;
use crate::conversations::messages::sending;
use crate::files::attachments::intake;
use crate::files::attachments::intake::{FileDescription, Spooled};
use crate::files::attachments::linking::check_count;
use crate::files::attachments::message_files::{MessageFile, What};
use crate::ids::{AttachmentId, ChannelId};
use crate::people::organizations::model::Permission;
use crate::platform::Platform;
use crate::platform::error::{AppError, Result};
use crate::rest::caller::Caller;
use crate::rest::created::created;
use crate::rest::icon;
use crate::rest::idempotency::RequestKey;

/// Maximum number of concurrent fetches.
const FETCHED_AT_ONCE: usize = 8;

/// A file of the request.
pub struct Sent {
    pub name: String,
    pub spooled: Spooled,
}

/// A message that a request sent, or that an earlier request with the same external id sent.
pub struct Delivered {
    pub message: Message,
    is_new: bool,
}

impl IntoResponse for Delivered {
    /// Returns 201 for a new message, and 200 for an earlier one.
    fn into_response(self) -> Response {
        if self.is_new {
            created(&format!("messages/{}", self.message.id), self.message).into_response()
        } else {
            axum::Json(self.message).into_response()
        }
    }
}

/// Stores the files, fetches those to store, and sends the message. If it is rejected, its stored files are removed. A contact
/// that was created for it stays.
pub async fn send(
    platform: &Platform,
    caller: &Caller,
    key: Option<RequestKey>,
    files: Vec<Sent>,
    mut input: Input,
) -> Result<Delivered> {
    // Checked before files are stored and fetched, and again when the message is written.
    let recipient = Recipient::find(platform, caller, &input).await?;
    caller.member.require(Permission::MessageSend)?;
    if let Some(known) = known(platform, caller, &input, &recipient).await? {
        return Ok(Delivered { message: known, is_new: false });
    }
    let asked = input.take_asked()?;
    check_count("attachments", files.len() + asked.len())?;
    input.check_text(files.len() + asked.len())?;
    let channel = recipient.channel(platform, caller).await?;
    let mut stored = Vec::new();
    let sent = match carry(platform, caller, channel.id, files, asked, &mut stored).await {
        Ok(carried) => deliver(platform, caller, &channel, key, input, carried).await,
        Err(error) => Err(error),
    };
    if !sent.as_ref().is_ok_and(|sent| sent.is_new) {
        intake::take_back(platform, caller.member.organization_id(), &stored).await;
    }
    sent
}

/// Returns the earlier message with the same external id, before anything is stored.
async fn known(platform: &Platform, caller: &Caller, input: &Input, recipient: &Recipient) -> Result<Option<Message>> {
    let Some(id) = check_external_id(input.external_id.clone())? else {
        return Ok(None);
    };
    let is_inbound = input.direction == Direction::Inbound;
    let Some((known, channel)) = sending::known(platform, &caller.member, &id, is_inbound).await? else {
        return Ok(None);
    };
    // A contact that does not exist yet has no message either.
    if !matches!(recipient, Recipient::Known(named) if named.id == channel.id) {
        return Err(sending::external_id_in_use());
    }
    let icon = icon::of_channel(platform, &caller.member, &channel).await?;
    Ok(Some(Message::new(known, icon.as_ref())))
}

/// Returns all attachments of the message, in order: the files, then those of the JSON.
async fn carry(
    platform: &Platform,
    caller: &Caller,
    channel: ChannelId,
    files: Vec<Sent>,
    asked: Vec<Asked>,
    stored: &mut Vec<AttachmentId>,
) -> Result<Vec<MessageFile>> {
    let kept = |field: String, id| MessageFile { field, what: What::Stored { id, media_type: None }, name: None };
    let mut all = Vec::new();
    for Sent { name, spooled } in files {
        let description = FileDescription { name, media_type: None };
        let id = intake::store(platform, &caller.member, Some(channel), spooled, description).await?;
        stored.push(id);
        all.push(kept("file".to_owned(), id));
    }
    let resolved = stream::iter(asked).map(async |item| match item {
        Asked::MessageFile(carried) => Ok((carried, None)),
        Asked::Fetched { field, url, description } => {
            let fetched = intake::fetch(platform, &caller.member, Some(channel), &url, description).await;
            let id = fetched.map_err(|error: AppError| error.on(&field))?;
            Ok((kept(field, id), Some(id)))
        }
    });
    // To the end, even after a failure, because everything that was stored must be removed.
    let resolved: Vec<Result<_>> = resolved.buffered(FETCHED_AT_ONCE).collect().await;
    stored.extend(resolved.iter().flatten().filter_map(|(_, id)| *id));
    for item in resolved {
        all.push(item?.0);
    }
    Ok(all)
}

async fn deliver(
    platform: &Platform,
    caller: &Caller,
    channel: &Visible<Channel>,
    key: Option<RequestKey>,
    input: Input,
    carried: Vec<MessageFile>,
) -> Result<Delivered> {
    let direction = input.direction;
    let post = input.into_post(carried, key);
    let sent =
        match direction {
            Direction::Outbound => sending::send_once(platform, &caller.member, channel.id, post).await?,
            Direction::Inbound => {
                let received = sending::receive_once(platform, &caller.member, channel.id, post).await;
                received.map_err(|error| {
                    if error.field.as_deref() == Some("channelId") { error.on("direction") } else { error }
                })?
            }
        };
    let icon = icon::of_channel(platform, &caller.member, channel).await?;
    Ok(Delivered { message: Message::new(sent.message, icon.as_ref()), is_new: sent.is_new })
}
