//! SQL of sent files. Who sees which is the rule of channels, `visible`; there is no second one.

use sqlx::FromRow;
use uuid::Uuid;

use super::service::Wanted;
use crate::attachments::model::{AttachmentId, MessageId};
use crate::attachments::store::{AttachmentRow, attachment_columns};
use crate::channels::access::{main_phone, visible};
use crate::channels::model::ChannelId;
use crate::organizations::model::Permission;
use crate::organizations::service::Member;
use crate::platform::db::{On, fetch_all, fetch_optional};
use crate::platform::timestamp::Timestamp;

type Result<T> = std::result::Result<T, sqlx::Error>;

#[derive(FromRow)]
pub struct FileRow {
    #[sqlx(flatten)]
    pub attachment: AttachmentRow,
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

macro_rules! select_files {
    ($from:expr, $where:expr) => {
        concat!(
            "SELECT ",
            attachment_columns!(),
            ", co.first_name, co.last_name, ",
            main_phone!(),
            ", c.name AS channel_name, u.name AS member_name, COALESCE(m.created_at, a.created_at) AS sent_at FROM ",
            $from,
            " LEFT JOIN contacts co ON co.id = c.contact_id
              LEFT JOIN messages m ON m.id = a.message_id
              LEFT JOIN members me ON me.id = a.uploaded_by
              LEFT JOIN users u ON u.id = me.user_id
              WHERE ",
            visible!(),
            " AND a.organization_id = $1 AND a.channel_id = c.id AND a.status = 'complete' AND a.deleted_at IS NULL AND ",
            $where
        )
    };
}

/// `$6` kinds, `$7` person, `$8` only contacts, `$9` pattern, `$10` and `$11` the messages between which they were sent.
macro_rules! wanted {
    () => {
        r"a.message_id IS NOT NULL AND a.message_id >= $10 AND a.message_id <= $11
          AND $6 LIKE '%' || a.kind || '%'
          AND ($7 IS NULL OR a.uploaded_by = $7 OR (a.uploaded_by IS NULL AND c.contact_id = $7))
          AND (NOT $8 OR a.uploaded_by IS NULL)
          AND ($9 IS NULL OR a.search_text LIKE $9 ESCAPE '\' OR a.channel_id IN
            (SELECT cs.id FROM contacts s JOIN channels cs ON cs.contact_id = s.id
             WHERE s.organization_id = $1 AND s.search_text LIKE $9 ESCAPE '\'))"
    };
}

/// The order in which the tables are read: SQLite takes that of a CROSS JOIN.
macro_rules! from_files {
    () => {
        "attachments a CROSS JOIN channels c"
    };
}
macro_rules! from_channels {
    () => {
        "channels c CROSS JOIN attachments a"
    };
}

macro_rules! newest_first {
    () => {
        " AND (a.message_id < $13 OR (a.message_id = $13 AND a.id > $14)) ORDER BY a.message_id DESC, a.id LIMIT $15"
    };
}
macro_rules! oldest_first {
    () => {
        " AND (a.message_id > $13 OR (a.message_id = $13 AND a.id > $14)) ORDER BY a.message_id, a.id LIMIT $15"
    };
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
            $wanted.pattern.as_deref(),
            $between.0,
            $between.1,
            $wanted.channel
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
        ($from:expr, $scope:literal, $order:expr) => {
            ask!(
                fetch_all,
                on,
                FileRow,
                select_files!($from, concat!(wanted!(), $scope, $order)),
                member,
                wanted,
                between,
                start.message,
                start.attachment,
                limit
            )
        };
    }
    match (Walk::of(member, wanted), oldest_first) {
        (Walk::Organization, false) => files!(from_files!(), " AND $12 IS NULL", newest_first!()),
        (Walk::Organization, true) => files!(from_files!(), " AND $12 IS NULL", oldest_first!()),
        (Walk::Channels, false) => files!(from_channels!(), " AND $12 IS NULL", newest_first!()),
        (Walk::Channels, true) => files!(from_channels!(), " AND $12 IS NULL", oldest_first!()),
        (Walk::Channel, false) => files!(from_channels!(), " AND c.id = $12", newest_first!()),
        (Walk::Channel, true) => files!(from_channels!(), " AND c.id = $12", oldest_first!()),
    }
}

/// Number and bytes of all that are wanted.
pub async fn totals(on: On<'_>, member: &Member, wanted: &Wanted) -> Result<(i64, i64)> {
    macro_rules! totals {
        ($from:expr, $scope:literal) => {
            ask!(
                fetch_optional,
                on,
                (i64, i64),
                concat!(
                    "SELECT count(*), CAST(COALESCE(sum(a.file_size), 0) AS BIGINT) FROM ",
                    $from,
                    " WHERE ",
                    visible!(),
                    " AND a.organization_id = $1 AND a.channel_id = c.id AND a.status = 'complete'
                      AND a.deleted_at IS NULL AND ",
                    wanted!(),
                    $scope
                ),
                member,
                wanted,
                wanted.between()
            )
        };
    }
    let row = match Walk::of(member, wanted) {
        Walk::Organization => totals!(from_files!(), " AND $12 IS NULL"),
        Walk::Channels => totals!(from_channels!(), " AND $12 IS NULL"),
        Walk::Channel => totals!(from_channels!(), " AND c.id = $12"),
    }?;
    Ok(row.unwrap_or_default())
}

/// The files of a message that this member sees, in order.
pub async fn of_message(on: On<'_>, member: &Member, message: MessageId) -> Result<Vec<FileRow>> {
    fetch_all!(
        on,
        FileRow,
        select_files!(
            "message_attachments l JOIN attachments a ON a.id = l.attachment_id JOIN channels c ON c.id = a.channel_id",
            "a.message_id IS NOT NULL AND l.message_id = $6 ORDER BY l.position"
        ),
        member.organization_id(),
        member.id,
        member.may(Permission::ContactView),
        member.may(Permission::ContactViewAssigned),
        member.may(Permission::ChannelView),
        message
    )
}

/// One sent file, if this member sees it.
pub async fn find(on: On<'_>, member: &Member, id: AttachmentId) -> Result<Option<FileRow>> {
    fetch_optional!(
        on,
        FileRow,
        select_files!("attachments a JOIN channels c ON c.id = a.channel_id", "a.message_id IS NOT NULL AND a.id = $6"),
        member.organization_id(),
        member.id,
        member.may(Permission::ContactView),
        member.may(Permission::ContactViewAssigned),
        member.may(Permission::ChannelView),
        id
    )
}

impl FileRow {
    pub fn place(&self) -> Place {
        let message = self.attachment.message_id.map(|id| id.0).unwrap_or_default();
        Place { message, attachment: self.attachment.id.0 }
    }

    pub fn channel(&self) -> ChannelId {
        self.attachment.channel_id
    }
}
