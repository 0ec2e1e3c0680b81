//! `POST /messages`

use axum::Extension;

use super::input::Input;
use super::model::Message;
use super::send::{Delivered, send};
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Json;
use crate::rest::caller::Caller;
use crate::rest::error::ErrorBody;
use crate::rest::idempotency::RequestKey;

/// Sends a message.
///
/// `direction: inbound` is a message of the contact, as a gateway receives it. Attachments appear in this order: `attachments`, `attachmentUuids`, `imageUrl`, `videoUrl`, `gifUrl`.
#[utoipa::path(
    post,
    path = "/messages",
    tag = "Messages",
    request_body = Input,
    responses(
        (status = 200, description = "An earlier message with this `externalId`.", body = Message),
        (status = 201, description = "Sent.", body = Message, headers(("Location", description = "The URL."))),
        (status = 400, description = "The request is malformed, or an attachment was rejected; see `field`.", body = ErrorBody)
    )
)]
pub async fn create_message(
    platform: Platform,
    caller: Caller,
    key: Option<Extension<RequestKey>>,
    Json(input): Json<Input>,
) -> Result<Delivered> {
    send(&platform, &caller, key.map(|Extension(key)| key), Vec::new(), input).await
}
