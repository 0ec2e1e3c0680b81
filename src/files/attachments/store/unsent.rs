//! SQL of files that are in no message.

use const_format::concatcp;
use uuid::Uuid;

use super::{ATTACHMENT_COLUMNS, AttachmentRow, Result};
use crate::files::attachments::file_name::FileName;
use crate::files::attachments::model::Status;
use crate::ids::{AttachmentId, MemberId, OrganizationId};
use crate::people::organizations::service::Member;
use crate::platform::db::{On, execute, fetch_all};
use crate::platform::search::fold;

/// Returns at most `limit` files that a member uploaded and did not send, the latest first. Icons are in use.
pub async fn list(on: On<'_>, organization: OrganizationId, by: MemberId, limit: i64) -> Result<Vec<AttachmentRow>> {
    fetch_all!(
        on,
        AttachmentRow,
        concatcp!(
            "SELECT ",
            ATTACHMENT_COLUMNS,
            " FROM attachments a WHERE a.organization_id = $1 AND a.uploaded_by = $2 AND a.status = 'complete'
               AND a.message_id IS NULL AND a.deleted_at IS NULL AND a.channel_id IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM channels i WHERE i.icon_id = a.id)
             ORDER BY a.uploaded_at DESC, a.id DESC LIMIT CAST($3 AS BIGINT)"
        ),
        organization,
        by,
        limit
    )
}

/// Returns at most `limit` of a member's files that are in no message, the latest first, after `before`.
pub async fn page(
    on: On<'_>,
    member: &Member,
    status: Option<Status>,
    before: Option<AttachmentId>,
    limit: i64,
) -> Result<Vec<AttachmentRow>> {
    fetch_all!(
        on,
        AttachmentRow,
        concatcp!(
            "SELECT ",
            ATTACHMENT_COLUMNS,
            " FROM attachments a WHERE a.organization_id = $1 AND a.uploaded_by = $2
               AND a.message_id IS NULL AND a.deleted_at IS NULL
               AND ($3 IS NULL OR a.channel_id = $3) AND ($4 IS NULL OR a.status = $4) AND a.id < $5
             ORDER BY a.id DESC LIMIT CAST($6 AS BIGINT)"
        ),
        member.organization_id(),
        member.id,
        member.only_channel(),
        status,
        before.unwrap_or(AttachmentId(Uuid::max())),
        limit
    )
}

/// Renames a file unless it was sent. Returns whether it did.
pub async fn rename(on: On<'_>, id: AttachmentId, name: &FileName) -> Result<bool> {
    let changed = execute!(
        on,
        "UPDATE attachments SET file_name = $2, search_text = $3
         WHERE id = $1 AND message_id IS NULL AND deleted_at IS NULL",
        id,
        name.as_str(),
        fold(name.as_str())
    )?;
    Ok(changed > 0)
}
