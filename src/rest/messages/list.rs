//! `GET /messages`

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::Message;
use crate::messaging::model::MessageId;
use crate::messaging::service;
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
    /// Whose messages: the id or the name of a bucket or of any other channel. A token that is bound to a bucket may leave it
    /// out.
    bucket_id: Option<String>,
    /// The `next` of the page before.
    before: Option<MessageId>,
    /// How many, 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// A page of messages, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessagePage {
    messages: Vec<Message>,
    /// Hand it in as `before` for the page after this; null: this is the last.
    next: Option<MessageId>,
}

/// The messages of a channel, newest first.
#[utoipa::path(
    get,
    path = "/messages",
    tag = "Messages",
    params(Filter),
    responses(
        (status = 200, description = "A page of them.", body = MessagePage),
        (status = 404, description = "There is no such channel, or it is not yours.", body = crate::rest::error::ErrorBody)
    )
)]
pub async fn list_messages(
    platform: Platform,
    caller: Caller,
    Query(filter): Query<Filter>,
) -> Result<axum::Json<MessagePage>> {
    let limit = check_limit(filter.limit)?;
    let channel = caller.channel(&platform, "bucketId", filter.bucket_id.as_deref()).await?;
    let found = service::list(&platform, &caller.member, channel.id, filter.before, Some(limit)).await?;
    let next = next(&found, limit, |message| message.id);
    let icon = icon::of_channel(&platform, &caller.member, &channel).await?;
    let kept = found.into_iter().filter(|message| message.deleted.is_none());
    let messages = kept.map(|message| Message::new(message, icon.as_ref())).collect();
    Ok(axum::Json(MessagePage { messages, next }))
}
