//! Writes entries, and finds them for who manages the organisation.

use uuid::Uuid;

use super::model::{Action, AuditEntry, AuditEntryId, AuditPage};
use super::store::{self, Filter};
use crate::attachments::model::{AttachmentId, MessageId};
use crate::channels::model::ChannelId;
use crate::contacts::phone::phone_needle;
use crate::organizations::model::{MemberId, OrganizationId, Permission};
use crate::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::On;
use crate::platform::error::{AppError, Result};
use crate::platform::id::first_of;
use crate::platform::search::needle;
use crate::platform::timestamp::Timestamp;

const PAGE_DEFAULT: i64 = 50;
const PAGE_MAX: i64 = 200;

/// Who did it.
#[derive(Debug, Clone)]
pub struct By {
    pub organization: OrganizationId,
    /// None for a contact, a visitor, who fetched a public file, and a job.
    pub member: Option<MemberId>,
    /// The link by which a visitor came.
    pub share_link: Option<Uuid>,
    /// Of a visitor, and of who fetched a public file.
    pub network: Option<String>,
    /// The access token that acted for the member.
    pub token: Option<Uuid>,
}

impl By {
    pub fn member(member: &Member) -> Self {
        let token = member.token.as_ref().map(|token| token.id);
        Self { token, ..Self::sender(member.organization_id(), Some(member.id)) }
    }

    /// Somebody of whom nothing is known but where they are.
    pub fn anybody(organization: OrganizationId, network: Option<String>) -> Self {
        Self { organization, member: None, share_link: None, network, token: None }
    }

    /// Whoever uploaded a file: none for what a contact sent.
    pub fn sender(organization: OrganizationId, member: Option<MemberId>) -> Self {
        Self { organization, member, share_link: None, network: None, token: None }
    }
}

/// What it was done to.
#[derive(Debug, Clone, Default)]
pub struct Subject {
    pub attachment: Option<AttachmentId>,
    pub message: Option<MessageId>,
    pub channel: Option<ChannelId>,
    pub share_link: Option<Uuid>,
    pub file_name: String,
    /// What was changed, in words, where it is no file.
    pub detail: String,
}

impl Subject {
    /// Something that is no file.
    pub fn words(detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..Self::default() }
    }
}

/// Writes an entry where `on` says: in the transaction of what it tells of, so that there is never one without the other.
pub async fn record(platform: &Platform, on: On<'_>, by: &By, action: Action, subject: &Subject) -> Result<()> {
    Ok(store::insert(on, platform.clock.new_id(), by, action, subject).await?)
}

/// Writes an entry about what changes nothing. Whoever did it gets what they came for also when that fails.
pub async fn note(platform: &Platform, by: &By, action: Action, subject: &Subject) {
    if let Err(error) = record(platform, platform.db.on(), by, action, subject).await {
        tracing::error!(%error, %action, file = ?subject.attachment, "failed to write an audit entry");
    }
}

/// Whose entries are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Who {
    #[default]
    Anyone,
    Member(MemberId),
    /// Whoever came by a share link, or fetched a public file.
    Visitors,
}

/// Which entries are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub who: Who,
    pub action: Option<Action>,
    pub channel: Option<ChannelId>,
    pub attachment: Option<AttachmentId>,
    /// At or after this moment.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// In names of files and of conversations, and in what was changed.
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
                AppError::invalid("action", format!("{name:?} is not an action. Actions: {}.", known.join(", ")))
            })?),
        };
        Ok(Self { who, action, ..rest })
    }

    fn filter(&self) -> Filter {
        Filter {
            member: if let Who::Member(id) = self.who { Some(id) } else { None },
            only_visitors: self.who == Who::Visitors,
            action: self.action.map(Action::name),
            channel: self.channel,
            attachment: self.attachment,
            since: self.since.map_or(Uuid::nil(), first_of),
            until: self.until.map_or(Uuid::max(), first_of),
            needle: self.search.as_deref().and_then(needle),
            phone: self.search.as_deref().and_then(phone_needle),
        }
    }
}

/// A page of the log, for who manages the organisation. It tells of all conversations, also of those that this member does
/// not see: names, never what was said.
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

/// Entries, for a person who was found to manage the organisation. Filters may pass over most of the log, so it is a search.
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
