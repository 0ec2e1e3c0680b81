//! HTTP route of the audit log. `csv.rs` has the CSV.

#![expect(clippy::too_many_arguments, reason = "one for each part of the query")]

use super::model::AuditPage;
use crate::ids::{AttachmentId, AuditEntryId, ChannelId};
use crate::platform::error::{AppError, Result};
use crate::platform::routes::{dioxus_fullstack, *};
use crate::platform::timestamp::Timestamp;

#[cfg(feature = "server")]
use {
    super::service::{self, Wanted},
    crate::people::organizations::service::Member,
    crate::platform::Platform,
};

/// Lists audit entries, latest first, 50 at a time: `before` is the `next` of the page before.
#[get("/api/audit-entries?who&action&channel&attachment&since&until&search&before&limit", platform: Platform, member: Member)]
pub async fn list_audit_entries(
    who: Option<String>,
    action: Option<String>,
    channel: Option<ChannelId>,
    attachment: Option<AttachmentId>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    search: Option<String>,
    before: Option<AuditEntryId>,
    limit: Option<i64>,
) -> Result<AuditPage, AppError> {
    let rest = Wanted { channel, attachment, since, until, search, ..Wanted::default() };
    let wanted = Wanted::parse(who.as_deref(), action.as_deref(), rest)?;
    service::list(&platform, &member, &wanted, before, limit).await
}
