//! Repairs: each is looked at again right before it is done, because others write too.

use std::fmt;

use anyhow::Result;
use uuid::Uuid;

use super::{leftovers, store};
use crate::admin::stored_objects::OwnedBy;
use crate::files::attachments::remote_preview::FetchRemotePreview;
use crate::files::attachments::service::subject;
use crate::files::attachments::store::find;
use crate::files::attachments::store::removal::take_from_buckets;
use crate::files::previews::MakePreview;
use crate::files::previews::store as previews;
use crate::files::quotas;
use crate::ids::{AttachmentId, OrganizationId, RemotePreviewId};
use crate::people::audit::model::Action;
use crate::people::audit::service as audit;
use crate::people::audit::service::By;
use crate::platform::Platform;
use crate::platform::db::{Lockable, execute, fetch_optional};
use crate::platform::error::AppError;
use crate::platform::jobs;
use crate::platform::storage::{Listed, ObjectKey, StorageError};

/// A change that corrects a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repair {
    /// Marks a file whose bytes are gone as deleted permanently, so that people see that and no error.
    MarkGone {
        owner: OwnedBy,
        id: Uuid,
        key: ObjectKey,
    },
    MakePreview {
        id: Uuid,
        is_remote: bool,
    },
    /// Deletes an object without a row.
    Delete {
        object: Listed,
    },
    /// Counts the used bytes of all organizations.
    Recount,
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MarkGone { key, .. } => write!(f, "mark {key} as deleted permanently"),
            Self::MakePreview { id, .. } => write!(f, "make the preview of {id} again"),
            Self::Delete { object } => write!(f, "delete {}", object.key),
            Self::Recount => f.write_str("count the used bytes of all organizations"),
        }
    }
}

/// Turns an error for people into one for the operator.
fn told(error: AppError) -> anyhow::Error {
    anyhow::anyhow!(error.message)
}

impl Repair {
    /// Returns `false` if it is no longer needed.
    pub(super) async fn run(&self, platform: &Platform) -> Result<bool> {
        match self {
            Self::MarkGone { owner, id, key } => {
                if !store::is_required(platform, *owner, *id).await? {
                    return Ok(false);
                }
                match platform.storage.head(key).await {
                    Err(StorageError::NotFound) => {}
                    Ok(_) => return Ok(false),
                    Err(error) => return Err(error.into()),
                }
                match owner {
                    OwnedBy::Attachment => mark_attachment(platform, AttachmentId(*id)).await,
                    OwnedBy::Picture => mark_picture(platform, *id).await,
                }
            }
            Self::MakePreview { id, is_remote: false } => make_preview(platform, AttachmentId(*id)).await,
            Self::MakePreview { id, is_remote: true } => fetch_preview(platform, *id).await,
            Self::Delete { object } => {
                let Ok(key) = object.key.parse() else { return Ok(false) };
                if !leftovers::is_left(platform, &key, object).await? {
                    return Ok(false);
                }
                platform.storage.delete(&key).await?;
                Ok(true)
            }
            Self::Recount => Ok(quotas::store::recount(platform.db.on()).await? > 0),
        }
    }
}

async fn organization_of(platform: &Platform, id: AttachmentId) -> Result<Option<OrganizationId>> {
    Ok(previews::find(platform.db.on(), id).await?.map(|row| row.organization_id))
}

async fn mark_attachment(platform: &Platform, id: AttachmentId) -> Result<bool> {
    let Some(organization) = organization_of(platform, id).await? else { return Ok(false) };
    let mut tx = platform.db.begin().await?;
    tx.lock(Lockable::Attachment, id.0).await?;
    let Some(row) = find(tx.on(), organization, id).await? else { return Ok(false) };
    take_from_buckets(&mut tx, id).await?;
    execute!(
        &mut tx,
        "UPDATE attachments SET deleted_at = COALESCE(deleted_at, $2), purged_at = $2
         WHERE id = $1 AND status = 'complete' AND purged_at IS NULL",
        id,
        platform.clock.now()
    )?;
    audit::record(platform, tx.on(), &By::sender(organization, None), Action::Purged, &subject(&row))
        .await
        .map_err(told)?;
    tx.commit().await?;
    Ok(true)
}

async fn mark_picture(platform: &Platform, id: Uuid) -> Result<bool> {
    let mut tx = platform.db.begin().await?;
    execute!(&mut tx, "UPDATE users SET avatar_id = NULL WHERE avatar_id = $1", id)?;
    execute!(&mut tx, "UPDATE bots SET avatar_id = NULL WHERE avatar_id = $1", id)?;
    execute!(&mut tx, "UPDATE organizations SET logo_id = NULL WHERE logo_id = $1", id)?;
    execute!(
        &mut tx,
        "UPDATE emojis SET removed_at = $2 WHERE id = $1 AND removed_at IS NULL",
        id,
        platform.clock.now()
    )?;
    execute!(&mut tx, "UPDATE pictures SET status = 'removed' WHERE id = $1 AND status = 'complete'", id)?;
    tx.commit().await?;
    Ok(true)
}

async fn make_preview(platform: &Platform, id: AttachmentId) -> Result<bool> {
    let Some(organization) = organization_of(platform, id).await? else { return Ok(false) };
    let mut tx = platform.db.begin().await?;
    execute!(&mut tx, "UPDATE attachments SET preview = 'pending' WHERE id = $1 AND preview = 'ready'", id)?;
    jobs::enqueue(tx.on(), &MakePreview { file: id }, organization.0, platform.clock.now()).await?;
    tx.commit().await?;
    Ok(true)
}

async fn fetch_preview(platform: &Platform, id: Uuid) -> Result<bool> {
    let row = fetch_optional!(
        platform.db.on(),
        (OrganizationId,),
        "SELECT m.organization_id FROM message_attachments l JOIN messages m ON m.id = l.message_id WHERE l.preview_id = $1",
        id
    )?;
    let Some((organization,)) = row else { return Ok(false) };
    let mut tx = platform.db.begin().await?;
    execute!(
        &mut tx,
        "UPDATE message_attachments SET preview = 'pending' WHERE preview_id = $1 AND preview = 'ready'",
        id
    )?;
    let job = FetchRemotePreview { preview: RemotePreviewId(id) };
    jobs::enqueue(tx.on(), &job, organization.0, platform.clock.now()).await?;
    tx.commit().await?;
    Ok(true)
}
