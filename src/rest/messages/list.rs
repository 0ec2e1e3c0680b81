//! `GET /messages`

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::Message;
use crate::conversations::messages::service;
use crate::ids::MessageId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Query;
use crate::rest::caller::Caller;
use crate::rest::icon;
use crate::rest::paging::{check_limit, next};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// The ID or the name of a bucket or another channel. Optional for a token that is limited to a bucket.
    bucket_id: Option<String>,
    /// The `next` value of the previous page.
    before: Option<MessageId>,
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

/// Lists the messages of a channel, newest first.
#[utoipa::path(
    get,
    path = "/messages",
    tag = "Messages",
    params(Filter),
    responses(
        (status = 200, description = "A page of messages.", body = MessagePage),
        (status = 404, description = "The channel doesn't exist, or you don't have access to it.", body = crate::rest::error::ErrorBody)
    )
)]
pub async fn list_messages(
    platform: Platform,
    caller: Caller,
    Query(filter): Query<Filter>,
) -> Result<axum::Json<MessagePage>> {
    let limit = check_limit(filter.limit)?;
    let channel = caller.channel(&platform, "bucketId", filter.bucket_id.as_deref()).await?;
    let found = service::list(&platform, &caller.member, &channel, filter.before, Some(limit)).await?;
    let next = next(&found, limit, |message| message.id);
    let icon = icon::of_channel(&platform, &caller.member, &channel).await?;
    let kept = found.into_iter().filter(|message| message.deleted.is_none());
    let messages = kept.map(|message| Message::new(message, icon.as_ref())).collect();
    Ok(axum::Json(MessagePage { messages, next }))
}
