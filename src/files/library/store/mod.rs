//! SQL of sent files. Who sees which is the rule of channels, `visible`; there is no second one.

#[macro_use]
mod walks;

use sqlx::FromRow;
use uuid::Uuid;

use super::service::Wanted;
use crate::channels::access::{main_phone, visible};
use crate::files::attachments::store::{AttachmentRow, attachment_columns};
use crate::ids::{AttachmentId, ChannelId, MessageId};
use crate::people::organizations::model::Permission;
use crate::people::organizations::service::Member;
use crate::platform::db::{On, fetch_all, fetch_optional};
use crate::platform::timestamp::Timestamp;

type Result<T> = std::result::Result<T, sqlx::Error>;

#[derive(FromRow)]
pub struct FileRow {
    #[sqlx(flatten)]
    pub attachment: AttachmentRow,
    /// Where it was found: with the message that it was first sent with, or with another one in another channel.
    pub found_channel_id: ChannelId,
    pub found_message_id: MessageId,
    /// None for a team channel.
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub phone: Option<String>,
    pub channel_name: String,
    /// None for a contact.
    pub member_name: Option<String>,
    pub sent_at: Timestamp,
}

/// A place in the order of lists: by message, and within one in the order in which its files were picked, both ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub message: Uuid,
    pub attachment: Uuid,
}

/// How the files that a member sees are best reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Walk {
    /// Along the organisation's index: for who sees most of it.
    Organization,
    /// Channel by channel: for who sees few.
    Channels,
    /// Along the index of the one channel that is wanted.
    Channel,
}

impl Walk {
    fn of(member: &Member, wanted: &Wanted) -> Self {
        match wanted.channel {
            Some(_) => Self::Channel,
            None if member.may(Permission::ContactView) && member.may(Permission::ChannelView) => Self::Organization,
            None => Self::Channels,
        }
    }
}

/// Runs one of the texts with the parameters that all have in common.
macro_rules! ask {
    ($fetch:ident, $on:expr, $row:ty, $sql:expr, $member:expr, $wanted:expr, $between:expr $(, $arg:expr)*) => {
        $fetch!(
            $on,
            $row,
            $sql,
            $member.organization_id(),
            $member.id,
            $member.may(Permission::ContactView),
            $member.may(Permission::ContactViewAssigned),
            $member.may(Permission::ChannelView),
            $wanted.kinds(),
            $wanted.person(),
            $wanted.only_contacts(),
            $wanted.needle.as_deref(),
            $between.0,
            $between.1,
            $wanted.channel,
            $wanted.phone.as_deref()
            $(, $arg)*
        )
    };
}

/// A page, from just after `after`.
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
    macro_rules! files {
        ($sql:expr) => {
            ask!(fetch_all, on, FileRow, $sql, member, wanted, between, start.message, start.attachment, limit)
        };
    }
    match (Walk::of(member, wanted), oldest_first) {
        (Walk::Organization, false) => files!(newest_first!(along_organization!(), once_for_all!())),
        (Walk::Organization, true) => files!(oldest_first!(along_organization!(), once_for_all!())),
        (Walk::Channels, false) => files!(newest_first!(along_channels!(), once_for_all!())),
        (Walk::Channels, true) => files!(oldest_first!(along_channels!(), once_for_all!())),
        (Walk::Channel, false) => files!(newest_first!(along_channel!(), once_in_channel!())),
        (Walk::Channel, true) => files!(oldest_first!(along_channel!(), once_in_channel!())),
    }
}

/// Number and bytes of all that are wanted.
pub async fn totals(on: On<'_>, member: &Member, wanted: &Wanted) -> Result<(i64, i64)> {
    macro_rules! totals {
        ($walk:expr, $elsewhere:expr) => {
            ask!(
                fetch_optional,
                on,
                (i64, i64),
                concat!(
                    "SELECT count(*), CAST(COALESCE(sum(file_size), 0) AS BIGINT) FROM (SELECT a.file_size FROM ",
                    $walk,
                    " UNION ALL SELECT a.file_size FROM ",
                    $elsewhere,
                    ") found"
                ),
                member,
                wanted,
                wanted.between()
            )
        };
    }
    let row = match Walk::of(member, wanted) {
        Walk::Organization => totals!(along_organization!(), once_for_all!()),
        Walk::Channels => totals!(along_channels!(), once_for_all!()),
        Walk::Channel => totals!(along_channel!(), once_in_channel!()),
    }?;
    Ok(row.unwrap_or_default())
}

/// Files of messages that a member sees: all that a member could find by a message.
macro_rules! of_messages {
    () => {
        concat!(
            "SELECT a.id, m.channel_id, m.id AS message_id, m.member_id AS sender_id, l.position
             FROM message_attachments l JOIN messages m ON m.id = l.message_id JOIN attachments a ON a.id = l.attachment_id
             WHERE m.deleted_at IS NULL AND m.channel_id IN ",
            visible_ids!(),
            " AND ",
            live!()
        )
    };
}

/// The files of a message that this member sees, in order.
pub async fn of_message(on: On<'_>, member: &Member, message: MessageId) -> Result<Vec<FileRow>> {
    fetch_all!(
        on,
        FileRow,
        show_files!(concat!(of_messages!(), " AND l.message_id = $6"), "ORDER BY f.position"),
        member.organization_id(),
        member.id,
        member.may(Permission::ContactView),
        member.may(Permission::ContactViewAssigned),
        member.may(Permission::ChannelView),
        message
    )
}

/// One sent file, if this member sees it: in this channel if it is there, else where it was sent first.
pub async fn find(
    on: On<'_>,
    member: &Member,
    id: AttachmentId,
    channel: Option<ChannelId>,
) -> Result<Option<FileRow>> {
    fetch_optional!(
        on,
        FileRow,
        show_files!(
            concat!(
                of_messages!(),
                " AND l.attachment_id = $6 ORDER BY CASE WHEN m.channel_id = $7 THEN 0 ELSE 1 END, m.id LIMIT 1"
            ),
            ""
        ),
        member.organization_id(),
        member.id,
        member.may(Permission::ContactView),
        member.may(Permission::ContactViewAssigned),
        member.may(Permission::ChannelView),
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
        let newest = plan(newest_first!(along_organization!(), once_for_all!())).await;
        let oldest = plan(oldest_first!(along_organization!(), once_for_all!())).await;
        let channel = plan(newest_first!(along_channel!(), once_in_channel!())).await;
        for (plan, index) in [
            (&newest, "SEARCH a USING INDEX attachments_sent (organization_id=? AND message_id>?"),
            (&oldest, "SEARCH a USING INDEX attachments_sent (organization_id=? AND message_id>?"),
            (&channel, "SEARCH a USING INDEX attachments_sent_channel (channel_id=? AND message_id>?"),
        ] {
            assert!(plan.iter().any(|step| step.starts_with(index)), "{plan:#?}");
            // Nothing is sorted before the limit but the files of one message: only then, as `SCAN own` says, is the page put
            // together.
            let place = |step: &str| plan.iter().position(|known| known == step).expect(step);
            let own = &plan[place("CO-ROUTINE own")..place("SCAN own")];
            let sorts = |step: &String| step.contains("TEMP B-TREE") && !step.contains("LAST TERM OF ORDER BY");
            assert!(!own.iter().any(sorts), "{plan:#?}");
            // What is reused is as little as it is.
            let elsewhere =
                "SEARCH l USING COVERING INDEX message_attachments_elsewhere (elsewhere_id=? AND message_id>?";
            assert!(plan.iter().any(|step| step.starts_with(elsewhere)), "{plan:#?}");
            assert!(!plan.iter().any(|step| step.starts_with("SCAN attachments")), "{plan:#?}");
        }
    }
}
