//! `GET /attachments/message/{messageId}`

use serde::Serialize;
use utoipa::ToSchema;

use super::model::StoredFile;
use crate::messaging::model::MessageId;
use crate::messaging::service;
use crate::platform::Platform;
use crate::platform::error::{AppError, Result};
use crate::rest::body::Path;
use crate::rest::caller::Caller;

/// The stored files of a message, in order.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageFiles {
    attachments: Vec<StoredFile>,
}

/// The stored files of a message.
#[utoipa::path(
    get,
    path = "/attachments/message/{messageId}",
    tag = "Attachments",
    params(("messageId" = MessageId, Path, description = "Of the message.")),
    responses((status = 200, description = "Its files.", body = MessageFiles))
)]
pub async fn list_message_attachments(
    platform: Platform,
    caller: Caller,
    Path(id): Path<MessageId>,
) -> Result<axum::Json<MessageFiles>> {
    let message = service::find(&platform, &caller.member, id).await?;
    if message.deleted.is_some() {
        return Err(AppError::not_found("message"));
    }
    let attachments = message.attachments.into_iter().map(StoredFile::from).collect();
    Ok(axum::Json(MessageFiles { attachments }))
}
