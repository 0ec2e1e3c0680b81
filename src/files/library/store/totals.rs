//! SQL of the number and the size of sent files. Triggers record each change of the sums of a conversation; see the
//! migration.

use uuid::Uuid;

use super::{NO_CHANNELS, Result, texts};
use crate::channels::access::Viewer;
use crate::files::library::service::Wanted;
use crate::files::sums::{BATCH, add_up};
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::byte_size::ByteSize;
use crate::platform::db::{On, execute, fetch_all, fetch_optional};

/// Returns the number and the bytes of all that are wanted, without a search.
pub async fn totals(on: On<'_>, member: &Member, wanted: &Wanted) -> Result<(i64, ByteSize)> {
    if wanted.is_summed() { sums(on, member, wanted).await } else { count(on, member, wanted).await }
}

async fn sums(on: On<'_>, member: &Member, wanted: &Wanted) -> Result<(i64, ByteSize)> {
    let between = wanted.between();
    let row = fetch_optional!(
        on,
        (i64, ByteSize),
        texts(member, wanted).sums,
        as Viewer::of(member),
        wanted.kinds(),
        wanted.person(),
        wanted.only_contacts(),
        None::<&str>,
        between.0,
        between.1,
        wanted.channel,
        NO_CHANNELS,
        !wanted.kinds.is_empty()
    )?;
    Ok(row.unwrap_or_default())
}

/// Counts the files, of a sender or a time.
async fn count(on: On<'_>, member: &Member, wanted: &Wanted) -> Result<(i64, ByteSize)> {
    let between = wanted.between();
    let row = fetch_optional!(
        on,
        (i64, ByteSize),
        texts(member, wanted).totals,
        as Viewer::of(member),
        wanted.kinds(),
        wanted.person(),
        wanted.only_contacts(),
        None::<&str>,
        between.0,
        between.1,
        wanted.channel,
        NO_CHANNELS
    )?;
    Ok(row.unwrap_or_default())
}

/// Adds the next changes to the sums. Returns their number.
pub async fn add_changes(platform: &Platform) -> Result<u64> {
    let mut tx = platform.db.begin().await?;
    let changes = fetch_all!(
        &mut tx,
        (Uuid, String, bool, i64, i64),
        "DELETE FROM file_total_changes
         WHERE id IN (SELECT id FROM file_total_changes ORDER BY id LIMIT CAST($1 AS BIGINT))
         RETURNING channel_id, kind, from_contact, files, bytes",
        BATCH
    )?;
    let count = changes.len() as u64;
    let changes = changes
        .into_iter()
        .map(|(channel, kind, from_contact, files, bytes)| ((channel, kind, from_contact), files, bytes));
    for ((channel, kind, from_contact), (files, bytes)) in add_up(changes) {
        execute!(
            &mut tx,
            "INSERT INTO file_totals (channel_id, kind, from_contact, files, bytes) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (channel_id, kind, from_contact) DO UPDATE
             SET files = file_totals.files + excluded.files, bytes = file_totals.bytes + excluded.bytes",
            channel,
            kind,
            from_contact,
            files,
            bytes
        )?;
    }
    tx.commit().await?;
    Ok(count)
}
