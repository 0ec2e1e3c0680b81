//! SQL of complete files that are in no message.

use super::{AttachmentRow, Result, attachment_columns};
use crate::attachments::file_name::FileName;
use crate::attachments::model::AttachmentId;
use crate::organizations::model::{MemberId, OrganizationId};
use crate::platform::db::{On, execute, fetch_all};
use crate::platform::search::fold;

/// Returns at most `limit` files that a member uploaded and did not send, the latest first. Icons are in use.
pub async fn list(on: On<'_>, organization: OrganizationId, by: MemberId, limit: i64) -> Result<Vec<AttachmentRow>> {
    fetch_all!(
        on,
        AttachmentRow,
        concat!(
            "SELECT ",
            attachment_columns!(),
            " FROM attachments a WHERE a.organization_id = $1 AND a.uploaded_by = $2 AND a.status = 'complete'
               AND a.message_id IS NULL AND a.deleted_at IS NULL AND a.channel_id IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM channels i WHERE i.icon_id = a.id)
             ORDER BY a.uploaded_at DESC, a.id DESC LIMIT $3"
        ),
        organization,
        by,
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
