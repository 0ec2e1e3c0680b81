//! HTTP route of the dialog "Go to".

use super::model::GoToHits;
use crate::platform::error::{AppError, Result};
use crate::platform::routes::{dioxus_fullstack, *};

#[cfg(feature = "server")]
use {super::service, crate::people::organizations::service::Member, crate::platform::Platform};

/// Returns the channels, contacts and files whose names match best, in one response.
#[get("/api/go-to?search", platform: Platform, member: Member)]
pub async fn find_targets(search: Option<String>) -> Result<GoToHits, AppError> {
    service::find(&platform, &member, search.as_deref().unwrap_or_default()).await
}
