//! `GET /messages/{id}`

use super::model::Message;
use crate::conversations::messages::service;
use crate::ids::MessageId;
use crate::platform::Platform;
use crate::platform::error::{AppError, Result};
use crate::rest::body::Path;
use crate::rest::caller::Caller;
use crate::rest::icon;

/// Returns a message.
#[utoipa::path(
    get,
    path = "/messages/{id}",
    tag = "Messages",
    params(("id" = MessageId, Path, description = "The ID of the message.")),
    responses((status = 200, description = "The message.", body = Message))
)]
pub async fn get_message(platform: Platform, caller: Caller, Path(id): Path<MessageId>) -> Result<axum::Json<Message>> {
    let (message, channel) = service::find_with_channel(&platform, &caller.member, id).await?;
    if message.deleted.is_some() {
        return Err(AppError::not_found("message"));
    }
    let icon = icon::of_channel(&platform, &caller.member, &channel).await?;
    Ok(axum::Json(Message::new(message, icon.as_ref())))
}
