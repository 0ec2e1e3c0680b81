//! `GET /messages`

use std::collections::HashMap;

use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::Message;
use crate::conversations::messages::polling;
use crate::files::attachments::model::Attachment;
use crate::ids::{ChannelId, MessageId};
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::platform::timestamp::Timestamp;
use crate::rest::body::Query;
use crate::rest::caller::Caller;
use crate::rest::etag::tagged;
use crate::rest::icon;
use crate::rest::paging::{check_limit, next};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// The ID or the name of a bucket or another channel. If omitted, the messages of all conversations that you can view.
    bucket_id: Option<String>,
    /// The `next` value of the previous page.
    before: Option<MessageId>,
    /// Only messages that were sent after this one. Pass the newest ID that you have received to poll for new messages.
    after: Option<MessageId>,
    /// Only messages that were sent at this time or later.
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// The maximum number of items. Defaults to 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// A page of messages, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessagePage {
    messages: Vec<Message>,
    /// Pass this as `before` to get the next page. Null on the last page.
    next: Option<MessageId>,
}

/// Lists messages, newest first: of a channel, or of all that you can view.
///
/// The response has an `ETag`. With `If-None-Match` and the same filter, the response is 304 until something changes.
#[utoipa::path(
    get,
    path = "/messages",
    tag = "Messages",
    params(Filter),
    responses(
        (status = 200, description = "A page of messages.", body = MessagePage, headers(("ETag", description = "The version of the page."))),
        (status = 304, description = "Nothing has changed since the version in `If-None-Match`."),
        (status = 404, description = "The channel doesn't exist, or you don't have access to it.", body = crate::rest::error::ErrorBody)
    )
)]
pub async fn list_messages(
    platform: Platform,
    caller: Caller,
    headers: HeaderMap,
    Query(filter): Query<Filter>,
) -> Result<Response> {
    let limit = check_limit(filter.limit)?;
    let channel = match (&filter.bucket_id, caller.home()) {
        (None, None) => None,
        (reference, _) => Some(caller.channel(&platform, "bucketId", reference.as_deref()).await?.id),
    };
    let Filter { before, after, since, .. } = filter;
    let filter = polling::Filter { channel, before, after, since, limit };
    let found = polling::list(&platform, &caller.member, &filter).await?;
    let next = next(&found, limit, |message| message.id);
    let mut icons: HashMap<ChannelId, Option<Attachment>> = HashMap::new();
    let mut messages = Vec::new();
    for message in found {
        let icon = if let Some(icon) = icons.get(&message.channel_id) {
            icon.as_ref()
        } else {
            let icon = icon::of(&platform, &caller.member, message.channel_id).await?;
            icons.entry(message.channel_id).or_insert(icon).as_ref()
        };
        messages.push(Message::new(message, icon));
    }
    tagged(&headers, &MessagePage { messages, next })
}
