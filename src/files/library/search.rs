//! Searches in files: by words in their names, in the messages that have them, and of the contacts that they are shared
//! with.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use uuid::Uuid;

use super::service::{Searched, Wanted};
use super::store::{self, CandidateRow, FileRow, Place, Prefilter, Span};
use crate::channels::search_index::{self, Scope};
use crate::ids::ChannelId;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::byte_size::ByteSize;
use crate::platform::db::text_index::Range;
use crate::platform::error::Result;
use crate::platform::search_query::TermSet;

/// Number of the newest files that are read before an index without order: a word in 0.6 % of them fills a page.
const READ_FIRST: i64 = 10_000;
/// Number of candidates that a search loads at first, and at most in one statement.
const CANDIDATES_FIRST: usize = 120;
const CANDIDATES_MAX: usize = 2000;
/// Number of channels of contacts that one look-up in the index names. Of more, all files are read: many of them match.
const CHANNELS_MAX: usize = 500;
/// Number of look-ups in the index for one search.
const LOOKUPS_MAX: usize = 16;

/// A search of a member.
struct Search<'a> {
    platform: &'a Platform,
    member: &'a Member,
    wanted: &'a Wanted,
    searched: &'a Searched,
    /// The terms that a contact has, by channel.
    contacts: HashMap<ChannelId, TermSet>,
    /// Number of matches that are needed.
    limit: usize,
}

/// A part of the matches: the files whose own texts have these grams, and whose contact has the other terms.
struct Lookup {
    grams: BTreeSet<String>,
    /// Only in these channels; in all, if there are none.
    channels: Vec<ChannelId>,
}

/// Returns the first files of a span that match, at most `limit`.
pub async fn page(
    platform: &Platform,
    member: &Member,
    wanted: &Wanted,
    searched: &Searched,
    span: Span,
    limit: usize,
) -> Result<Vec<FileRow>> {
    let search = Search::begin(platform, member, wanted, searched, limit).await?;
    let places: Vec<Place> = search.matches(span).await?.iter().map(CandidateRow::place).collect();
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let messages: Vec<Uuid> = places.iter().map(|place| place.message).collect();
    let rows = store::of_messages(platform.db.on(), member, &messages).await?;
    let mut rows: HashMap<_, _> = rows.into_iter().map(|row| (row.place(), row)).collect();
    Ok(places.iter().filter_map(|place| rows.remove(place)).collect())
}

/// Returns the number and the bytes of all files that match.
pub async fn totals(
    platform: &Platform,
    member: &Member,
    wanted: &Wanted,
    searched: &Searched,
) -> Result<(i64, ByteSize)> {
    let search = Search::begin(platform, member, wanted, searched, usize::MAX).await?;
    let matches = search.matches(Span::new(wanted, false, None)).await?;
    let size = matches.iter().map(|row| row.file_size.0).sum();
    Ok((i64::try_from(matches.len()).unwrap_or(i64::MAX), ByteSize(size)))
}

impl<'a> Search<'a> {
    async fn begin(
        platform: &'a Platform,
        member: &'a Member,
        wanted: &'a Wanted,
        searched: &'a Searched,
        limit: usize,
    ) -> Result<Self> {
        let Searched { query, phone } = searched;
        let words: Vec<&str> = query.words().collect();
        let organization = member.organization_id();
        let known = store::contacts_with(platform.db.on(), organization, &words, phone.as_deref()).await?;
        let terms = |text: &str| match phone {
            Some(digits) if text.contains(digits) => query.all_terms(),
            _ => query.terms_in(&[text]),
        };
        let contacts = known.into_iter().filter(|(channel, _)| wanted.channel.is_none_or(|only| only == *channel));
        let contacts = contacts.map(|(channel, text)| (channel, terms(&text)));
        let contacts = contacts.filter(|(_, terms)| *terms != TermSet::default()).collect();
        Ok(Self { platform, member, wanted, searched, contacts, limit })
    }

    /// Returns the first matches of a span, in order.
    async fn matches(&self, span: Span) -> Result<Vec<CandidateRow>> {
        let mut found = Vec::new();
        match self.lookups() {
            None => self.walk(span, &mut found).await?,
            Some(lookups) => {
                let rest = self.read_newest(span, &mut found).await?;
                for lookup in &lookups {
                    if let Some(rest) = rest {
                        self.look_up(lookup, rest, &mut found).await?;
                    }
                }
            }
        }
        found.sort_by_key(CandidateRow::place);
        if !span.oldest_first {
            // Within a message, files are in the same order in both directions.
            found.sort_by_key(|row| std::cmp::Reverse(row.message_id));
        }
        found.dedup_by_key(|row| row.place());
        found.truncate(self.limit);
        Ok(found)
    }

    /// Returns what to look up in the index; `None` if it does not help.
    fn lookups(&self) -> Option<Vec<Lookup>> {
        let query = &self.searched.query;
        let mut channels_of: BTreeMap<TermSet, Vec<ChannelId>> = BTreeMap::new();
        for (channel, terms) in &self.contacts {
            channels_of.entry(*terms).or_default().push(*channel);
        }
        let own = Lookup { grams: query.grams(), channels: self.wanted.channel.into_iter().collect() };
        let mut lookups = vec![own];
        for (terms, mut channels) in channels_of {
            let grams = query.grams_without(terms);
            if channels.len() > CHANNELS_MAX {
                channels.clear();
            }
            lookups.push(Lookup { grams, channels });
        }
        let is_useful = |lookup: &Lookup| {
            let is_narrow = self.wanted.channel.is_none() && !lookup.channels.is_empty();
            is_narrow || !lookup.grams.is_empty()
        };
        (lookups.len() <= LOOKUPS_MAX && lookups.iter().all(is_useful)).then_some(lookups)
    }

    /// Adds the matches among the newest files, if the index has no order. Returns the rest of the span, if more matches are needed.
    async fn read_newest(&self, span: Span, found: &mut Vec<CandidateRow>) -> Result<Option<Span>> {
        let is_all = self.limit == usize::MAX || !store::is_indexed(self.member, self.wanted);
        if self.platform.db.index_is_ordered() || span.oldest_first || is_all {
            return Ok(Some(span));
        }
        let (on, (first, last)) = (self.platform.db.on(), span.between);
        let organization = self.member.organization_id();
        let from = store::message_before(on, organization, self.wanted.channel, last, READ_FIRST).await?;
        let from = from.filter(|from| *from > first);
        self.walk(Span { between: (from.unwrap_or(first), last), ..span }, found).await?;
        Ok(from.filter(|_| found.len() < self.limit).map(|from| Span { between: (first, from), ..span }))
    }

    /// Adds matches by reading files.
    async fn walk(&self, mut span: Span, found: &mut Vec<CandidateRow>) -> Result<()> {
        let channels: Vec<Uuid> = self.contacts.keys().map(|channel| channel.0).collect();
        let prefilter = Prefilter { word: self.searched.query.longest_word(), channels: &channels };
        let mut limit = CANDIDATES_FIRST;
        loop {
            let (on, rows_max) = (self.platform.db.on(), i64::try_from(limit).unwrap_or(i64::MAX));
            let rows = store::candidates(on, self.member, self.wanted, &prefilter, span, rows_max).await?;
            let last = rows.last().map(CandidateRow::place).filter(|_| rows.len() == limit);
            found.extend(rows.into_iter().filter(|row| self.is_match(row)));
            let Some(last) = last.filter(|_| found.len() < self.limit) else { return Ok(()) };
            span = span.after(last);
            limit = larger(limit);
        }
    }

    /// Adds matches by the index.
    async fn look_up(&self, lookup: &Lookup, span: Span, found: &mut Vec<CandidateRow>) -> Result<()> {
        let scope = Scope::of_files(self.member.organization_id(), &lookup.channels);
        let (first, last) = span.between;
        let mut range = Range { first, last, oldest_first: span.oldest_first };
        let mut own = Vec::new();
        let mut limit = CANDIDATES_FIRST;
        loop {
            let on = self.platform.db.on();
            let ids = search_index::page(on, lookup.grams.clone(), &scope, range, limit).await?;
            let (Some(oldest), Some(newest)) = (ids.iter().min(), ids.iter().max()) else { break };
            let on = self.platform.db.on();
            let rows = store::candidates_of(on, self.member, self.wanted, &ids, span).await?;
            own.extend(rows.into_iter().filter(|row| self.is_match(row)));
            if ids.len() < limit || own.len() >= self.limit {
                break;
            }
            range = range.after(if span.oldest_first { *newest } else { *oldest });
            limit = larger(limit);
        }
        found.extend(own);
        Ok(())
    }

    /// Returns whether a file has all terms, with its contact.
    fn is_match(&self, row: &CandidateRow) -> bool {
        let own = self.searched.query.terms_in(&[&row.name, &row.said]);
        let of_contact = self.contacts.get(&row.channel_id).copied().unwrap_or_default();
        own.and(of_contact) == self.searched.query.all_terms()
    }
}

/// Returns the number of candidates to load next, if too few of the last ones matched or were visible.
fn larger(limit: usize) -> usize {
    (4 * limit).min(CANDIDATES_MAX)
}
