//! `POST /messages`

use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::IntoResponse;
use serde::Deserialize;
use utoipa::ToSchema;

use super::model::Message;
use crate::messaging::model::{DeliveryType, NewMessage};
use crate::messaging::service::{self, Post};
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::ROOT;
use crate::rest::body::Json;
use crate::rest::caller::Caller;

/// A message to send. It has a title, a body, or both.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewMessage)]
pub struct Input {
    /// Where to: the id or the name of a bucket, or of any other channel that the caller may post to. A token that is bound
    /// to a bucket may leave it out.
    #[schema(example = "deploys")]
    bucket_id: Option<String>,
    /// One line, at most 200 characters.
    #[schema(example = "Build 512 is out")]
    title: Option<String>,
    /// One line, at most 200 characters.
    subtitle: Option<String>,
    /// At most 20,000 characters.
    #[schema(example = "All tests passed.")]
    #[serde(default)]
    body: String,
    #[serde(default)]
    delivery_type: DeliveryType,
}

/// Sends a message.
#[utoipa::path(
    post,
    path = "/messages",
    tag = "Messages",
    request_body = Input,
    responses((status = 201, description = "It was sent.", body = Message, headers(("Location", description = "Where it is."))))
)]
pub async fn create_message(platform: Platform, caller: Caller, Json(input): Json<Input>) -> Result<impl IntoResponse> {
    let channel = caller.channel(&platform, "bucketId", input.bucket_id.as_deref()).await?;
    let post = Post {
        message: NewMessage { body: input.body, ..NewMessage::default() },
        title: input.title,
        subtitle: input.subtitle,
        delivery_type: input.delivery_type,
    };
    let sent = service::send(&platform, &caller.member, channel.id, post).await?;
    let location = format!("{ROOT}/messages/{}", sent.id);
    Ok((StatusCode::CREATED, [(LOCATION, location)], axum::Json(Message::from(sent))))
}
