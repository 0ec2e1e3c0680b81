//! `POST /messages`

use axum::Extension;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::IntoResponse;

use super::input::Input;
use super::model::{Direction, Message};
use crate::messaging::{model, service};
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::ROOT;
use crate::rest::body::Json;
use crate::rest::caller::Caller;
use crate::rest::idempotency::RequestKey;

/// Sends a message.
///
/// What it carries appears in this order: `attachments`, `attachmentUuids`, `imageUrl`, `videoUrl`, `gifUrl`.
#[utoipa::path(
    post,
    path = "/messages",
    tag = "Messages",
    request_body = Input,
    responses((status = 201, description = "It was sent.", body = Message, headers(("Location", description = "Where it is."))))
)]
pub async fn create_message(
    platform: Platform,
    caller: Caller,
    key: Option<Extension<RequestKey>>,
    Json(input): Json<Input>,
) -> Result<impl IntoResponse> {
    let sent = send(&platform, &caller, key.map(|Extension(key)| key), input).await?;
    let location = format!("{ROOT}/messages/{}", sent.id);
    Ok((StatusCode::CREATED, [(LOCATION, location)], axum::Json(Message::from(sent))))
}

pub async fn send(
    platform: &Platform,
    caller: &Caller,
    key: Option<RequestKey>,
    input: Input,
) -> Result<model::Message> {
    let channel = caller.channel(platform, "bucketId", input.bucket_id.as_deref()).await?;
    let direction = input.direction;
    let post = input.into_post(key)?;
    match direction {
        Direction::Outbound => service::send(platform, &caller.member, channel.id, post).await,
        Direction::Inbound => {
            let id = service::receive(platform, &caller.member, channel.id, post).await.map_err(|error| {
                if error.field.as_deref() == Some("channelId") { error.on("direction") } else { error }
            })?;
            service::find(platform, &caller.member, id).await
        }
    }
}
