//! SQL of share links.

pub mod downloads;

use const_format::concatcp;
use sqlx::FromRow;

use super::model::ShareLink;
use crate::files::attachments::store::{ATTACHMENT_COLUMNS, AttachmentRow};
use crate::ids::{AttachmentId, ChannelId, MemberId, MessageId, OrganizationId, PictureId, ShareLinkId};
use crate::people::audit::service::Subject;
use crate::platform::db::{On, Tx, execute, fetch_all, fetch_optional};
use crate::platform::timestamp::Timestamp;

type Result<T> = std::result::Result<T, sqlx::Error>;

pub struct NewRow<'a> {
    pub id: ShareLinkId,
    pub organization: OrganizationId,
    pub attachment: Option<AttachmentId>,
    pub message: Option<MessageId>,
    pub token_hash: &'a [u8],
    pub password_hash: Option<&'a str>,
    pub created_by: MemberId,
    pub now: Timestamp,
    pub expires_at: Timestamp,
    pub max_downloads: Option<i64>,
}

pub async fn insert(tx: &mut Tx, new: NewRow<'_>) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO share_links (id, organization_id, attachment_id, message_id, token_hash, password_hash, created_by,
           created_at, expires_at, max_downloads)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        new.id,
        new.organization,
        new.attachment,
        new.message,
        new.token_hash,
        new.password_hash,
        new.created_by,
        new.now,
        new.expires_at,
        new.max_downloads
    )?;
    Ok(())
}

/// Returns the channel of a message that is not deleted.
pub async fn channel_of_message(
    on: On<'_>,
    organization: OrganizationId,
    message: MessageId,
) -> Result<Option<ChannelId>> {
    let row = fetch_optional!(
        on,
        (ChannelId,),
        "SELECT channel_id FROM messages WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL",
        organization,
        message
    )?;
    Ok(row.map(|(channel,)| channel))
}

#[derive(FromRow)]
pub struct LinkRow {
    pub id: ShareLinkId,
    pub attachment_id: Option<AttachmentId>,
    pub message_id: Option<MessageId>,
    pub created_by: MemberId,
    pub created_by_name: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
    pub has_password: bool,
    pub download_count: i64,
    pub max_downloads: Option<i64>,
    pub file_name: Option<String>,
    pub file_count: i64,
    pub channel_id: ChannelId,
}

impl LinkRow {
    /// Returns the subject of a link's audit entries.
    pub fn subject(&self) -> Subject {
        Subject {
            attachment: self.attachment_id,
            message: self.message_id,
            channel: Some(self.channel_id),
            share_link: Some(self.id),
            file_name: self.file_name.clone().unwrap_or_default(),
            detail: String::new(),
        }
    }

    pub fn into_link(self, now: Timestamp) -> ShareLink {
        let exhausted = self.max_downloads.is_some_and(|max| self.download_count >= max);
        ShareLink {
            id: self.id,
            attachment_id: self.attachment_id,
            message_id: self.message_id,
            file_name: self.file_name.unwrap_or_default(),
            file_count: self.file_count,
            created_by: self.created_by_name,
            created_at: self.created_at,
            expires_at: self.expires_at,
            revoked_at: self.revoked_at,
            has_password: self.has_password,
            download_count: self.download_count,
            max_downloads: self.max_downloads,
            active: self.revoked_at.is_none() && self.expires_at > now && !exhausted && self.file_count > 0,
        }
    }
}

/// SQL condition: the files `a` of the link `s`, including deleted ones.
const FILES_OF_LINK: &str = "a.id IN (SELECT s.attachment_id UNION SELECT l.attachment_id FROM message_attachments l
                 WHERE l.message_id = s.message_id)";

const SELECT_LINKS: &str = concatcp!(
    "SELECT s.id, s.attachment_id, s.message_id, s.created_by, u.name AS created_by_name, s.created_at, s.expires_at,
               s.revoked_at, s.password_hash IS NOT NULL AS has_password, s.download_count, s.max_downloads,
               (SELECT a.file_name FROM attachments a WHERE ",
    FILES_OF_LINK,
    " ORDER BY a.id LIMIT 1) AS file_name,
               (SELECT count(*) FROM attachments a WHERE a.deleted_at IS NULL AND (",
    FILES_OF_LINK,
    ")) AS file_count,
               COALESCE((SELECT a.channel_id FROM attachments a WHERE a.id = s.attachment_id),
                 (SELECT m.channel_id FROM messages m WHERE m.id = s.message_id)) AS channel_id
             FROM share_links s JOIN members me ON me.id = s.created_by JOIN users u ON u.id = me.user_id WHERE "
);

pub async fn find(on: On<'_>, organization: OrganizationId, id: ShareLinkId) -> Result<Option<LinkRow>> {
    fetch_optional!(on, LinkRow, concatcp!(SELECT_LINKS, "s.organization_id = $1 AND s.id = $2"), organization, id)
}

/// Filters of a list of links.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// `None`: of everyone.
    pub created_by: Option<MemberId>,
    pub attachment: Option<AttachmentId>,
    pub message: Option<MessageId>,
}

/// Returns links, latest first, starting before `before`.
pub async fn list(
    on: On<'_>,
    organization: OrganizationId,
    filter: Filter,
    before: Option<ShareLinkId>,
    limit: i64,
) -> Result<Vec<LinkRow>> {
    fetch_all!(
        on,
        LinkRow,
        concatcp!(
            SELECT_LINKS,
            "s.organization_id = $1 AND ($2 IS NULL OR s.created_by = $2) AND ($3 IS NULL OR s.attachment_id = $3)
               AND ($4 IS NULL OR s.message_id = $4) AND ($5 IS NULL OR s.id < $5) ORDER BY s.id DESC LIMIT CAST($6 AS BIGINT)"
        ),
        organization,
        filter.created_by,
        filter.attachment,
        filter.message,
        before,
        limit
    )
}

/// Revokes a link. Returns whether this call did it.
pub async fn revoke(tx: &mut Tx, id: ShareLinkId, now: Timestamp) -> Result<bool> {
    let changed = execute!(tx, "UPDATE share_links SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL", id, now)?;
    Ok(changed > 0)
}

/// A file of a valid link, with the link.
#[derive(FromRow)]
pub struct SharedRow {
    #[sqlx(flatten)]
    pub file: AttachmentRow,
    pub link_id: ShareLinkId,
    pub organization_name: String,
    pub logo_id: Option<PictureId>,
    pub password_hash: Option<String>,
    pub expires_at: Timestamp,
    pub download_count: i64,
    pub max_downloads: Option<i64>,
}

impl SharedRow {
    /// Returns the downloads left. `None` means without a limit.
    pub fn downloads_left(&self) -> Option<i64> {
        self.max_downloads.map(|max| (max - self.download_count).max(0))
    }

    pub fn is_used_up(&self) -> bool {
        self.downloads_left() == Some(0)
    }
}

/// Returns the files of a token, in the message's order, also if it is used up, because a download may continue. One
/// query for all kinds of invalid tokens, so that a wrong one, an expired one, a revoked one, and one whose files are
/// deleted can't be distinguished.
pub async fn open(on: On<'_>, token_hash: &[u8], now: Timestamp) -> Result<Vec<SharedRow>> {
    fetch_all!(
        on,
        SharedRow,
        concatcp!(
            "SELECT ",
            ATTACHMENT_COLUMNS,
            ", s.id AS link_id, o.name AS organization_name, o.logo_id, s.password_hash, s.expires_at, s.download_count,
           s.max_downloads
         FROM share_links s
         JOIN organizations o ON o.id = s.organization_id
         LEFT JOIN message_attachments l ON l.message_id = s.message_id
         LEFT JOIN messages m ON m.id = s.message_id
         JOIN attachments a ON a.id = COALESCE(s.attachment_id, l.attachment_id)
         WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > $2
           AND m.deleted_at IS NULL AND a.deleted_at IS NULL AND a.status = 'complete'
         ORDER BY l.position"
        ),
        token_hash,
        now
    )
}
