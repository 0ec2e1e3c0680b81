//! Sums of the stored files by conversation, member and type. Triggers record each change; a job adds them up.

use sqlx::FromRow;
use uuid::Uuid;

use crate::files::sums::{BATCH, add_up};
use crate::platform::Platform;
use crate::platform::db::{execute, fetch_all};

#[derive(FromRow)]
struct Change {
    organization_id: Uuid,
    channel_id: Option<Uuid>,
    member_id: Uuid,
    kind: String,
    deleted: bool,
    files: i64,
    bytes: i64,
}

impl Change {
    fn of<Key>(&self, key: Key) -> (Key, i64, i64) {
        (key, self.files, self.bytes)
    }
}

/// Adds the next changes to the sums. Returns their number.
pub async fn add_changes(platform: &Platform) -> Result<u64, sqlx::Error> {
    let mut tx = platform.db.begin().await?;
    let changes = fetch_all!(
        &mut tx,
        Change,
        "DELETE FROM storage_changes
         WHERE id IN (SELECT id FROM storage_changes ORDER BY id LIMIT CAST($1 AS BIGINT))
         RETURNING organization_id, channel_id, member_id, kind, deleted, files, bytes",
        BATCH
    )?;
    let by_channel = changes.iter().filter_map(|change| Some(change.of((change.organization_id, change.channel_id?))));
    for ((organization, channel), (files, bytes)) in add_up(by_channel) {
        execute!(
            &mut tx,
            "INSERT INTO storage_by_channel (organization_id, channel_id, files, bytes) VALUES ($1, $2, $3, $4)
             ON CONFLICT (organization_id, channel_id) DO UPDATE
             SET files = storage_by_channel.files + excluded.files, bytes = storage_by_channel.bytes + excluded.bytes",
            organization,
            channel,
            files,
            bytes
        )?;
    }
    let by_member = changes.iter().map(|change| change.of((change.organization_id, change.member_id)));
    for ((organization, member), (files, bytes)) in add_up(by_member) {
        execute!(
            &mut tx,
            "INSERT INTO storage_by_member (organization_id, member_id, files, bytes) VALUES ($1, $2, $3, $4)
             ON CONFLICT (organization_id, member_id) DO UPDATE
             SET files = storage_by_member.files + excluded.files, bytes = storage_by_member.bytes + excluded.bytes",
            organization,
            member,
            files,
            bytes
        )?;
    }
    let by_type =
        changes.iter().map(|change| change.of((change.organization_id, change.kind.as_str(), change.deleted)));
    for ((organization, kind, deleted), (files, bytes)) in add_up(by_type) {
        execute!(
            &mut tx,
            "INSERT INTO storage_by_type (organization_id, kind, deleted, files, bytes) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (organization_id, kind, deleted) DO UPDATE
             SET files = storage_by_type.files + excluded.files, bytes = storage_by_type.bytes + excluded.bytes",
            organization,
            kind,
            deleted,
            files,
            bytes
        )?;
    }
    tx.commit().await?;
    Ok(changes.len() as u64)
}
