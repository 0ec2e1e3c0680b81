//! SQL of the comparison: how a row is now, because others write while it runs.

use uuid::Uuid;

use crate::admin::stored_objects::OwnedBy;
use crate::files::attachments::store::clean_up::{has_bytes, is_under_way};
use crate::files::attachments::store::remote_previews;
use crate::files::pictures;
use crate::files::pictures::model::PictureStatus;
use crate::files::previews::store as previews;
use crate::ids::{AttachmentId, PictureId, RemotePreviewId};
use crate::platform::Platform;
use crate::platform::db::fetch_optional;
use crate::platform::storage::ObjectKey;

/// Why an object without a complete row may be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// A row requires it, an upload uses it, or a job will remove it.
    Used,
    /// No row knows it.
    Unknown,
}

/// Returns whether a row still requires its object.
pub async fn is_required(platform: &Platform, owner: OwnedBy, id: Uuid) -> sqlx::Result<bool> {
    match owner {
        OwnedBy::Attachment => has_bytes(platform.db.on(), AttachmentId(id)).await,
        OwnedBy::Picture => {
            let row = pictures::store::find(platform.db.on(), PictureId(id)).await?;
            Ok(row.is_some_and(|row| row.status == PictureStatus::Complete))
        }
    }
}

/// Returns whether a preview of a picture on another server should be stored.
pub async fn has_remote_preview(platform: &Platform, id: Uuid) -> sqlx::Result<bool> {
    let row = fetch_optional!(
        platform.db.on(),
        (i32,),
        "SELECT 1 FROM message_attachments l JOIN messages m ON m.id = l.message_id JOIN channels c ON c.id = m.channel_id
         WHERE l.preview_id = $1 AND l.preview = 'ready' AND m.deleted_at IS NULL AND c.deleted_at IS NULL",
        id
    )?;
    Ok(row.is_some())
}

/// Returns whether something uses an object that no complete row requires.
pub async fn use_of(platform: &Platform, key: &ObjectKey) -> sqlx::Result<Use> {
    let on = || platform.db.on();
    let is_used = match key {
        ObjectKey::Attachment(id) => of_attachment(platform, *id, key).await?,
        ObjectKey::Filed(filed) => of_attachment(platform, filed.id, key).await?,
        ObjectKey::Staging(id, attempt) => {
            let picture = pictures::store::find(on(), PictureId(*id)).await?;
            picture.is_some() || is_under_way(on(), AttachmentId(*id), *attempt).await?
        }
        ObjectKey::Derived(id, _) => {
            has_bytes(on(), AttachmentId(*id)).await?
                || remote_previews::is_used(on(), RemotePreviewId(*id)).await?
                || is_being_removed(platform, *id).await?
        }
        ObjectKey::UserAvatar(_, id)
        | ObjectKey::BotAvatar(_, id)
        | ObjectKey::OrganizationAvatar(_, id)
        | ObjectKey::Emoji(_, id) => pictures::store::find(on(), PictureId(*id)).await?.is_some(),
    };
    Ok(if is_used { Use::Used } else { Use::Unknown })
}

async fn of_attachment(platform: &Platform, id: Uuid, key: &ObjectKey) -> sqlx::Result<bool> {
    if let Some(row) = previews::find(platform.db.on(), AttachmentId(id)).await? {
        return Ok(row.key() == *key);
    }
    // An upload, or a failed one that a job removes.
    let unfinished = fetch_optional!(
        platform.db.on(),
        (i32,),
        "SELECT 1 FROM attachments WHERE id = $1 AND status <> 'complete' AND purged_at IS NULL",
        id
    )?;
    Ok(unfinished.is_some() || is_being_removed(platform, id).await?)
}

/// Returns whether a job removes the objects of a file.
async fn is_being_removed(platform: &Platform, id: Uuid) -> sqlx::Result<bool> {
    let row = fetch_optional!(
        platform.db.on(),
        (i32,),
        "SELECT 1 FROM jobs WHERE name = 'remove_purged_objects' AND subject = $1 AND due_at IS NOT NULL",
        id
    )?;
    Ok(row.is_some())
}
