//! SQL of sent files.

mod walks;

use const_format::concatcp;
use sqlx::FromRow;
use uuid::Uuid;

use self::walks::{LIVE, SHOW, SHOWN, VISIBLE_IDS};
use super::service::Wanted;
use crate::channels::access::Viewer;
use crate::files::attachments::store::AttachmentRow;
use crate::ids::{AttachmentId, ChannelId, MessageId};
use crate::people::organizations::model::Permission;
use crate::people::organizations::service::Member;
use crate::platform::byte_size::ByteSize;
use crate::platform::db::{On, fetch_all, fetch_optional};
use crate::platform::timestamp::Timestamp;

type Result<T> = std::result::Result<T, sqlx::Error>;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub message: Uuid,
    pub attachment: Uuid,
}

/// Returns the SQL of the walk with the least work for this query.
fn texts(member: &Member, wanted: &Wanted) -> walks::Texts {
    if wanted.channel.is_some() {
        walks::OF_CHANNEL
    } else if member.may(Permission::ContactView) && member.may(Permission::ChannelView) {
        // Most of the organization's index is visible.
        walks::OF_ORGANIZATION
    } else {
        walks::OF_CHANNELS
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
    let (first, last) = wanted.between();
    // Always bounds, so that the index is entered where the page begins.
    let (start, between) = if oldest_first {
        let start = after.unwrap_or(Place { message: Uuid::nil(), attachment: Uuid::nil() });
        (start, (first.max(start.message), last))
    } else {
        let start = after.unwrap_or(Place { message: Uuid::max(), attachment: Uuid::nil() });
        (start, (first, last.min(start.message)))
    };
    let texts = texts(member, wanted);
    fetch_all!(
        on,
        FileRow,
        if oldest_first { texts.oldest_first } else { texts.newest_first },
        as Viewer::of(member),
        wanted.kinds(),
        wanted.person(),
        wanted.only_contacts(),
        wanted.needle.as_deref(),
        between.0,
        between.1,
        wanted.channel,
        wanted.phone.as_deref(),
        start.message,
        start.attachment,
        limit
    )
}

/// Returns the number and the bytes of all that are wanted.
pub async fn totals(on: On<'_>, member: &Member, wanted: &Wanted) -> Result<(i64, ByteSize)> {
    let between = wanted.between();
    let row = fetch_optional!(
        on,
        (i64, ByteSize),
        texts(member, wanted).totals,
        as Viewer::of(member),
        wanted.kinds(),
        wanted.person(),
        wanted.only_contacts(),
        wanted.needle.as_deref(),
        between.0,
        between.1,
        wanted.channel,
        wanted.phone.as_deref()
    )?;
    Ok(row.unwrap_or_default())
}

/// Files of visible messages, which also match the files view.
const OF_MESSAGES: &str = concatcp!(
            "SELECT a.id, m.channel_id, m.id AS message_id, m.member_id AS sender_id, l.position
             FROM message_attachments l JOIN messages m ON m.id = l.message_id JOIN attachments a ON a.id = l.attachment_id
             WHERE m.deleted_at IS NULL AND m.channel_id IN ",
            VISIBLE_IDS,
            " AND ",
            LIVE
        );

/// Returns the files of a message that this member can view, in order.
pub async fn of_message(on: On<'_>, member: &Member, message: MessageId) -> Result<Vec<FileRow>> {
    fetch_all!(
        on,
        FileRow,
        concatcp!(SHOW, OF_MESSAGES, " AND l.message_id = $7", SHOWN, "ORDER BY f.position"),
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
        concatcp!(SHOW, OF_MESSAGES, " AND l.attachment_id = $7 ORDER BY CASE WHEN m.channel_id = $8 THEN 0 ELSE 1 END, m.id LIMIT 1", SHOWN),
        as Viewer::of(member),
        id,
        channel
    )
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
}
