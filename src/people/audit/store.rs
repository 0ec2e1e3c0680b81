//! SQL that writes audit entries. Rows are immutable, except their search text after an upgrade, and the detail of work in
//! several transactions until it ends. Only those of a file that was taken back before anybody could see it are deleted.

use uuid::Uuid;

use super::model::Action;
use super::service::{By, Subject};
use crate::ids::{AttachmentId, AuditEntryId, OrganizationId};
use crate::platform::db::{On, Tx, execute, fetch_all, fetch_optional};
use crate::platform::id::moment_of;
use crate::platform::search::fold;
use crate::platform::timestamp::Timestamp;

type Result<T> = std::result::Result<T, sqlx::Error>;

pub async fn insert(on: On<'_>, id: Uuid, by: &By, action: Action, subject: &Subject) -> Result<()> {
    execute!(
        on,
        "INSERT INTO audit_entries (id, organization_id, action, member_id, attachment_id, message_id, channel_id,
           share_link_id, file_name, search_text, address, created_at, detail, token_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        id,
        by.organization,
        action,
        by.member,
        subject.attachment,
        subject.message,
        subject.channel,
        by.share_link.or(subject.share_link),
        &subject.file_name,
        search_text(&subject.file_name, &subject.detail),
        &by.network,
        moment_of(id),
        &subject.detail,
        by.token
    )?;
    Ok(())
}

pub async fn delete_of_file(on: On<'_>, organization: OrganizationId, file: AttachmentId) -> Result<()> {
    execute!(on, "DELETE FROM audit_entries WHERE organization_id = $1 AND attachment_id = $2", organization, file)?;
    Ok(())
}

/// Returns the detail of an entry that the same member wrote at this time or later.
pub async fn detail(on: On<'_>, by: &By, action: Action, id: AuditEntryId, since: Timestamp) -> Result<Option<String>> {
    let row = fetch_optional!(
        on,
        (String,),
        "SELECT detail FROM audit_entries
         WHERE id = $1 AND organization_id = $2 AND member_id = $3 AND action = $4 AND created_at >= $5",
        id,
        by.organization,
        by.member,
        action,
        since
    )?;
    Ok(row.map(|(detail,)| detail))
}

pub async fn set_detail(on: On<'_>, id: AuditEntryId, detail: &str) -> Result<()> {
    execute!(
        on,
        "UPDATE audit_entries SET detail = $2, search_text = $3 WHERE id = $1",
        id,
        detail,
        search_text("", detail)
    )?;
    Ok(())
}

fn search_text(file_name: &str, detail: &str) -> String {
    fold(&format!("{file_name} {detail}")).trim().to_owned()
}

/// Folds the search texts of the next `limit` entries. Returns their ids.
pub async fn refold(tx: &mut Tx, after: Uuid, limit: i64) -> Result<Vec<Uuid>> {
    let rows = fetch_all!(
        &mut *tx,
        (Uuid, String, String),
        "SELECT id, file_name, detail FROM audit_entries WHERE id > $1 ORDER BY id LIMIT CAST($2 AS BIGINT)",
        after,
        limit
    )?;
    for (id, name, detail) in &rows {
        execute!(
            &mut *tx,
            "UPDATE audit_entries SET search_text = $2 WHERE id = $1 AND search_text <> $2",
            *id,
            search_text(name, detail)
        )?;
    }
    Ok(rows.into_iter().map(|row| row.0).collect())
}
