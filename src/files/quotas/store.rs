//! SQL of quotas. Triggers count the usage and record each change of its sums; see the migrations.

use const_format::concatcp;
use sqlx::FromRow;

use super::model::{LargeFile, Share, UsedChannel, UsedMember};
use crate::channels::access::{MAIN_PHONE, VISIBLE, Viewer};
use crate::channels::model::ChannelKind;
use crate::files::attachments::media_type::FileKind;
use crate::ids::{AttachmentId, ChannelId, MemberId, MessageId, OrganizationId};
use crate::people::contacts::model::display_name;
use crate::people::organizations::service::Member;
use crate::platform::byte_size::ByteSize;
use crate::platform::db::{On, execute, fetch_all, fetch_optional};
use crate::platform::search::fold;
use crate::platform::timestamp::Timestamp;

type Result<T> = std::result::Result<T, sqlx::Error>;

/// Number of channels, people and files in the lists.
const LISTED: i64 = 10;

#[derive(FromRow)]
pub struct QuotaRow {
    pub used_bytes: ByteSize,
    pub quota_bytes: Option<ByteSize>,
    pub retention_days: Option<i32>,
}

pub async fn quota(on: On<'_>, organization: OrganizationId) -> Result<Option<QuotaRow>> {
    fetch_optional!(
        on,
        QuotaRow,
        "SELECT used_bytes, quota_bytes, retention_days FROM organizations WHERE id = $1",
        organization
    )
}

/// Returns id, name, used bytes and quota of all organizations, by name. For who runs the installation.
pub async fn all(on: On<'_>) -> Result<Vec<(OrganizationId, String, ByteSize, Option<ByteSize>)>> {
    let mut all = fetch_all!(
        on,
        (OrganizationId, String, ByteSize, Option<ByteSize>),
        "SELECT id, name, used_bytes, quota_bytes FROM organizations ORDER BY id"
    )?;
    all.sort_by_cached_key(|(_, name, ..)| fold(name));
    Ok(all)
}

/// None: the installation's.
pub async fn set_quota(on: On<'_>, organization: OrganizationId, bytes: Option<ByteSize>) -> Result<()> {
    execute!(on, "UPDATE organizations SET quota_bytes = $2 WHERE id = $1", organization, bytes)?;
    Ok(())
}

pub async fn set_retention(on: On<'_>, organization: OrganizationId, days: Option<i32>) -> Result<()> {
    execute!(on, "UPDATE organizations SET retention_days = $2 WHERE id = $1", organization, days)?;
    Ok(())
}

/// Recounts usage, for changes that triggers could not see, such as manual edits of a database. Returns the number of
/// corrections.
pub async fn recount(on: On<'_>) -> Result<u64> {
    execute!(
        on,
        "UPDATE organizations SET used_bytes = counted.bytes
         FROM (SELECT o.id, COALESCE(SUM(a.file_size), 0) AS bytes FROM organizations o
               LEFT JOIN attachments a ON a.organization_id = o.id AND a.status <> 'failed' AND a.purged_at IS NULL
               GROUP BY o.id) AS counted
         WHERE organizations.id = counted.id AND organizations.used_bytes <> counted.bytes"
    )
}

#[derive(Default, FromRow)]
struct Counted {
    files: i64,
    bytes: ByteSize,
}

#[derive(FromRow)]
struct TypeRow {
    kind: FileKind,
    deleted: bool,
    #[sqlx(flatten)]
    counted: Counted,
}

/// The stored files of an organization by type, and those of them that were deleted.
pub struct ByType {
    /// The largest first.
    pub all: Vec<Share<FileKind>>,
    pub deleted: Share<()>,
}

pub async fn by_type(on: On<'_>, organization: OrganizationId) -> Result<ByType> {
    let rows = fetch_all!(
        on,
        TypeRow,
        "SELECT kind, deleted, CAST(SUM(files) AS BIGINT) AS files, CAST(SUM(bytes) AS BIGINT) AS bytes
         FROM (SELECT kind, deleted, files, bytes FROM storage_by_type WHERE organization_id = $1
               UNION ALL SELECT kind, deleted, files, bytes FROM storage_changes WHERE organization_id = $1) AS sums
         GROUP BY kind, deleted HAVING SUM(files) > 0",
        organization
    )?;
    let mut by_type = ByType { all: Vec::new(), deleted: share((), &Counted::default()) };
    for TypeRow { kind, deleted, counted } in rows {
        match by_type.all.iter_mut().find(|share| share.of == kind) {
            Some(sum) => add(sum, &counted),
            None => by_type.all.push(share(kind, &counted)),
        }
        if deleted {
            add(&mut by_type.deleted, &counted);
        }
    }
    by_type.all.sort_by_key(|share| std::cmp::Reverse(share.bytes));
    Ok(by_type)
}

fn add<T>(share: &mut Share<T>, counted: &Counted) {
    share.files += counted.files;
    share.bytes = ByteSize(share.bytes.0 + counted.bytes.0);
}

#[derive(FromRow)]
struct ChannelNameRow {
    channel_id: ChannelId,
    seen: bool,
    kind: ChannelKind,
    name: String,
    first_name: Option<String>,
    last_name: Option<String>,
    phone: Option<String>,
}

impl ChannelNameRow {
    fn channel(self) -> UsedChannel {
        let name = match self.kind {
            ChannelKind::Contact => display_name(
                self.first_name.as_deref().unwrap_or_default(),
                self.last_name.as_deref().unwrap_or_default(),
                self.phone,
            ),
            ChannelKind::Bucket => self.name,
            ChannelKind::Team => format!("#{}", self.name),
        };
        UsedChannel { id: self.channel_id, name: self.seen.then_some(name) }
    }
}

const CHANNEL_NAME_COLUMNS: &str =
    concatcp!("c.id AS channel_id, (", VISIBLE, ") AS seen, c.kind, c.name, co.first_name, co.last_name, ", MAIN_PHONE);

#[derive(FromRow)]
struct ByChannelRow {
    #[sqlx(flatten)]
    channel: ChannelNameRow,
    #[sqlx(flatten)]
    counted: Counted,
}

pub async fn by_channel(on: On<'_>, member: &Member) -> Result<Vec<Share<UsedChannel>>> {
    let rows = fetch_all!(
        on,
        ByChannelRow,
        concatcp!(
            "SELECT ",
            CHANNEL_NAME_COLUMNS,
            ", kept.files, kept.bytes
             FROM (SELECT channel_id, CAST(SUM(files) AS BIGINT) AS files, CAST(SUM(bytes) AS BIGINT) AS bytes
                   FROM (SELECT channel_id, files, bytes FROM storage_by_channel WHERE organization_id = $1
                         UNION ALL SELECT channel_id, files, bytes FROM storage_changes WHERE organization_id = $1) AS sums
                   GROUP BY channel_id HAVING SUM(files) > 0 ORDER BY 3 DESC, 1 LIMIT CAST($7 AS BIGINT)) AS kept
             JOIN channels c ON c.id = kept.channel_id
             LEFT JOIN contacts co ON co.id = c.contact_id
             ORDER BY kept.bytes DESC"
        ),
        as Viewer::of(member),
        LISTED
    )?;
    Ok(rows.into_iter().map(|row| share(row.channel.channel(), &row.counted)).collect())
}

#[derive(FromRow)]
struct ByMemberRow {
    id: Option<MemberId>,
    name: Option<String>,
    #[sqlx(flatten)]
    counted: Counted,
}

pub async fn by_member(on: On<'_>, organization: OrganizationId) -> Result<Vec<Share<UsedMember>>> {
    let rows = fetch_all!(
        on,
        ByMemberRow,
        "SELECT m.id, u.name, kept.files, kept.bytes
         FROM (SELECT member_id, CAST(SUM(files) AS BIGINT) AS files, CAST(SUM(bytes) AS BIGINT) AS bytes
               FROM (SELECT member_id, files, bytes FROM storage_by_member WHERE organization_id = $1
                     UNION ALL SELECT member_id, files, bytes FROM storage_changes WHERE organization_id = $1) AS sums
               GROUP BY member_id HAVING SUM(files) > 0 ORDER BY 3 DESC, 1 LIMIT CAST($2 AS BIGINT)) AS kept
         LEFT JOIN members m ON m.id = kept.member_id LEFT JOIN users u ON u.id = m.user_id
         ORDER BY kept.bytes DESC",
        organization,
        LISTED
    )?;
    Ok(rows.into_iter().map(|row| share(UsedMember { id: row.id, name: row.name }, &row.counted)).collect())
}

#[derive(FromRow)]
struct LargeRow {
    id: AttachmentId,
    file_name: String,
    file_size: ByteSize,
    message_id: Option<MessageId>,
    uploaded_at: Option<Timestamp>,
    deleted: bool,
    #[sqlx(flatten)]
    channel: ChannelNameRow,
}

/// Returns the largest complete files of conversations that the member can view.
pub async fn largest(on: On<'_>, member: &Member) -> Result<Vec<LargeFile>> {
    let rows = fetch_all!(
        on,
        LargeRow,
        concatcp!(
            "SELECT a.id, a.file_name, a.file_size, a.message_id, a.uploaded_at, a.deleted_at IS NOT NULL AS deleted, ",
            CHANNEL_NAME_COLUMNS,
            " FROM attachments a
             JOIN channels c ON c.id = a.channel_id
             LEFT JOIN contacts co ON co.id = c.contact_id
             WHERE a.organization_id = $1 AND a.status = 'complete' AND a.purged_at IS NULL AND ",
            VISIBLE,
            " ORDER BY a.file_size DESC, a.id DESC LIMIT CAST($7 AS BIGINT)"
        ),
        as Viewer::of(member),
        LISTED
    )?;
    let file = |row: LargeRow| LargeFile {
        id: row.id,
        file_name: row.file_name,
        file_size: row.file_size,
        channel: row.channel.channel(),
        message_id: row.message_id,
        uploaded_at: row.uploaded_at,
        deleted: row.deleted,
    };
    Ok(rows.into_iter().map(file).collect())
}

fn share<T>(of: T, counted: &Counted) -> Share<T> {
    Share { of, files: counted.files, bytes: counted.bytes }
}
