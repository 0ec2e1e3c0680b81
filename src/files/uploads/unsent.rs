//! Complete files that are in no message: listed, renamed and removed by their uploader.

use super::model::Failure;
use super::uploader::Uploader;
use crate::files::attachments::clean_up::remove_unsent;
use crate::files::attachments::file_name::FileName;
use crate::files::attachments::model::{Attachment, Status};
use crate::files::attachments::store as attachments;
use crate::files::attachments::store::unsent as store;
use crate::ids::AttachmentId;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::{AppError, ErrorKind, Result};

/// Maximum number of listed files, the latest first.
const LISTED_MAX: i64 = 200;

/// Returns the member's own complete files that were not sent.
pub async fn list(platform: &Platform, member: &Member) -> Result<Vec<Attachment>> {
    let rows = store::list(platform.db.on(), member.organization_id(), member.id, LISTED_MAX).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Returns a page of the member's own files that are in no message, with any status, the latest first. A token that is
/// bound to a bucket gets the files for that bucket.
pub async fn page(
    platform: &Platform,
    member: &Member,
    status: Option<Status>,
    before: Option<AttachmentId>,
    limit: i64,
) -> Result<Vec<Attachment>> {
    let rows = store::page(platform.db.on(), member, status, before, limit).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Renames an unsent file.
pub async fn rename(platform: &Platform, uploader: &Uploader, id: AttachmentId, name: &str) -> Result<Attachment> {
    uploader.own(platform, id).await?;
    let name = FileName::new(name);
    if name.is_empty() {
        return Err(AppError::invalid("fileName", "Enter a name."));
    }
    if !store::rename(platform.db.on(), id, &name).await? {
        return Err(was_sent());
    }
    Ok(uploader.current(platform, id).await?.into())
}

/// Removes a file that is in no message and frees its storage immediately. Cancels an upload that is in progress.
pub async fn remove(platform: &Platform, uploader: &Uploader, id: AttachmentId) -> Result<()> {
    if own_status(platform, uploader, id).await? != Status::Complete {
        let failed = super::service::fail(platform, uploader, id, Failure::because("removed")).await;
        let completed_first = matches!(&failed, Err(error) if error.kind == ErrorKind::InvalidTransition);
        if !completed_first || own_status(platform, uploader, id).await? != Status::Complete {
            return failed.map(|_| ());
        }
    }
    if remove_unsent(platform, id, platform.clock.now()).await? == 0 {
        return Err(was_sent());
    }
    Ok(())
}

/// Returns the status of the uploader's own upload, also in a conversation that a member can no longer view.
async fn own_status(platform: &Platform, uploader: &Uploader, id: AttachmentId) -> Result<Status> {
    let row = attachments::find(platform.db.on(), uploader.organization(), id).await?;
    let row = row.filter(|row| uploader.owns(row) && row.deleted_at.is_none());
    Ok(row.ok_or_else(|| AppError::not_found("upload"))?.status)
}

fn was_sent() -> AppError {
    AppError::conflict("This file was already sent.")
}
