//! HTTP routes of the files view. `zip.rs` has the zips.

#![expect(clippy::too_many_arguments, reason = "one for each part of the query")]

use super::model::{FilePage, FileTotals};
use crate::ids::ChannelId;
use crate::platform::error::{AppError, Result};
use crate::platform::routes::{dioxus_fullstack, *};
use crate::platform::timestamp::Timestamp;

#[cfg(feature = "server")]
use {
    super::service::{self, Wanted},
    crate::people::organizations::service::Member,
    crate::platform::Platform,
};

/// Lists sent files, newest first (`sort=oldest` reverses), 60 at a time: `after` is the `next` of the page before.
#[get("/api/files?kinds&from&channel&since&until&search&sort&after&limit", platform: Platform, member: Member)]
pub async fn list_files(
    kinds: Option<String>,
    from: Option<String>,
    channel: Option<ChannelId>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    search: Option<String>,
    sort: Option<String>,
    after: Option<String>,
    limit: Option<i64>,
) -> Result<FilePage, AppError> {
    let wanted = Wanted::parse(kinds, from, channel, (since, until), search)?;
    service::list(&platform, &member, &wanted, sort.as_deref(), after.as_deref(), limit).await
}

/// Returns number and total size of the files of the same query.
#[get("/api/files/totals?kinds&from&channel&since&until&search", platform: Platform, member: Member)]
pub async fn total_files(
    kinds: Option<String>,
    from: Option<String>,
    channel: Option<ChannelId>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    search: Option<String>,
) -> Result<FileTotals, AppError> {
    let wanted = Wanted::parse(kinds, from, channel, (since, until), search)?;
    service::totals(&platform, &member, &wanted).await
}
