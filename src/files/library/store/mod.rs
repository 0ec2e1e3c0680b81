//! SQL of sent files.

mod candidates;
pub mod totals;
mod walks;

use const_format::concatcp;
use sqlx::FromRow;
use uuid::Uuid;

pub use self::candidates::{
    CandidateRow, Prefilter, candidates, candidates_of, contacts_with, is_indexed, message_before,
};
use self::walks::{LIVE_OF_LINK, MESSAGE_IS_VISIBLE, SHOW, SHOWN};
use super::service::Wanted;
use crate::channels::access::Viewer;
use crate::files::attachments::store::AttachmentRow;
use crate::ids::{AttachmentId, ChannelId, MessageId};
use crate::people::organizations::service::Member;
use crate::platform::db::{On, fetch_all, fetch_optional};
use crate::platform::timestamp::Timestamp;

type Result<T> = std::result::Result<T, sqlx::Error>;

/// An empty list.
const NO_CHANNELS: &str = "[]";

#[derive(FromRow)]
pub struct FileRow {
    #[sqlx(flatten)]
    pub attachment: AttachmentRow,
    /// The channel of the message: the first that has it, or another one in another channel.
    pub found_channel_id: ChannelId,
    pub found_message_id: MessageId,
    /// `None` for a team channel.
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub phone: Option<String>,
    pub channel_name: String,
    /// `None` for a contact.
    pub member_name: Option<String>,
    pub sent_at: Timestamp,
}

/// A cursor in the order of lists: by message, and within a message by the order of its files, in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub message: Uuid,
    pub attachment: Uuid,
}

/// Returns the SQL of the walk with the least work for this query.
fn texts(member: &Member, wanted: &Wanted) -> walks::Texts {
    if wanted.channel.is_some() {
        walks::OF_CHANNEL
    } else if is_indexed(member, wanted) {
        // Most of the organization's index is visible.
        walks::OF_ORGANIZATION
    } else {
        walks::OF_CHANNELS
    }
}

/// A part of a list: from where, within which messages, and in which order.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    pub oldest_first: bool,
    pub start: Place,
    /// First and last message.
    pub between: (Uuid, Uuid),
}

impl Span {
    /// The files that are wanted, starting after `after`.
    pub fn new(wanted: &Wanted, oldest_first: bool, after: Option<Place>) -> Self {
        let none = Place { message: if oldest_first { Uuid::nil() } else { Uuid::max() }, attachment: Uuid::nil() };
        Self { oldest_first, start: none, between: wanted.between() }.after(after.unwrap_or(none))
    }

    /// The rest of it, after a file. Always has bounds, so that the index is entered where it begins.
    #[must_use]
    pub fn after(self, start: Place) -> Self {
        let (first, last) = self.between;
        let between =
            if self.oldest_first { (first.max(start.message), last) } else { (first, last.min(start.message)) };
        Self { start, between, ..self }
    }
}

/// Returns a page, starting after `after`.
pub async fn page(
    on: On<'_>,
    member: &Member,
    wanted: &Wanted,
    oldest_first: bool,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<FileRow>> {
    let Span { start, between, .. } = Span::new(wanted, oldest_first, after);
    let texts = texts(member, wanted);
    fetch_all!(
        on,
        FileRow,
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
        limit
    )
}

const OF_LINK: &str = "SELECT a.id, m.channel_id, m.id AS message_id,
      CASE WHEN a.message_id = m.id THEN a.uploaded_by ELSE m.member_id END AS sender_id, l.position FROM ";

/// Links of visible messages to files that also match the files view.
const LINKS: &str = concatcp!(
    "message_attachments l CROSS JOIN messages m CROSS JOIN attachments a
      WHERE m.id = l.message_id AND a.id = l.attachment_id AND m.deleted_at IS NULL AND ",
    MESSAGE_IS_VISIBLE,
    " AND ",
    LIVE_OF_LINK
);

const OF_MESSAGES: &str =
    concatcp!(SHOW, OF_LINK, "json_each($7) e CROSS JOIN ", LINKS, " AND l.message_id = unhex(e.value)", SHOWN);

/// Returns the files of messages that this member can view. `messages` must not be empty.
pub async fn of_messages(on: On<'_>, member: &Member, messages: &[Uuid]) -> Result<Vec<FileRow>> {
    fetch_all!(
        on,
        FileRow,
        OF_MESSAGES,
        as Viewer::of(member),
        id_list(messages)
    )
}

/// Returns the files of a message that this member can view, in order.
pub async fn of_message(on: On<'_>, member: &Member, message: MessageId) -> Result<Vec<FileRow>> {
    fetch_all!(
        on,
        FileRow,
        concatcp!(SHOW, OF_LINK, LINKS, " AND l.message_id = $7", SHOWN, "ORDER BY f.position"),
        as Viewer::of(member),
        message
    )
}

/// Returns one sent file, if this member can view it: in this channel if it is there, else in the one it was first sent
/// to.
pub async fn find(
    on: On<'_>,
    member: &Member,
    id: AttachmentId,
    channel: Option<ChannelId>,
) -> Result<Option<FileRow>> {
    fetch_optional!(
        on,
        FileRow,
        concatcp!(SHOW, OF_LINK, LINKS, " AND l.attachment_id = $7 ORDER BY CASE WHEN m.channel_id = $8 THEN 0 ELSE 1 END, m.id LIMIT 1", SHOWN),
        as Viewer::of(member),
        id,
        channel
    )
}

/// Returns ids as JSON, for `json_each`.
fn id_list(ids: &[Uuid]) -> String {
    let ids: Vec<String> = ids.iter().map(|id| format!("\"{}\"", id.simple())).collect();
    format!("[{}]", ids.join(","))
}

impl FileRow {
    pub fn place(&self) -> Place {
        Place { message: self.found_message_id.0, attachment: self.attachment.id.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::db::plan;

    #[tokio::test]
    async fn pages_are_read_along_an_index_and_no_further_than_they_go() {
        let newest = plan(walks::OF_ORGANIZATION.newest_first).await;
        let oldest = plan(walks::OF_ORGANIZATION.oldest_first).await;
        let channel = plan(walks::OF_CHANNEL.newest_first).await;
        for (plan, index) in [
            (&newest, "SEARCH a USING INDEX attachments_sent (organization_id=? AND message_id>?"),
            (&oldest, "SEARCH a USING INDEX attachments_sent (organization_id=? AND message_id>?"),
            (&channel, "SEARCH a USING INDEX attachments_sent_channel (channel_id=? AND message_id>?"),
        ] {
            assert!(plan.iter().any(|step| step.starts_with(index)), "{plan:#?}");
            // Only the files of one message are sorted before the limit: only then, as `SCAN own` says, is the page
            // joined.
            let place = |step: &str| plan.iter().position(|known| known == step).expect(step);
            let own = &plan[place("CO-ROUTINE own")..place("SCAN own")];
            let sorts = |step: &String| step.contains("TEMP B-TREE") && !step.contains("LAST TERM OF ORDER BY");
            assert!(!own.iter().any(sorts), "{plan:#?}");
            // An index of their own finds reused files.
            let elsewhere =
                "SEARCH l USING COVERING INDEX message_attachments_elsewhere (elsewhere_id=? AND message_id>?";
            assert!(plan.iter().any(|step| step.starts_with(elsewhere)), "{plan:#?}");
            assert!(!plan.iter().any(|step| step.starts_with("SCAN attachments")), "{plan:#?}");
        }
    }

    #[tokio::test]
    async fn candidates_are_read_by_their_messages_or_along_an_index() {
        for (walk, first, then) in [
            (walks::IN_MESSAGES, "SCAN e VIRTUAL TABLE", "SEARCH a USING INDEX attachments_message (message_id=?)"),
            (
                walks::IN_MESSAGES_OF_CHANNEL,
                "SCAN e VIRTUAL TABLE",
                "SEARCH a USING INDEX attachments_message (message_id=?)",
            ),
            (walks::IN_ORGANIZATION, "SEARCH a USING INDEX attachments_sent (organization_id=? AND message_id>?", ""),
            (walks::IN_CHANNEL, "SEARCH a USING INDEX attachments_sent_channel (channel_id=? AND message_id>?", ""),
        ] {
            for sql in [walk.newest_first, walk.oldest_first] {
                let plan = plan(sql).await;
                assert!(plan.iter().any(|step| step.starts_with(first)), "{plan:#?}");
                assert!(plan.iter().any(|step| step.starts_with(then)), "{plan:#?}");
                let tables = ["SCAN a", "SCAN l", "SCAN m", "SCAN messages", "SCAN c"];
                assert!(!plan.iter().any(|step| tables.contains(&step.as_str())), "{plan:#?}");
            }
        }
    }

    #[tokio::test]
    async fn totals_read_no_files() {
        for texts in [walks::OF_ORGANIZATION, walks::OF_CHANNEL] {
            let plan = plan(texts.sums).await;
            assert!(plan.iter().any(|step| step.starts_with("SEARCH t USING PRIMARY KEY (channel_id=?)")), "{plan:#?}");
            assert!(!plan.iter().any(|step| step.contains("attachments_sent")), "{plan:#?}");
        }
    }

    #[tokio::test]
    async fn a_page_of_hits_is_read_by_its_messages() {
        let plan = plan(OF_MESSAGES).await;
        let tables: Vec<_> =
            plan.iter().filter(|step| step.contains(" a USING") || step.contains(" l USING")).collect();
        assert!(tables[0].starts_with("SEARCH l USING INDEX"), "{plan:#?}");
        assert!(tables.len() > 1 && tables[1..].iter().all(|step| step.ends_with("(id=?)")), "{plan:#?}");
    }
}
