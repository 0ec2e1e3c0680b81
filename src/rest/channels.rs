//! `GET /channels`

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::body::Query;
use super::caller::Caller;
use super::paging::{check_limit, next};
use super::routes::Routes;
use crate::channels::model;
use crate::channels::model::ChannelKind;
use crate::channels::service;
use crate::ids::{ChannelId, ContactId};
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::platform::timestamp::Timestamp;
use crate::programs::access_tokens::model::Scope;

pub fn routes(routes: Routes) -> Routes {
    routes.scoped(Scope::MessagesRead, routes!(list_channels))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// The `next` value of the previous page.
    after: Option<ChannelId>,
    /// The maximum number of items. Defaults to 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// A conversation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Channel {
    /// Messages can be sent to it as `bucketId`.
    id: ChannelId,
    kind: ChannelKind,
    /// The contact's name in the conversation with a contact.
    #[schema(example = "dispatch")]
    name: String,
    private: bool,
    contact_id: Option<ContactId>,
    #[schema(value_type = String, format = DateTime, example = "2026-01-05T09:30:00.123Z")]
    created_at: Timestamp,
}

impl From<model::Channel> for Channel {
    fn from(channel: model::Channel) -> Self {
        Self {
            id: channel.id,
            kind: channel.kind,
            name: channel.name,
            private: channel.private,
            contact_id: channel.contact_id,
            created_at: channel.created_at,
        }
    }
}

/// A page of conversations.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelPage {
    channels: Vec<Channel>,
    /// Pass this as `after` to get the next page. Null on the last page.
    next: Option<ChannelId>,
}

/// Lists the conversations that the caller can view, oldest first: channels, buckets and those with contacts.
#[utoipa::path(
    get,
    path = "/channels",
    tag = "Channels",
    params(Page),
    responses((status = 200, description = "A page of conversations.", body = ChannelPage))
)]
pub async fn list_channels(
    platform: Platform,
    caller: Caller,
    Query(page): Query<Page>,
) -> Result<axum::Json<ChannelPage>> {
    let limit = check_limit(page.limit)?;
    let channels = service::list(&platform, &caller.member, page.after, Some(limit)).await?;
    let next = next(&channels, limit, |channel| channel.id);
    Ok(axum::Json(ChannelPage { channels: channels.into_iter().map(Channel::from).collect(), next }))
}
