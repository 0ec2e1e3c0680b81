//! Clean-up of unneeded files: unfinished and failed uploads, files that were never sent, deleted files after their
//! retention, and leftovers of crashes in the storage. Each job is safe to run twice and on two servers.

use std::time::Duration;

use futures::TryStreamExt;
use uuid::Uuid;

use super::removal::RemovePurgedObjects;
use super::service::{discard, remove_objects, subject};
use super::store::clean_up as store;
use super::store::upload::set_failed;
use super::store::{find, remote_previews};
use super::upload_failure::{Failed, Reason, Step, note};
use crate::files::staged::lease;
use crate::ids::{AttachmentId, OrganizationId, RemotePreviewId};
use crate::people::audit::model::Action;
use crate::people::audit::service as audit;
use crate::people::audit::service::By;
use crate::platform::Platform;
use crate::platform::db::Lockable;
use crate::platform::error::Result;
use crate::platform::jobs;
use crate::platform::storage::ObjectKey;
use crate::platform::sweep::Sweep;
use crate::platform::timestamp::Timestamp;

/// An upload without requests for this time is abandoned.
pub const UNFINISHED_AFTER: Duration = Duration::from_hours(1);
/// How long a failed upload can be retried, and its parts are kept.
pub const FAILED_RETENTION: Duration = Duration::from_hours(24);
/// Longer than the lifetime of any upload URL, and of the oldest upload that can continue.
pub const LEFTOVER_RETENTION: Duration = Duration::from_hours(24);

/// Maximum number of rows in one run; the next run continues.
const BATCH: i64 = 1000;

/// Changes abandoned uploads to `failed`. The bytes of a single PUT are removed; complete parts stay for a retry, until
/// the failed upload is removed.
pub async fn fail_unfinished(platform: Platform) -> Result<u64> {
    let before = platform.clock.now().minus(UNFINISHED_AFTER);
    let mut sweep = Sweep::new("unfinished uploads");
    for (organization, id) in store::unfinished(platform.db.on(), before, BATCH).await? {
        sweep.note(id.0, fail_one(&platform, organization, id).await)?;
    }
    Ok(sweep.end())
}

async fn fail_one(platform: &Platform, organization: OrganizationId, id: AttachmentId) -> Result<u64> {
    let Some(row) = find(platform.db.on(), organization, id).await? else { return Ok(0) };
    // Somebody else has the lease, so it is not abandoned.
    let Some(lease) = lease::take(platform, &row.staged()).await? else { return Ok(0) };
    lease::hold(
        platform,
        lease,
        Box::pin(async {
            let parts = row.multipart_id.as_deref();
            if parts.is_none() {
                discard(platform, &row).await?;
            }
            let failed = set_failed(platform.db.on(), lease, "the upload timed out", parts).await?;
            if failed {
                let upload = Failed { size: i64::try_from(row.file_size.0).ok(), ..Failed::of(id.0, row.attempt_id.0) };
                note(platform, Step::CleanUp, upload, Reason::default());
            }
            Ok(u64::from(failed))
        }),
    )
    .await
}

/// Removes the rows of failed uploads, with their parts.
pub async fn remove_failed(platform: Platform) -> Result<u64> {
    let now = platform.clock.now();
    let before = now.minus(FAILED_RETENTION);
    let mut sweep = Sweep::new("failed uploads");
    for (organization, id) in store::failed_in_parts(platform.db.on(), before, BATCH).await? {
        sweep.note(id.0, remove_parts(&platform, organization, id).await)?;
    }
    sweep.end();
    Ok(store::remove_failed(platform.db.on(), before, now).await?)
}

async fn remove_parts(platform: &Platform, organization: OrganizationId, id: AttachmentId) -> Result<u64> {
    let Some(row) = find(platform.db.on(), organization, id).await? else { return Ok(0) };
    let Some(lease) = lease::take(platform, &row.staged()).await? else { return Ok(0) };
    lease::hold(
        platform,
        lease,
        Box::pin(async {
            discard(platform, &row).await?;
            Ok(u64::from(set_failed(platform.db.on(), lease, "", None).await?))
        }),
    )
    .await
}

/// Removes complete files that are in no message, are no bucket's icon, and that no program declared an `ICON`.
pub async fn remove_never_sent(platform: Platform) -> Result<u64> {
    let now = platform.clock.now();
    if !platform.config.attachments.delete_job_enabled {
        return Ok(0);
    }
    let mut sweep = Sweep::new("files that were never sent");
    let before = now.minus(platform.config.attachments.max_age);
    for (_, id) in store::never_sent(platform.db.on(), before, BATCH).await? {
        sweep.note(id.0, remove_unsent(&platform, id, now).await)?;
    }
    Ok(sweep.end())
}

/// Removes a file that no message and no bucket uses, with its objects. Returns the number of removed files: 0 if it is
/// in use.
pub async fn remove_unsent(platform: &Platform, id: AttachmentId, now: Timestamp) -> Result<u64> {
    let mut tx = platform.db.begin().await?;
    tx.lock(Lockable::Attachment, id.0).await?;
    // From here on no message and no bucket can use it.
    if !store::give_up(tx.on(), id, now).await? {
        return Ok(0);
    }
    tx.commit().await?;
    remove_objects(platform, id).await?;
    let mut tx = platform.db.begin().await?;
    store::remove(&mut tx, id).await?;
    tx.commit().await?;
    Ok(1)
}

/// Removes an upload that is not complete, with its bytes and its row. Returns the number of removed uploads: 0 while
/// somebody else works on it.
pub async fn remove_upload(platform: &Platform, organization: OrganizationId, id: AttachmentId) -> Result<u64> {
    let Some(row) = find(platform.db.on(), organization, id).await? else { return Ok(0) };
    let Some(lease) = lease::take(platform, &row.staged()).await? else { return Ok(0) };
    lease::hold(
        platform,
        lease,
        Box::pin(async {
            discard(platform, &row).await?;
            let mut tx = platform.db.begin().await?;
            store::remove(&mut tx, id).await?;
            tx.commit().await?;
            Ok(1)
        }),
    )
    .await
}

/// Purges deleted files after their organization's retention.
pub async fn purge_old(platform: Platform) -> Result<u64> {
    let now = platform.clock.now();
    let mut sweep = Sweep::new("deleted files");
    for (organization, id) in store::past_retention(platform.db.on(), now, BATCH).await? {
        sweep.note(id.0, purge_one(&platform, organization, id, now).await)?;
    }
    platform.job_added.notify_one();
    Ok(sweep.end())
}

async fn purge_one(platform: &Platform, organization: OrganizationId, id: AttachmentId, now: Timestamp) -> Result<u64> {
    let mut tx = platform.db.begin().await?;
    if !super::store::removal::purge(&mut tx, id, now).await? {
        return Ok(0);
    }
    jobs::enqueue(tx.on(), &RemovePurgedObjects { file: id }, organization.0, now).await?;
    if let Some(row) = find(tx.on(), organization, id).await? {
        audit::record(platform, tx.on(), &By::sender(organization, None), Action::Purged, &subject(&row)).await?;
    }
    tx.commit().await?;
    Ok(1)
}

/// Removes objects that were derived from files whose bytes are gone.
pub async fn remove_ownerless(platform: Platform) -> Result<u64> {
    let before = platform.clock.now().minus(LEFTOVER_RETENTION);
    let mut sweep = Sweep::new("previews without a file");
    let mut derived = platform.storage.list("derived/");
    while let Some(found) = derived.try_next().await? {
        let Ok(key @ ObjectKey::Derived(id, _)) = found.key.parse() else { continue };
        if found.modified < before && !has_owner(&platform, id).await? {
            sweep.note(id, platform.storage.delete(&key).await.map(|()| 1).map_err(Into::into))?;
        }
    }
    Ok(sweep.end())
}

/// Returns whether a preview belongs to a file with bytes, or to a picture on another server.
async fn has_owner(platform: &Platform, id: Uuid) -> Result<bool> {
    Ok(store::has_bytes(platform.db.on(), AttachmentId(id)).await?
        || remote_previews::is_used(platform.db.on(), RemotePreviewId(id)).await?)
}

/// Removes staged objects and uploads in parts that belong to no current upload.
pub async fn remove_leftovers(platform: Platform) -> Result<u64> {
    let before = platform.clock.now().minus(LEFTOVER_RETENTION);
    let mut sweep = Sweep::new("leftovers of uploads");
    let mut staged = platform.storage.list("staging/");
    while let Some(found) = staged.try_next().await? {
        let Ok(key @ ObjectKey::Staging(id, attempt)) = found.key.parse() else { continue };
        if found.modified >= before || store::is_under_way(platform.db.on(), AttachmentId(id), attempt).await? {
            continue;
        }
        sweep.note(id, platform.storage.delete(&key).await.map(|()| 1).map_err(Into::into))?;
    }
    for upload in platform.storage.list_multipart().await? {
        if upload.started >= before || store::is_in_parts(platform.db.on(), &upload.id).await? {
            continue;
        }
        sweep.note(&upload.id, platform.storage.abort_listed(&upload).await.map(|()| 1).map_err(Into::into))?;
    }
    Ok(sweep.end())
}
