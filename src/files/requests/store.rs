//! SQL of file requests.

use const_format::concatcp;
use sqlx::FromRow;
use uuid::Uuid;

use super::model::{FileRequest, Terms};
use crate::channels::access::{VISIBLE, Viewer};
use crate::files::attachments::media_type::FileKind;
use crate::ids::{ChannelId, ContactId, FileRequestId, MemberId, MessageId, OrganizationId, PictureId};
use crate::people::organizations::service::Member;
use crate::platform::db::{On, Tx, execute, fetch_all, fetch_optional};
use crate::platform::named_enum::List;
use crate::platform::timestamp::Timestamp;

type Result<T> = std::result::Result<T, sqlx::Error>;

pub struct NewRow<'a> {
    pub id: FileRequestId,
    pub organization: OrganizationId,
    pub created_by: MemberId,
    pub now: Timestamp,
    pub token_hash: &'a [u8],
    pub password_hash: Option<&'a str>,
    pub terms: &'a Terms,
}

pub async fn insert(tx: &mut Tx, new: NewRow<'_>) -> Result<()> {
    let kinds = Some(List(new.terms.kinds.clone())).filter(|List(kinds)| !kinds.is_empty());
    execute!(
        tx,
        "INSERT INTO file_requests (id, organization_id, channel_id, note, token_hash, password_hash, created_by, created_at,
           expires_at, max_files, max_bytes, kinds)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        new.id,
        new.organization,
        new.terms.channel,
        &new.terms.note,
        new.token_hash,
        new.password_hash,
        new.created_by,
        new.now,
        new.terms.expires_at,
        new.terms.max_files,
        new.terms.max_bytes,
        kinds
    )?;
    Ok(())
}

#[derive(FromRow)]
pub struct RequestRow {
    pub id: FileRequestId,
    pub channel_id: ChannelId,
    pub note: String,
    pub created_by: MemberId,
    pub created_by_name: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
    pub opened_at: Option<Timestamp>,
    pub has_password: bool,
    pub max_files: i64,
    pub max_bytes: i64,
    pub kinds: Option<List<FileKind>>,
    pub received_files: i64,
    /// The message that shows the request.
    pub card_id: Option<MessageId>,
}

impl RequestRow {
    pub fn into_request(self, now: Timestamp) -> FileRequest {
        FileRequest {
            id: self.id,
            channel_id: self.channel_id,
            note: self.note,
            created_by: self.created_by_name,
            created_at: self.created_at,
            expires_at: self.expires_at,
            revoked_at: self.revoked_at,
            opened_at: self.opened_at,
            has_password: self.has_password,
            max_files: self.max_files,
            max_bytes: self.max_bytes,
            kinds: self.kinds.map(|List(kinds)| kinds).unwrap_or_default(),
            received_files: self.received_files,
            active: self.revoked_at.is_none() && self.expires_at > now,
        }
    }
}

const SELECT_REQUESTS: &str = "SELECT r.id, r.channel_id, r.note, r.created_by, u.name AS created_by_name, r.created_at, r.expires_at, r.revoked_at, r.opened_at,
           r.password_hash IS NOT NULL AS has_password, r.max_files, r.max_bytes, r.kinds,
           (SELECT count(*) FROM attachments a WHERE a.file_request_id = r.id AND a.message_id IS NOT NULL) AS received_files,
           (SELECT m.id FROM messages m WHERE m.file_request_id = r.id AND m.submission_key IS NULL ORDER BY m.id LIMIT 1) AS card_id
         FROM file_requests r JOIN members me ON me.id = r.created_by JOIN users u ON u.id = me.user_id ";

/// Returns a request whose conversation the member can view.
pub async fn find(on: On<'_>, member: &Member, id: FileRequestId) -> Result<Option<RequestRow>> {
    fetch_optional!(
        on,
        RequestRow,
        concatcp!(SELECT_REQUESTS, "JOIN channels c ON c.id = r.channel_id WHERE ", VISIBLE, " AND r.id = $7"),
        as Viewer::of(member),
        id
    )
}

/// Lists requests whose conversations the member can view, newest first, starting after `before`. With `created_by`,
/// only those of one member.
pub async fn list(
    on: On<'_>,
    member: &Member,
    created_by: Option<MemberId>,
    before: Option<FileRequestId>,
    limit: i64,
) -> Result<Vec<RequestRow>> {
    fetch_all!(
        on,
        RequestRow,
        concatcp!(
            SELECT_REQUESTS,
            "JOIN channels c ON c.id = r.channel_id WHERE r.organization_id = $1 AND ",
            VISIBLE,
            " AND ($7 IS NULL OR r.created_by = $7) AND r.id < $8 ORDER BY r.id DESC LIMIT CAST($9 AS BIGINT)"
        ),
        as Viewer::of(member),
        created_by,
        before.unwrap_or(FileRequestId(Uuid::max())),
        limit
    )
}

/// Returns the requests of the messages from `first` to `last` in a channel.
pub async fn of_messages(on: On<'_>, channel: ChannelId, first: MessageId, last: MessageId) -> Result<Vec<RequestRow>> {
    fetch_all!(
        on,
        RequestRow,
        concatcp!(
            SELECT_REQUESTS,
            "WHERE r.id IN (SELECT m.file_request_id FROM messages m WHERE m.channel_id = $1 AND m.id >= $2 AND m.id <= $3
               AND m.submission_key IS NULL AND m.deleted_at IS NULL)"
        ),
        channel,
        first,
        last
    )
}

/// Returns whether this call revoked it.
pub async fn revoke(tx: &mut Tx, id: FileRequestId, now: Timestamp) -> Result<bool> {
    let changed =
        execute!(tx, "UPDATE file_requests SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL", id, now)?;
    Ok(changed > 0)
}

/// Records that the page was opened. Returns whether it was the first time.
pub async fn note_opened(on: On<'_>, id: FileRequestId, now: Timestamp) -> Result<bool> {
    let changed = execute!(on, "UPDATE file_requests SET opened_at = $2 WHERE id = $1 AND opened_at IS NULL", id, now)?;
    Ok(changed > 0)
}

/// A request whose link works.
#[derive(Debug, Clone, FromRow)]
pub struct OpenRow {
    pub id: FileRequestId,
    pub organization_id: OrganizationId,
    pub organization_name: String,
    pub logo_id: Option<PictureId>,
    pub channel_id: ChannelId,
    /// Set in a contact's conversation.
    pub contact_id: Option<ContactId>,
    pub note: String,
    pub password_hash: Option<String>,
    pub created_by: MemberId,
    pub expires_at: Timestamp,
    pub opened_at: Option<Timestamp>,
    pub max_files: i64,
    pub max_bytes: i64,
    kinds: Option<List<FileKind>>,
    pub card_id: Option<MessageId>,
}

impl OpenRow {
    /// Returns the accepted kinds. Empty if all are accepted.
    pub fn kinds(&self) -> &[FileKind] {
        self.kinds.as_ref().map(|List(kinds)| &kinds[..]).unwrap_or_default()
    }
}

const SELECT_OPEN: &str = "SELECT r.id, r.organization_id, o.name AS organization_name, o.logo_id, r.channel_id, c.contact_id, r.note, r.password_hash,
           r.created_by, r.expires_at, r.opened_at, r.max_files, r.max_bytes, r.kinds,
           (SELECT m.id FROM messages m WHERE m.file_request_id = r.id AND m.submission_key IS NULL ORDER BY m.id LIMIT 1) AS card_id
         FROM file_requests r
         JOIN organizations o ON o.id = r.organization_id
         JOIN channels c ON c.id = r.channel_id
         WHERE r.revoked_at IS NULL AND r.expires_at > $2 AND c.deleted_at IS NULL AND ";

/// Returns the request of a token whose link works. One query for invalid, expired and revoked tokens, so that they
/// can't be distinguished.
pub async fn open(on: On<'_>, token_hash: &[u8], now: Timestamp) -> Result<Option<OpenRow>> {
    fetch_optional!(on, OpenRow, concatcp!(SELECT_OPEN, "r.token_hash = $1"), token_hash, now)
}

/// Returns a request whose link works, for a visitor who was admitted before.
pub async fn still_open(on: On<'_>, id: FileRequestId, now: Timestamp) -> Result<Option<OpenRow>> {
    fetch_optional!(on, OpenRow, concatcp!(SELECT_OPEN, "r.id = $1"), id, now)
}

/// The files that count toward a request's limits, and their bytes. Failed uploads and files that were removed before
/// they were sent don't count.
#[derive(Debug, Clone, Copy, Default, FromRow)]
pub struct Used {
    pub files: i64,
    pub bytes: i64,
}

pub async fn used(on: On<'_>, id: FileRequestId) -> Result<Used> {
    let row = fetch_optional!(
        on,
        Used,
        "SELECT count(*) AS files, CAST(COALESCE(SUM(file_size), 0) AS BIGINT) AS bytes FROM attachments
         WHERE file_request_id = $1 AND status <> 'failed' AND (message_id IS NOT NULL OR deleted_at IS NULL)",
        id
    )?;
    Ok(row.unwrap_or_default())
}
