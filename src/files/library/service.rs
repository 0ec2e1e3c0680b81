//! The rules of the files view.

use uuid::Uuid;

use super::model::{FileHit, FileKind, FilePage, FileTotals, FilesOverview, Sender, join_kinds};
use super::search;
use super::store::{self, FileRow, Place, Span};
use crate::channels::access::Visible;
use crate::channels::model::Channel;
use crate::channels::service as channels;
use crate::files::attachments::file_name::{FileName, Owner};
use crate::ids::ChannelId;
use crate::people::contacts::model::{PhoneNumber, display_name};
use crate::people::contacts::phone::phone_needle;
use crate::people::organizations::model::Permission;
use crate::people::organizations::service::Member;
use crate::platform::error::{AppError, Result, quoted};
use crate::platform::id::first_of;
use crate::platform::search_query::SearchQuery;
use crate::platform::timestamp::Timestamp;
use crate::platform::{Platform, lists};

const PAGE_DEFAULT: i64 = 60;
const PAGE_MAX: i64 = 200;

/// The query: which files.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub kinds: Vec<FileKind>,
    pub from: Sender,
    pub channel: Option<ChannelId>,
    /// Sent at or after this time.
    pub since: Option<Timestamp>,
    /// Sent before this time.
    pub until: Option<Timestamp>,
    pub search: Option<Searched>,
}

/// The words to find in names of files, messages and contacts.
#[derive(Debug, Clone)]
pub struct Searched {
    pub query: SearchQuery,
    /// The digits of a contact's phone, if a number is searched.
    pub phone: Option<String>,
}

impl Searched {
    /// Returns `None` for an empty search.
    fn parse(search: &str) -> Option<Self> {
        Some(Self { query: SearchQuery::parse(search)?, phone: phone_needle(search) })
    }
}

impl Wanted {
    pub fn of_channel(channel: ChannelId) -> Self {
        Self { channel: Some(channel), ..Self::default() }
    }

    pub fn parse(
        kinds: Option<String>,
        from: Option<String>,
        channel: Option<ChannelId>,
        (since, until): (Option<Timestamp>, Option<Timestamp>),
        search: Option<String>,
    ) -> Result<Self> {
        let kind = |name: &str| {
            FileKind::from_name(name).ok_or_else(|| {
                let known = join_kinds(FileKind::ALL);
                AppError::invalid("kinds", format!("{} is not a kind of file. Kinds: {known}.", quoted(name)))
            })
        };
        let names = kinds.unwrap_or_default();
        let kinds = names.split(',').filter(|name| !name.is_empty()).map(kind).collect::<Result<_>>()?;
        let kinds = lists::once(kinds);
        let from = Sender::from_name(from.as_deref().unwrap_or_default())
            .ok_or_else(|| AppError::invalid("from", "Must be a member ID, a contact ID or \"contacts\"."))?;
        let search = search.as_deref().and_then(Searched::parse);
        Ok(Self { kinds, from, channel, since, until, search })
    }

    /// Returns whether a page may have to scan many files. Without that it is read along an index.
    fn is_search(&self) -> bool {
        !self.kinds.is_empty() || self.from != Sender::Anyone || self.search.is_some()
    }

    /// Returns whether the sums of conversations are enough for the totals.
    pub(super) fn is_summed(&self) -> bool {
        self.person().is_none() && self.since.is_none() && self.until.is_none()
    }

    /// Returns the kinds in one text.
    pub(super) fn kinds(&self) -> String {
        join_kinds(if self.kinds.is_empty() { FileKind::ALL } else { &self.kinds })
    }

    pub(super) fn person(&self) -> Option<Uuid> {
        match self.from {
            Sender::Person(id) => Some(id),
            Sender::Anyone | Sender::Contacts => None,
        }
    }

    pub(super) fn only_contacts(&self) -> bool {
        self.from == Sender::Contacts
    }

    /// Returns the range of messages by time.
    pub(super) fn between(&self) -> (Uuid, Uuid) {
        (self.since.map_or(Uuid::nil(), first_of), self.until.map_or(Uuid::max(), first_of))
    }
}

/// Returns a page of the files that this member can view.
#[tracing::instrument(skip_all)]
pub async fn list(
    platform: &Platform,
    member: &Member,
    wanted: &Wanted,
    sort: Option<&str>,
    after: Option<&str>,
    limit: Option<i64>,
) -> Result<FilePage> {
    let oldest_first = match sort {
        None | Some("" | "newest") => false,
        Some("oldest") => true,
        Some(_) => return Err(AppError::invalid("sort", "Must be \"newest\" or \"oldest\".")),
    };
    check(platform, member, wanted).await?;
    let after = after.filter(|text| !text.is_empty()).map(read_place).transpose()?;
    page(platform, member, wanted, oldest_first, after, limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX)).await
}

async fn page(
    platform: &Platform,
    member: &Member,
    wanted: &Wanted,
    oldest_first: bool,
    after: Option<Place>,
    limit: i64,
) -> Result<FilePage> {
    let page = async {
        match &wanted.search {
            None => Ok(store::page(platform.db.on(), member, wanted, oldest_first, after, limit + 1).await?),
            Some(searched) => {
                let span = Span::new(wanted, oldest_first, after);
                search::page(platform, member, wanted, searched, span, usize::try_from(limit + 1).unwrap_or(1)).await
            }
        }
    };
    let mut rows = if wanted.is_search() { platform.searches.run(member.user_id.0, page).await? } else { page.await? };
    let has_more = i64::try_from(rows.len()).is_ok_and(|count| count > limit);
    if has_more {
        rows.pop();
    }
    let next = rows.last().filter(|_| has_more).map(|row| write_place(row.place()));
    Ok(FilePage { files: rows.into_iter().map(FileHit::from).collect(), next })
}

#[tracing::instrument(skip_all)]
pub async fn totals(platform: &Platform, member: &Member, wanted: &Wanted) -> Result<FileTotals> {
    check(platform, member, wanted).await?;
    count(platform, member, wanted).await
}

async fn count(platform: &Platform, member: &Member, wanted: &Wanted) -> Result<FileTotals> {
    let totals = async {
        match &wanted.search {
            None => Ok(store::totals::totals(platform.db.on(), member, wanted).await?),
            Some(searched) => search::totals(platform, member, wanted, searched).await,
        }
    };
    let (count, size) = platform.searches.run(member.user_id.0, totals).await?;
    Ok(FileTotals { count, size })
}

/// Returns the latest files of a channel, at most `limit`, and the totals of all.
pub async fn overview(
    platform: &Platform,
    member: &Member,
    channel: &Visible<Channel>,
    limit: i64,
) -> Result<FilesOverview> {
    member.require(Permission::MessageViewAttachment)?;
    let wanted = Wanted::of_channel(channel.id);
    let latest = page(platform, member, &wanted, false, None, limit);
    let (latest, totals) = tokio::try_join!(latest, count(platform, member, &wanted))?;
    Ok(FilesOverview { latest, totals })
}

/// Adds up the recorded changes of the totals. Returns their number.
pub async fn sum_totals(platform: Platform) -> Result<u64> {
    let mut added = 0;
    loop {
        match store::totals::add_changes(&platform).await? {
            0 => return Ok(added),
            more => added += more,
        }
    }
}

/// Checks that this member may list files, and in this channel. The query checks the visibility of each file.
async fn check(platform: &Platform, member: &Member, wanted: &Wanted) -> Result<()> {
    member.require(Permission::MessageViewAttachment)?;
    if let Some(channel) = wanted.channel {
        channels::find(platform, member, channel).await?;
    }
    Ok(())
}

fn write_place(place: Place) -> String {
    format!("{}.{}", place.message.simple(), place.attachment.simple())
}

fn read_place(text: &str) -> Result<Place> {
    let ids = text.split_once('.').and_then(|(message, attachment)| {
        Some(Place { message: message.parse().ok()?, attachment: attachment.parse().ok()? })
    });
    ids.ok_or_else(|| AppError::invalid("after", "Must be the `next` value of the previous page."))
}

impl FileRow {
    pub(super) fn conversation(&self) -> String {
        match (&self.first_name, &self.last_name) {
            (Some(first), Some(last)) => display_name(first, last, self.phone.clone()),
            _ => format!("#{}", self.channel_name),
        }
    }

    pub(super) fn saved_as(&self) -> FileName {
        let phone_digits = self.phone.clone().map(|number| PhoneNumber::stored(number).digits()).unwrap_or_default();
        let owner = self.first_name.clone().map(|first_name| Owner { first_name, phone_digits });
        self.attachment.file_name().for_download(owner.as_ref(), &self.attachment.content_type)
    }
}

impl From<FileRow> for FileHit {
    fn from(row: FileRow) -> Self {
        let conversation = row.conversation();
        Self {
            channel_id: row.found_channel_id,
            message_id: row.found_message_id,
            sent_at: row.sent_at,
            sender: row.member_name.clone().unwrap_or_else(|| conversation.clone()),
            saved_as: row.saved_as().to_string(),
            conversation,
            attachment: row.attachment.seen_in(row.found_message_id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_the_address() {
        let place = Place { message: Uuid::from_u128(1), attachment: Uuid::from_u128(2) };
        assert_eq!(read_place(&write_place(place)).unwrap(), place);
        for wrong in ["1", "1.2", ".", "x.y"] {
            assert!(read_place(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn moments_bound_the_ids_made_in_them() {
        let at = |millis: u64| Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, millis / 1000, 999_000_000));
        let wanted = Wanted { since: Some(Timestamp(5_999)), until: Some(Timestamp(6_999)), ..Wanted::default() };
        let (first, last) = wanted.between();
        assert!(at(4_999) < first && first < at(5_999) && at(5_999) < last && last < at(6_999));
    }
}
