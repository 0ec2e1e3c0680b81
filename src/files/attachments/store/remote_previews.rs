//! SQL of the previews of pictures that messages name by URL.

use sqlx::FromRow;

use super::Result;
use crate::files::attachments::model::PreviewState;
use crate::ids::{ChannelId, MessageId, OrganizationId, RemotePreviewId};
use crate::platform::db::{On, Tx, execute, fetch_optional};

/// Notes that a preview of a URL is to be fetched.
pub async fn request(tx: &mut Tx, id: RemotePreviewId, message: MessageId, position: i32) -> Result<()> {
    execute!(
        tx,
        "UPDATE message_attachments SET preview_id = $3, preview = $4 WHERE message_id = $1 AND position = $2",
        message,
        position,
        id,
        PreviewState::Pending
    )?;
    Ok(())
}

/// A picture and the message that names it.
#[derive(FromRow)]
pub struct RemoteRow {
    pub organization_id: OrganizationId,
    pub channel_id: ChannelId,
    pub message_id: MessageId,
    pub url: String,
}

/// Returns the picture of a preview in this state, unless its message or channel was deleted.
pub async fn find(on: On<'_>, id: RemotePreviewId, state: PreviewState) -> Result<Option<RemoteRow>> {
    fetch_optional!(
        on,
        RemoteRow,
        "SELECT m.organization_id, m.channel_id, m.id AS message_id, l.url FROM message_attachments l
         JOIN messages m ON m.id = l.message_id JOIN channels c ON c.id = m.channel_id
         WHERE l.preview_id = $1 AND l.preview = $2 AND l.url IS NOT NULL
           AND m.deleted_at IS NULL AND c.deleted_at IS NULL",
        id,
        state
    )
}

/// Writes how the fetch ended. `pixels` is the size of the picture; `None`: there is no preview.
pub async fn write(on: On<'_>, id: RemotePreviewId, pixels: Option<(i32, i32)>) -> Result<()> {
    let state = if pixels.is_some() { PreviewState::Ready } else { PreviewState::None };
    execute!(
        on,
        "UPDATE message_attachments SET preview = $2, width = $3, height = $4 WHERE preview_id = $1",
        id,
        state,
        pixels.map(|(width, _)| width),
        pixels.map(|(_, height)| height)
    )?;
    Ok(())
}

/// Returns whether a stored preview belongs to a message of a channel that was not deleted.
pub async fn is_used(on: On<'_>, id: RemotePreviewId) -> Result<bool> {
    let row = fetch_optional!(
        on,
        (i32,),
        "SELECT 1 FROM message_attachments l JOIN messages m ON m.id = l.message_id
         JOIN channels c ON c.id = m.channel_id WHERE l.preview_id = $1 AND c.deleted_at IS NULL",
        id
    )?;
    Ok(row.is_some())
}
