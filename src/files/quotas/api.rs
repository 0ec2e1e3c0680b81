//! HTTP routes of quotas.

use super::model::{Retention, StorageRoom, StorageUsage};
use crate::platform::error::{AppError, Result};
use crate::platform::json::Body;
use crate::platform::routes::{dioxus_fullstack, *};

#[cfg(feature = "server")]
use {super::service, crate::people::organizations::service::Member, crate::platform::Platform};

/// Returns the limits of the next file.
#[get("/api/storage", platform: Platform, member: Member)]
pub async fn storage_room() -> Result<StorageRoom, AppError> {
    service::room(&platform, &member).await
}

/// Returns the organization's storage usage.
#[get("/api/storage/usage", platform: Platform, member: Member)]
pub async fn storage_usage() -> Result<StorageUsage, AppError> {
    service::usage(&platform, &member).await
}

#[patch("/api/storage/retention", platform: Platform, member: Member)]
pub async fn set_retention(body: Body<Retention>) -> Result<Retention, AppError> {
    service::set_retention(&platform, &member, body.0).await
}
