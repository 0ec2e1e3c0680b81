//! `GET /attachments/message/{messageId}`

use serde::Serialize;
use utoipa::ToSchema;

use super::model::StoredFile;
use crate::conversations::messages::service;
use crate::ids::MessageId;
use crate::platform::Platform;
use crate::platform::error::{AppError, Result};
use crate::rest::body::Path;
use crate::rest::caller::Caller;
use crate::rest::icon;

/// The stored files of a message, in order. If none of them is an ICON, the bucket's picture is added at the end as
/// ICON.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageFiles {
    attachments: Vec<StoredFile>,
}

/// Lists the stored files of a message.
#[utoipa::path(
    get,
    path = "/attachments/message/{messageId}",
    tag = "Attachments",
    params(("messageId" = MessageId, Path, description = "The ID of the message.")),
    responses((status = 200, description = "The files.", body = MessageFiles))
)]
pub async fn list_message_attachments(
    platform: Platform,
    caller: Caller,
    Path(id): Path<MessageId>,
) -> Result<axum::Json<MessageFiles>> {
    let (message, channel) = service::find_with_channel(&platform, &caller.member, id).await?;
    if message.deleted.is_some() {
        return Err(AppError::not_found("message"));
    }
    let mut files = message.attachments;
    let icon = icon::of_channel(&platform, &caller.member, &channel).await?;
    let remote = message.remote_files.iter().map(|file| (file.media_type, None));
    let carried = || files.iter().map(|file| (file.media_type, Some(file.id))).chain(remote.clone());
    let joining = icon.filter(|icon| icon::joins(icon, carried()));
    files.extend(joining);
    let attachments = files.into_iter().map(StoredFile::from).collect();
    Ok(axum::Json(MessageFiles { attachments }))
}
