//! Search of messages: in one conversation, and in all.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::model::{Excerpt, MessageHit};
use super::search_store::{self, CandidateRow, FileNameRow, Walk};
use super::service::author;
use super::store::{self, MessageRow};
use crate::channels::access::Visible;
use crate::channels::mentioning::Mentions;
use crate::channels::model::{Channel, ChannelKind};
use crate::channels::search_index::{self, Scope};
use crate::channels::service as channels;
use crate::ids::{ChannelId, MessageId};
use crate::people::organizations::model::Permission;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::text_index;
use crate::platform::error::{ErrorKind, Result};
use crate::platform::markdown::plain;
use crate::platform::search::fold;
use crate::platform::search_query::{SearchQuery, spaced};

/// Page size.
const PAGE: usize = 30;
/// Number of the newest messages that are read before an index without order: a word in 0.3 % of them fills a page.
const READ_FIRST: i64 = 10_000;
/// Number of candidates that a search loads at first, and at most in one statement.
const CANDIDATES_FIRST: usize = 2 * PAGE;
const CANDIDATES_MAX: usize = 2000;
/// Number of letters shown before a match, and after it.
const BEFORE: usize = 40;
const AFTER: usize = 120;
/// Before and after every message.
const FIRST: MessageId = MessageId(uuid::Uuid::nil());
const LAST: MessageId = MessageId(uuid::Uuid::max());

/// A matching message, and the names of its files if the text alone does not match.
struct Match {
    id: MessageId,
    files: Vec<FileNameRow>,
}

/// The same with the content of the message.
struct LoadedMatch {
    message: MessageRow,
    files: Vec<FileNameRow>,
}

/// A search of a member.
struct Search<'a> {
    platform: &'a Platform,
    member: &'a Member,
    query: &'a SearchQuery,
    /// Only in this channel.
    channel: Option<ChannelId>,
    in_files: bool,
}

/// Searches messages of a channel whose title, text or file names contain all terms of `search`, newest first, 30 at a
/// time: `before` is the id of the last one of the page before. An empty search has no hits; deleted messages and files are
/// never included.
pub async fn in_channel(
    platform: &Platform,
    member: &Member,
    channel: &Visible<Channel>,
    search: &str,
    before: Option<MessageId>,
) -> Result<Vec<MessageHit>> {
    let Some(query) = SearchQuery::parse(search) else { return Ok(Vec::new()) };
    let matches = page(platform, member, &query, Some(channel.id), before).await?;
    Ok(matches.into_iter().map(|found| hit(found, channel, &query)).collect())
}

/// Searches all channels that this member can view.
pub async fn everywhere(
    platform: &Platform,
    member: &Member,
    search: &str,
    before: Option<MessageId>,
) -> Result<Vec<MessageHit>> {
    let Some(query) = SearchQuery::parse(search) else { return Ok(Vec::new()) };
    let matches = page(platform, member, &query, None, before).await?;
    let mut channels: HashMap<ChannelId, Option<Visible<Channel>>> = HashMap::new();
    let mut hits = Vec::with_capacity(matches.len());
    for found in matches {
        let channel = match channels.entry(found.message.channel_id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(channel_of_hit(platform, member, found.message.channel_id).await?),
        };
        hits.extend(channel.as_ref().map(|channel| hit(found, channel, &query)));
    }
    Ok(hits)
}

/// Returns a page of matches, newest first, within the limits of searches.
async fn page(
    platform: &Platform,
    member: &Member,
    query: &SearchQuery,
    channel: Option<ChannelId>,
    before: Option<MessageId>,
) -> Result<Vec<LoadedMatch>> {
    let in_files = member.may(Permission::MessageViewAttachment);
    let search = Search { platform, member, query, channel, in_files };
    let matches = platform.searches.run(member.user_id.0, search.page(before.unwrap_or(LAST))).await?;
    let ids: Vec<_> = matches.iter().map(|found| found.id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows = store::by_ids(platform.db.on(), &ids).await?;
    let mentions = Mentions::of(platform.db.on(), rows.iter().map(|row| (row.id, row.body.as_str()))).await?;
    for row in &mut rows {
        row.body = mentions.with_names(row.id, &row.body);
    }
    let mut files: HashMap<MessageId, Vec<FileNameRow>> =
        matches.into_iter().map(|found| (found.id, found.files)).collect();
    let loaded =
        rows.into_iter().map(|message| LoadedMatch { files: files.remove(&message.id).unwrap_or_default(), message });
    Ok(loaded.collect())
}

impl Search<'_> {
    async fn page(&self, before: MessageId) -> Result<Vec<Match>> {
        let mut found = Vec::new();
        if self.query.grams().is_empty() {
            self.walk(FIRST, before, &mut found).await?;
        } else if self.platform.db.index_is_ordered() {
            self.read_index(before, &mut found).await?;
        } else {
            let (organization, on) = (self.member.organization_id(), self.platform.db.on());
            let from = search_store::message_before(on, organization, self.channel, before, READ_FIRST).await?;
            self.walk(from.unwrap_or(FIRST), before, &mut found).await?;
            if let Some(from) = from.filter(|_| found.len() < PAGE) {
                self.read_index(from, &mut found).await?;
            }
        }
        found.truncate(PAGE);
        Ok(found)
    }

    /// Adds the matches among messages from `from` and before `before`, by reading the messages.
    async fn walk(&self, from: MessageId, mut before: MessageId, found: &mut Vec<Match>) -> Result<()> {
        let mut limit = PAGE;
        loop {
            let walk = Walk {
                channel: self.channel,
                word: self.query.longest_word(),
                in_files: self.in_files,
                from,
                before,
                limit,
            };
            let rows = search_store::walk(self.platform.db.on(), self.member, walk).await?;
            let is_last = rows.len() < limit;
            before = rows.last().map_or(from, |row| row.id);
            found.extend(self.matching(rows).await?);
            if is_last || found.len() >= PAGE {
                return Ok(());
            }
            limit = larger(limit);
        }
    }

    /// Adds the matches before a message, by the index.
    async fn read_index(&self, mut before: MessageId, found: &mut Vec<Match>) -> Result<()> {
        let scope = Scope::of_messages(self.member.organization_id(), self.channel);
        let mut limit = CANDIDATES_FIRST;
        loop {
            let range = text_index::Range::before(before.0);
            let ids = search_index::page(self.platform.db.on(), self.query.grams(), &scope, range, limit).await?;
            let Some(oldest) = ids.iter().min() else { return Ok(()) };
            before = MessageId(*oldest);
            let rows = search_store::candidates(self.platform.db.on(), self.member, self.channel, &ids).await?;
            found.extend(self.matching(rows).await?);
            if ids.len() < limit || found.len() >= PAGE {
                return Ok(());
            }
            limit = larger(limit);
        }
    }

    /// Returns those of the candidates that match.
    async fn matching(&self, rows: Vec<CandidateRow>) -> Result<Vec<Match>> {
        let by_text = |row: &CandidateRow| self.query.matches(&[&row.search_text]);
        let others: Vec<MessageId> =
            rows.iter().filter(|row| self.in_files && !by_text(row)).map(|row| row.id).collect();
        let mut names: HashMap<MessageId, Vec<FileNameRow>> = HashMap::new();
        if !others.is_empty() {
            for name in search_store::file_names(self.platform.db.on(), &others).await? {
                names.entry(name.message_id).or_default().push(name);
            }
        }
        let found = rows.into_iter().filter_map(|row| {
            let files = names.remove(&row.id).unwrap_or_default();
            let texts: Vec<_> =
                files.iter().map(|file| file.search_text.as_str()).chain([row.search_text.as_str()]).collect();
            self.query.matches(&texts).then_some(Match { id: row.id, files })
        });
        Ok(found.collect())
    }
}

/// Returns the number of candidates to load next, if too few of the last ones matched or were visible.
fn larger(limit: usize) -> usize {
    (4 * limit).min(CANDIDATES_MAX)
}

/// Returns the channel of a hit. `None` if the member lost access just now.
async fn channel_of_hit(platform: &Platform, member: &Member, id: ChannelId) -> Result<Option<Visible<Channel>>> {
    match channels::find(platform, member, id).await {
        Err(error) if matches!(error.kind, ErrorKind::Forbidden | ErrorKind::NotFound) => Ok(None),
        found => found.map(Some),
    }
}

fn hit(found: LoadedMatch, channel: &Channel, query: &SearchQuery) -> MessageHit {
    let LoadedMatch { message, files } = found;
    let author = author(&message, channel);
    let said = |body: &str| {
        let lines = [message.title.as_deref(), message.subtitle.as_deref(), Some(body)];
        lines.into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    let (source, said) = (said(&message.body), said(&plain(&message.body)));
    let file = files.into_iter().find(|file| query.matches_partly(&file.search_text));
    // A mark, or the URL behind a text, is in the source only.
    let (excerpt, file_name) = match (excerpt(&said, query).or_else(|| excerpt(&source, query)), file) {
        (Some(excerpt), _) => (excerpt, None),
        (None, Some(file)) => (excerpt_of_name(&file.file_name, query), Some(file.file_name)),
        // Only the database's folding matches.
        (None, None) => (Excerpt { before: cut(&said, BEFORE + AFTER), ..Excerpt::default() }, None),
    };
    MessageHit {
        id: message.id,
        channel_id: channel.id,
        conversation: match channel.kind {
            ChannelKind::Contact => channel.name.clone(),
            ChannelKind::Team | ChannelKind::Bucket => format!("#{}", channel.name),
        },
        author,
        created_at: message.created_at,
        excerpt,
        file_name,
    }
}

fn excerpt_of_name(name: &str, query: &SearchQuery) -> Excerpt {
    excerpt(name, query).unwrap_or_else(|| Excerpt { before: name.to_owned(), ..Excerpt::default() })
}

/// Returns the text around the first match, in one line.
fn excerpt(text: &str, query: &SearchQuery) -> Option<Excerpt> {
    let text = spaced(&text.nfc().collect::<String>());
    let text: Vec<&str> = text.graphemes(true).collect();
    // Each letter folded, which may be several, and for each byte of that the original letter.
    let (mut folded, mut origins) = (String::new(), Vec::new());
    for (at, letter) in text.iter().enumerate() {
        folded.push_str(&fold(letter));
        origins.resize(folded.len(), at);
    }
    let (start, length) = query.shown().find_map(|shown| Some((folded.find(shown)?, shown.len())))?;
    let (first, last) = (*origins.get(start)?, *origins.get((start + length).checked_sub(1)?)?);
    let from = first.saturating_sub(BEFORE);
    let mut before = text[from..first].concat();
    if from > 0 {
        before.insert(0, '…');
    }
    Some(Excerpt { before, hit: text[first..=last].concat(), after: cut(&text[last + 1..].concat(), AFTER) })
}

fn cut(text: &str, length: usize) -> String {
    match text.grapheme_indices(true).nth(length) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the text with the match between bars.
    fn marked(text: &str, search: &str) -> Option<String> {
        excerpt(text, &SearchQuery::parse(search)?)
            .map(|excerpt| format!("{}|{}|{}", excerpt.before, excerpt.hit, excerpt.after))
    }

    #[test]
    fn the_hit_keeps_its_spelling() {
        for (text, search, found) in [
            ("The Siphon\nleaks", " siphon ", "The |Siphon| leaks"),
            ("Cafe\u{301} au lait", "CAFÉ", "|Café| au lait"),
            // The first letter folds to two.
            ("İstanbul", "stan", "İ|stan|bul"),
            ("Zoe\u{308} in der Straße", "STRASSE", "Zo\u{eb} in der |Straße|"),
            ("a 👩\u{200d}🔧 leaks", "leaks", "a 👩\u{200d}🔧 |leaks|"),
            ("the siphon leaks", "leaks siphon", "the siphon |leaks|"),
            ("leaks, the siphon  leaks", "\"siphon leaks\"", "leaks, the |siphon leaks|"),
            ("the siphon leaks", "siphon leaks", "the |siphon leaks|"),
        ] {
            assert_eq!(marked(text, search).as_deref(), Some(found));
        }
        assert_eq!(marked("nothing of it", "leaks"), None);
        assert_eq!(marked("", "x"), None);
    }

    #[test]
    fn long_texts_are_cut_around_the_hit() {
        let text = format!("{} drips {}", "ä".repeat(500), "ö".repeat(500));
        let excerpt = excerpt(&text, &SearchQuery::parse("DRIPS").unwrap()).unwrap();
        assert_eq!((excerpt.before.chars().count(), excerpt.after.chars().count()), (BEFORE + 1, AFTER + 1));
        assert_eq!(excerpt.hit, "drips");
    }
}
