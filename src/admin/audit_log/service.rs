//! Finds audit entries for administrators.

use uuid::Uuid;

use super::model::{AuditEntry, AuditPage};
use super::store::{self, Filter};
use crate::ids::{AttachmentId, AuditEntryId, ChannelId, MemberId, OrganizationId};
use crate::people::audit::model::Action;
use crate::people::contacts::phone::phone_needle;
use crate::people::organizations::model::Permission;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::{AppError, Result, quoted};
use crate::platform::id::first_of;
use crate::platform::search_query::SearchQuery;
use crate::platform::timestamp::Timestamp;

const PAGE_DEFAULT: i64 = 50;
const PAGE_MAX: i64 = 200;

/// Filter by actor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Who {
    #[default]
    Anyone,
    Member(MemberId),
    /// Visitors of share links and of public files.
    Visitors,
}

/// The query of the audit log.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub who: Who,
    pub action: Option<Action>,
    pub channel: Option<ChannelId>,
    pub attachment: Option<AttachmentId>,
    /// At or after this time.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
    /// Text in names of files and of conversations, and in changes.
    pub search: Option<String>,
}

impl Wanted {
    pub fn parse(who: Option<&str>, action: Option<&str>, rest: Self) -> Result<Self> {
        let who = match who.unwrap_or_default() {
            "" => Who::Anyone,
            "visitors" => Who::Visitors,
            id => {
                Who::Member(id.parse().map_err(|_| AppError::invalid("who", "Must be a member ID or \"visitors\"."))?)
            }
        };
        let action = match action.unwrap_or_default() {
            "" => None,
            name => Some(Action::from_name(name).ok_or_else(|| {
                let known: Vec<_> = Action::ALL.iter().map(|action| action.name()).collect();
                AppError::invalid(
                    "action",
                    format!("{} is not an action. Actions: {}.", quoted(name), known.join(", ")),
                )
            })?),
        };
        Ok(Self { who, action, ..rest })
    }

    fn filter(&self) -> Filter {
        Filter {
            member: if let Who::Member(id) = self.who { Some(id) } else { None },
            only_visitors: self.who == Who::Visitors,
            action: self.action,
            channel: self.channel,
            attachment: self.attachment,
            since: self.since.map_or(Uuid::nil(), first_of),
            until: self.until.map_or(Uuid::max(), first_of),
            query: self.search.as_deref().and_then(SearchQuery::parse),
            phone: self.search.as_deref().and_then(phone_needle),
        }
    }
}

/// Returns a page of the log. Requires managing the organization. It covers all conversations, also those that this
/// member can't view: names, never message text.
#[tracing::instrument(skip_all)]
pub async fn list(
    platform: &Platform,
    member: &Member,
    wanted: &Wanted,
    before: Option<AuditEntryId>,
    limit: Option<i64>,
) -> Result<AuditPage> {
    member.require(Permission::OrganizationManage)?;
    let limit = limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
    let mut entries = page(platform, member.user_id.0, member.organization_id(), wanted, before, limit + 1).await?;
    let has_more = i64::try_from(entries.len()).is_ok_and(|count| count > limit);
    if has_more {
        entries.pop();
    }
    let next = entries.last().filter(|_| has_more).map(|entry| entry.id);
    Ok(AuditPage { entries, next })
}

/// Returns entries. The caller has checked the permission. Filters may scan most of the log, so it runs as a search.
pub(super) async fn page(
    platform: &Platform,
    person: Uuid,
    organization: OrganizationId,
    wanted: &Wanted,
    before: Option<AuditEntryId>,
    limit: i64,
) -> Result<Vec<AuditEntry>> {
    let filter = wanted.filter();
    let rows = async { Ok(store::page(platform.db.on(), organization, &filter, before, limit).await?) };
    let rows = platform.searches.run(person, rows).await?;
    Ok(rows.into_iter().map(AuditEntry::from).collect())
}
