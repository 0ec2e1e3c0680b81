//! `DELETE /messages/{id}`

use axum::http::StatusCode;

use crate::conversations::messages::removal;
use crate::ids::MessageId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Path;
use crate::rest::caller::Caller;

/// Deletes a message with its files, for everyone. The app shows who deleted it.
#[utoipa::path(
    delete,
    path = "/messages/{id}",
    tag = "Messages",
    params(("id" = MessageId, Path, description = "The ID of the message.")),
    responses((status = 204, description = "Deleted."))
)]
pub async fn delete_message(platform: Platform, caller: Caller, Path(id): Path<MessageId>) -> Result<StatusCode> {
    removal::delete(&platform, &caller.member, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
