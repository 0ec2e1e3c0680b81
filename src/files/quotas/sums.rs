//! Sums of the stored files by conversation, member and type. Triggers record each change; a job adds them up.

use std::collections::BTreeMap;

use sqlx::FromRow;
use uuid::Uuid;

use crate::platform::Platform;
use crate::platform::db::{execute, fetch_all};

/// Number of changes that are added up in a transaction.
const BATCH: i64 = 1000;

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

/// The changes of the sums by `Key`. Ordered, so that transactions lock rows in the same order.
struct Sums<Key>(BTreeMap<Key, (i64, i64)>);

impl<Key: Ord> Sums<Key> {
    fn of<'a>(changes: &'a [Change], key: impl Fn(&'a Change) -> Option<Key>) -> Self {
        let mut sums: BTreeMap<Key, (i64, i64)> = BTreeMap::new();
        for change in changes {
            let Some(key) = key(change) else { continue };
            let sum = sums.entry(key).or_default();
            *sum = (sum.0 + change.files, sum.1 + change.bytes);
        }
        sums.retain(|_, sum| *sum != (0, 0));
        Self(sums)
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
    for ((organization, channel), (files, bytes)) in
        Sums::of(&changes, |change| Some((change.organization_id, change.channel_id?))).0
    {
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
    for ((organization, member), (files, bytes)) in
        Sums::of(&changes, |change| Some((change.organization_id, change.member_id))).0
    {
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
    for ((organization, kind, deleted), (files, bytes)) in
        Sums::of(&changes, |change| Some((change.organization_id, change.kind.as_str(), change.deleted))).0
    {
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
