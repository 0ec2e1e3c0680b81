//! Verification of an uploaded picture, after which it is shown.

use std::time::Duration;

use tokio::time::timeout;

use super::model::{Picture, PictureKind, PictureStatus, SIDE_MAX, is_allowed};
use super::presign::{NewUpload, presign};
use super::service::{publish_change, remove_others};
use super::store::{self, PictureRow};
use crate::files::attachments::upload_failure::{Failed, Step, noted};
use crate::files::emoji::service as emoji;
use crate::files::staged::object::{Frozen, freeze};
use crate::files::staged::{Lease, Owner, Staged, lease};
use crate::ids::PictureId;
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::file_types::recognize::recognize;
use crate::platform::picture_url::picture_url;
use crate::platform::storage::StorageError;

/// Number of bytes that are read: enough for a JPEG's EXIF block before its size.
const SNIFF_BYTES: u64 = 256 * 1024;
/// Timeout of a check of a small picture.
const CHECK_TIMEOUT: Duration = Duration::from_secs(100);

/// Returns the caller's own upload. Others are not found.
async fn own(platform: &Platform, member: &Member, id: PictureId) -> Result<PictureRow> {
    let row = store::find(platform.db.on(), id).await?;
    row.filter(|row| row.uploaded_by == member.user_id).ok_or_else(|| AppError::not_found("picture"))
}

/// Changes `uploading → complete`, after a check of the bytes; the picture then replaces the old one. Repeating it on a
/// complete one changes nothing.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn complete(platform: &Platform, member: &Member, id: PictureId) -> Result<Picture> {
    let read = || async {
        let row = own(platform, member, id).await?;
        let staged = (row.status == PictureStatus::Uploading).then(|| row.staged());
        Ok((row, staged))
    };
    let (row, lease) = lease::wait(platform, Owner::Pictures, read).await?;
    let Some((lease, _turn)) = lease else { return finished(row) };
    let took_too_long = || StorageError::failed("checking a picture took too long").into();
    let checking = async {
        let done = timeout(CHECK_TIMEOUT, finish(platform, member, &row, lease)).await;
        done.unwrap_or_else(|_| Err(took_too_long()))
    };
    let failed =
        Failed { size: i64::try_from(row.file_size.0).ok(), is_picture: true, ..Failed::of(id.0, row.attempt_id.0) };
    noted(platform, Step::Complete, failed, lease::hold(platform, lease, Box::pin(checking)).await)?;
    finished(own(platform, member, id).await?)
}

/// Stores a picture of the server itself, as if its member had uploaded it.
pub async fn import(platform: &Platform, member: &Member, upload: NewUpload, bytes: Vec<u8>) -> Result<Picture> {
    let id = presign(platform, member, upload).await?.id;
    let row = own(platform, member, id).await?;
    platform.storage.put_bytes(&row.staged().staging_key(), &row.content_type, bytes).await?;
    complete(platform, member, id).await
}

fn finished(row: PictureRow) -> Result<Picture> {
    if row.status != PictureStatus::Complete {
        let message = format!("This picture is {}. Presign a new one.", row.status);
        return Err(AppError::new(ErrorKind::InvalidTransition, message));
    }
    Ok(Picture {
        id: row.id,
        kind: row.kind,
        content_type: row.content_type,
        file_size: row.file_size,
        width: row.width.unwrap_or_default(),
        height: row.height.unwrap_or_default(),
        url: picture_url(row.id.0),
    })
}

/// Checks the bytes, moves them to a key without an upload URL, and shows the picture.
async fn finish(platform: &Platform, member: &Member, row: &PictureRow, lease: Lease) -> Result<()> {
    let staged = row.staged();
    let outcome = match look(platform, &staged).await {
        Ok(seen) => show(platform, member, row, row.kind, lease, seen).await,
        Err(error) => Err(error),
    };
    let refused = outcome.as_ref().is_err_and(|error| {
        matches!(
            error.kind,
            ErrorKind::SizeMismatch | ErrorKind::TypeMismatch | ErrorKind::InvalidValue | ErrorKind::Conflict
        )
    });
    if refused {
        staged.remove(platform).await?;
        store::set_failed(platform.db.on(), lease).await?;
    }
    outcome
}

type Seen = (&'static str, (i32, i32));

async fn look(platform: &Platform, staged: &Staged) -> Result<Seen> {
    if let Frozen::WrongSize(size) = freeze(platform, staged).await? {
        let message = format!("Expected {} bytes, received {}. Choose the picture again.", staged.size, size);
        return Err(AppError::new(ErrorKind::SizeMismatch, message));
    }
    judge(&platform.storage.read_start(&staged.key, SNIFF_BYTES).await?)
}

/// Detects the type of the bytes. The announced type is ignored.
fn judge(start: &[u8]) -> Result<Seen> {
    let seen = recognize(start).map(|row| row.name).filter(|seen| is_allowed(seen));
    let Some(seen) = seen else {
        let message = "This file isn't a PNG, JPEG, GIF or WebP image.";
        return Err(AppError::new(ErrorKind::TypeMismatch, message));
    };
    let allowed = |pixels: usize| i32::try_from(pixels).ok().filter(|pixels| (1..=SIDE_MAX).contains(pixels));
    let size = imagesize::blob_size(start).ok();
    match size.map(|size| (allowed(size.width), allowed(size.height))) {
        Some((Some(width), Some(height))) => Ok((seen, (width, height))),
        Some(_) => Err(AppError::new(
            ErrorKind::InvalidValue,
            format!("A picture can be at most {SIDE_MAX} × {SIDE_MAX} pixels. Choose a smaller one."),
        )),
        None => Err(AppError::new(ErrorKind::TypeMismatch, "This picture is damaged: its size can't be read.")),
    }
}

/// Repeats the checks of [`presign`]: the member may have changed the organization or lost the permission in between.
fn check_may_show(member: &Member, row: &PictureRow, kind: PictureKind) -> Result<()> {
    let permission = match kind {
        PictureKind::UserAvatar => return Ok(()),
        PictureKind::CustomEmoji => Permission::EmojiManage,
        PictureKind::BotAvatar | PictureKind::OrganizationAvatar => Permission::OrganizationManage,
    };
    if row.organization_id != member.organization_id() {
        return Err(AppError::not_found("picture"));
    }
    member.require(permission)
}

/// Completes the picture, assigns it to its owner, and marks the old one for removal, in one transaction.
async fn show(
    platform: &Platform,
    member: &Member,
    row: &PictureRow,
    kind: PictureKind,
    lease: Lease,
    (content_type, pixels): Seen,
) -> Result<()> {
    let (mut tx, ref member) = rights::begin_change(platform, member).await?;
    check_may_show(member, row, kind)?;
    store::point(tx.on(), kind, row.owner_id, Some(row.id)).await?;
    if !store::set_complete(tx.on(), lease, content_type, pixels).await? {
        return Err(AppError::new(ErrorKind::InvalidTransition, "This picture was already completed or canceled."));
    }
    if kind == PictureKind::CustomEmoji {
        let name = row.emoji_name.as_deref().unwrap_or_default();
        emoji::add(platform, &mut tx, member, row.id.0, name).await?;
    } else {
        remove_others(platform, &mut tx, kind, row.owner_id, Some(row.id)).await?;
    }
    tx.commit().await?;
    platform.job_added.notify_one();
    if kind == PictureKind::CustomEmoji {
        emoji::publish_change(platform, member.organization_id()).await;
        return Ok(());
    }
    publish_change(platform, member, kind, row.owner_id, Some(row.id)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_decide() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\0\x80\x08\x06\0\0\0";
        assert_eq!(judge(png), Ok(("image/png", (256, 128))));
        let bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x10\x01\0\0\0\x80\x08\x06\0\0\0";
        assert_eq!(judge(bomb).unwrap_err().kind, ErrorKind::InvalidValue);
        let endless = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff\x08\x06\0\0\0";
        assert_eq!(judge(endless).unwrap_err().kind, ErrorKind::InvalidValue);
        for wrong in [&b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..], b"BM", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b""]
        {
            assert_eq!(judge(wrong).unwrap_err().kind, ErrorKind::TypeMismatch, "{wrong:?}");
        }
    }
}
