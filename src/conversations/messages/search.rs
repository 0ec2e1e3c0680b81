//! Search of messages: in one conversation, and in all.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use sqlx::FromRow;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::model::{Excerpt, MessageHit};
use super::service::author;
use super::store::{self, MessageRow};
use crate::channels::access::Visible;
use crate::channels::model::{Channel, ChannelKind};
use crate::channels::service as channels;
use crate::ids::{ChannelId, MessageId};
use crate::people::organizations::model::Permission;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::{ErrorKind, Result};
use crate::platform::search::{fold, needle};

/// Page size.
const PAGE: i64 = 30;
/// Number of letters shown before a match, and after it.
const BEFORE: usize = 40;
const AFTER: usize = 120;
/// After every message.
const LAST: MessageId = MessageId(uuid::Uuid::max());

/// A hit, and the matching file, if the file name matches.
#[derive(FromRow)]
pub struct MessageHitRow {
    #[sqlx(flatten)]
    pub message: MessageRow,
    pub found_file: Option<String>,
}

/// Searches messages of a channel whose title, text or file names contain `search`, newest first, 30 at a time:
/// `before` is the id of the last one of the page before. An empty search has no hits; deleted messages and files are
/// never included.
pub async fn in_channel(
    platform: &Platform,
    member: &Member,
    channel: &Visible<Channel>,
    search: &str,
    before: Option<MessageId>,
) -> Result<Vec<MessageHit>> {
    let Some(needle) = needle(search) else { return Ok(Vec::new()) };
    let in_files = member.may(Permission::MessageViewAttachment);
    let before = before.unwrap_or(LAST);
    let rows =
        async { Ok(store::search_channel(platform.db.on(), member, channel, &needle, in_files, before, PAGE).await?) };
    let rows = platform.searches.run(member.user_id.0, rows).await?;
    Ok(rows.into_iter().map(|row| found(row, channel, search)).collect())
}

/// Searches all channels that this member can view.
pub async fn everywhere(
    platform: &Platform,
    member: &Member,
    search: &str,
    before: Option<MessageId>,
) -> Result<Vec<MessageHit>> {
    let Some(needle) = needle(search) else { return Ok(Vec::new()) };
    let in_files = member.may(Permission::MessageViewAttachment);
    let before = before.unwrap_or(LAST);
    let rows = async { Ok(store::search_all(platform.db.on(), member, &needle, in_files, before, PAGE).await?) };
    let rows = platform.searches.run(member.user_id.0, rows).await?;
    let mut channels: HashMap<ChannelId, Option<Visible<Channel>>> = HashMap::new();
    let mut hits = Vec::with_capacity(rows.len());
    for row in rows {
        let channel = match channels.entry(row.message.channel_id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(channel_of_hit(platform, member, row.message.channel_id).await?),
        };
        hits.extend(channel.as_ref().map(|channel| found(row, channel, search)));
    }
    Ok(hits)
}

/// Returns the channel of a hit. `None` if the member lost access just now.
async fn channel_of_hit(platform: &Platform, member: &Member, id: ChannelId) -> Result<Option<Visible<Channel>>> {
    match channels::find(platform, member, id).await {
        Err(error) if matches!(error.kind, ErrorKind::Forbidden | ErrorKind::NotFound) => Ok(None),
        found => found.map(Some),
    }
}

fn found(row: MessageHitRow, channel: &Channel, search: &str) -> MessageHit {
    let author = author(&row.message, channel);
    let lines = [row.message.title.as_deref(), row.message.subtitle.as_deref(), Some(row.message.body.as_str())];
    let said = lines.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let (excerpt, file_name) = match (excerpt(&said, search), row.found_file) {
        (Some(excerpt), _) => (excerpt, None),
        (None, Some(name)) => (excerpt_of_name(name.clone(), search), Some(name)),
        // Only the database's folding matches.
        (None, None) => (Excerpt { before: cut(&said, BEFORE + AFTER), ..Excerpt::default() }, None),
    };
    MessageHit {
        id: row.message.id,
        channel_id: channel.id,
        conversation: match channel.kind {
            ChannelKind::Contact => channel.name.clone(),
            ChannelKind::Team | ChannelKind::Bucket => format!("#{}", channel.name),
        },
        author,
        created_at: row.message.created_at,
        excerpt,
        file_name,
    }
}

fn excerpt_of_name(name: String, search: &str) -> Excerpt {
    excerpt(&name, search).unwrap_or(Excerpt { before: name, ..Excerpt::default() })
}

/// Returns the text around the first match, in one line.
fn excerpt(text: &str, search: &str) -> Option<Excerpt> {
    let text: String = text.nfc().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let text: Vec<&str> = text.graphemes(true).collect();
    // Each letter folded, which may be several, and for each byte of that the original letter.
    let (mut folded, mut origins) = (String::new(), Vec::new());
    for (at, letter) in text.iter().enumerate() {
        folded.push_str(&fold(letter));
        origins.resize(folded.len(), at);
    }
    let wanted = needle(search)?;
    let start = folded.find(&wanted)?;
    let (first, last) = (*origins.get(start)?, *origins.get((start + wanted.len()).checked_sub(1)?)?);
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
        excerpt(text, search).map(|excerpt| format!("{}|{}|{}", excerpt.before, excerpt.hit, excerpt.after))
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
        ] {
            assert_eq!(marked(text, search).as_deref(), Some(found));
        }
        assert_eq!(marked("nothing of it", "leaks"), None);
        assert_eq!(marked("", "x"), None);
    }

    #[test]
    fn long_texts_are_cut_around_the_hit() {
        let text = format!("{} drips {}", "ä".repeat(500), "ö".repeat(500));
        let excerpt = excerpt(&text, "DRIPS").unwrap();
        assert_eq!((excerpt.before.chars().count(), excerpt.after.chars().count()), (BEFORE + 1, AFTER + 1));
        assert_eq!(excerpt.hit, "drips");
    }
}
