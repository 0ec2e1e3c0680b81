//! SQL of searches in files: what may match, which `search.rs` compares.

use const_format::concatcp;
use sqlx::FromRow;
use uuid::Uuid;

use super::walks::{self, LIVE};
use super::{NO_CHANNELS, Place, Result, Span, id_list};
use crate::channels::access::Viewer;
use crate::files::library::service::Wanted;
use crate::ids::{AttachmentId, ChannelId, MessageId, OrganizationId};
use crate::people::organizations::model::Permission;
use crate::people::organizations::service::Member;
use crate::platform::byte_size::ByteSize;
use crate::platform::db::{On, fetch_all, fetch_optional};

/// A file that may match, where it is shown, with its texts.
#[derive(FromRow)]
pub struct CandidateRow {
    pub id: AttachmentId,
    pub channel_id: ChannelId,
    pub message_id: MessageId,
    pub file_size: ByteSize,
    /// The folded name.
    pub name: String,
    /// The folded text of the message.
    pub said: String,
}

impl CandidateRow {
    pub fn place(&self) -> Place {
        Place { message: self.message_id.0, attachment: self.id.0 }
    }
}

/// What the database compares while it reads files: each match has this word, or is in one of these channels.
pub struct Prefilter<'a> {
    pub word: &'a str,
    pub channels: &'a [Uuid],
}

/// Returns whether files are read along an index without reading all that are visible.
pub fn is_indexed(member: &Member, wanted: &Wanted) -> bool {
    wanted.channel.is_some() || (member.may(Permission::ContactView) && member.may(Permission::ChannelView))
}

/// Reads the next files of a span, at most `limit`.
pub async fn candidates(
    on: On<'_>,
    member: &Member,
    wanted: &Wanted,
    prefilter: &Prefilter<'_>,
    span: Span,
    limit: i64,
) -> Result<Vec<CandidateRow>> {
    let Span { oldest_first, start, between } = span;
    let texts = match wanted.channel {
        Some(_) => walks::IN_CHANNEL,
        None if is_indexed(member, wanted) => walks::IN_ORGANIZATION,
        None => walks::IN_CHANNELS,
    };
    fetch_all!(
        on,
        CandidateRow,
        if oldest_first { texts.oldest_first } else { texts.newest_first },
        as Viewer::of(member),
        wanted.kinds(),
        wanted.person(),
        wanted.only_contacts(),
        Some(prefilter.word),
        between.0,
        between.1,
        wanted.channel,
        id_list(prefilter.channels),
        start.message,
        start.attachment,
        limit
    )
}

/// Returns all files of these messages in a span.
pub async fn candidates_of(
    on: On<'_>,
    member: &Member,
    wanted: &Wanted,
    messages: &[Uuid],
    span: Span,
) -> Result<Vec<CandidateRow>> {
    let Span { oldest_first, start, between } = span;
    let texts = if wanted.channel.is_some() { walks::IN_MESSAGES_OF_CHANNEL } else { walks::IN_MESSAGES };
    fetch_all!(
        on,
        CandidateRow,
        if oldest_first { texts.oldest_first } else { texts.newest_first },
        as Viewer::of(member),
        wanted.kinds(),
        wanted.person(),
        wanted.only_contacts(),
        None::<&str>,
        between.0,
        between.1,
        wanted.channel,
        NO_CHANNELS,
        start.message,
        start.attachment,
        i64::MAX,
        id_list(messages)
    )
}

/// Returns the message that is this many files before another one. `None` if there are not so many.
pub async fn message_before(
    on: On<'_>,
    organization: OrganizationId,
    channel: Option<ChannelId>,
    before: Uuid,
    count: i64,
) -> Result<Option<Uuid>> {
    const BEFORE: &str = concatcp!("SELECT a.message_id FROM attachments a WHERE ", LIVE, " AND a.message_id <= $2");
    const LAST: &str = " ORDER BY a.message_id DESC LIMIT 1 OFFSET $3";
    let row = match channel {
        Some(channel) => fetch_optional!(
            on,
            (Uuid,),
            concatcp!(BEFORE, " AND a.channel_id = $4", LAST),
            organization,
            before,
            count - 1,
            channel
        )?,
        None => fetch_optional!(on, (Uuid,), concatcp!(BEFORE, LAST), organization, before, count - 1)?,
    };
    Ok(row.map(|(id,)| id))
}

/// Returns the channels of contacts whose texts contain one of these words, or the digits of a phone, with those texts.
pub async fn contacts_with(
    on: On<'_>,
    organization: OrganizationId,
    words: &[&str],
    phone: Option<&str>,
) -> Result<Vec<(ChannelId, String)>> {
    let words = serde_json::to_string(words).unwrap_or_default();
    fetch_all!(
        on,
        (ChannelId, String),
        "SELECT ch.id, co.search_text FROM contacts co JOIN channels ch ON ch.contact_id = co.id
         WHERE co.organization_id = $1 AND (instr(co.search_text, $3) > 0
           OR EXISTS (SELECT 1 FROM json_each($2) e WHERE instr(co.search_text, e.value) > 0))",
        organization,
        words,
        phone
    )
}
