//! The rules of quotas.

use super::model::{Retention, StorageRoom, StorageUsage};
use super::store::{self, ByType, QuotaRow};
use super::sums;
use crate::ids::OrganizationId;
use crate::people::audit::model::Action;
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::byte_size::ByteSize;
use crate::platform::db::{On, Tx};
use crate::platform::error::{AppError, ErrorKind, Result};

/// Returns the limits of the next file in this member's organization.
pub async fn room(platform: &Platform, member: &Member) -> Result<StorageRoom> {
    room_of(platform, member.organization_id()).await
}

/// Returns the limits of the next file in an organization.
pub async fn room_of(platform: &Platform, organization: OrganizationId) -> Result<StorageRoom> {
    Ok(stored(platform, platform.db.on(), organization).await?.0)
}

async fn stored(platform: &Platform, on: On<'_>, organization: OrganizationId) -> Result<(StorageRoom, Option<i32>)> {
    let row = store::quota(on, organization).await?;
    let QuotaRow { used_bytes, quota_bytes, retention_days } = row.ok_or_else(AppError::internal)?;
    let quota_bytes = quota_bytes.or(platform.config.organization_quota);
    let room = StorageRoom { used_bytes, quota_bytes, max_file_size: platform.config.max_upload_size };
    Ok((room, retention_days))
}

/// Rejects a file that was just counted in this transaction if it exceeds the quota. The count locks the organization's
/// row, so that of many concurrent files exactly those that fit are accepted. 413 `quota_exceeded`; the caller rolls
/// back.
pub async fn check(platform: &Platform, tx: &mut Tx, organization: OrganizationId, size: u64) -> Result<()> {
    let (mut room, _) = stored(platform, tx.on(), organization).await?;
    // Counted already: the error shows what was left before.
    room.used_bytes = room.used_bytes.minus(ByteSize(size));
    match room.refusal(size) {
        Some(reason) => Err(AppError::new(ErrorKind::QuotaExceeded, reason).on("fileSize")),
        None => Ok(()),
    }
}

/// Returns the usage. Requires managing the organization.
#[tracing::instrument(skip_all)]
pub async fn usage(platform: &Platform, member: &Member) -> Result<StorageUsage> {
    member.require(Permission::OrganizationManage)?;
    let (db, organization) = (&platform.db, member.organization_id());
    let (room, retention_days) = stored(platform, db.on(), organization).await?;
    let ByType { all: by_type, deleted } = store::by_type(db.on(), organization).await?;
    Ok(StorageUsage {
        room,
        files: by_type.iter().map(|share| share.files).sum(),
        deleted,
        retention_days,
        by_channel: store::by_channel(db.on(), member).await?,
        by_member: store::by_member(db.on(), organization).await?,
        by_type,
        largest: store::largest(db.on(), member).await?,
    })
}

/// Adds up the recorded changes of the usage. Returns their number.
pub async fn sum_usage(platform: Platform) -> Result<u64> {
    let mut added = 0;
    loop {
        match sums::add_changes(&platform).await? {
            0 => return Ok(added),
            more => added += more,
        }
    }
}

/// Sets the retention of deleted files. Requires managing the organization.
#[tracing::instrument(skip_all)]
pub async fn set_retention(platform: &Platform, member: &Member, retention: Retention) -> Result<Retention> {
    member.require(Permission::OrganizationManage)?;
    let retention = retention.check()?;
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    member.require(Permission::OrganizationManage)?;
    store::set_retention(tx.on(), member.organization_id(), retention.retention_days).await?;
    let detail = match retention.retention_days {
        Some(days) => format!("Deleted files are kept for {days} days"),
        None => "Deleted files are kept".to_owned(),
    };
    rights::note(platform, &mut tx, member, Action::SettingChanged, detail).await?;
    tx.commit().await?;
    Ok(retention)
}
