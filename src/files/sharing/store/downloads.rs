//! SQL of downloads by share links: each is counted when it begins, and can continue uncounted for a while.

use uuid::Uuid;

use super::Result;
use crate::ids::ShareLinkId;
use crate::platform::db::{On, Tx, execute, fetch_optional};
use crate::platform::timestamp::Timestamp;

/// What is downloaded, by which link.
#[derive(Debug, Clone, Copy)]
pub struct DownloadSubject {
    pub link: ShareLinkId,
    /// Zeros: the zip of all files.
    pub file: Uuid,
}

/// Returns whether this visitor began this download after `since`.
pub async fn is_under_way(on: On<'_>, subject: DownloadSubject, visitor: &str, since: Timestamp) -> Result<bool> {
    let row = fetch_optional!(
        on,
        (i32,),
        "SELECT 1 FROM share_downloads WHERE link_id = $1 AND visitor = $2 AND file_id = $3 AND begun_at > $4",
        subject.link,
        visitor,
        subject.file,
        since
    )?;
    Ok(row.is_some())
}

/// Records that this visitor begins. Returns `false`, and changes nothing, if they began after `since`: the index makes
/// the second of two concurrent ones wait for the first.
pub async fn begin(
    tx: &mut Tx,
    subject: DownloadSubject,
    visitor: &str,
    now: Timestamp,
    since: Timestamp,
) -> Result<bool> {
    let noted = execute!(
        tx,
        "INSERT INTO share_downloads (link_id, visitor, file_id, begun_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (link_id, visitor, file_id) DO UPDATE SET begun_at = $4 WHERE share_downloads.begun_at <= $5",
        subject.link,
        visitor,
        subject.file,
        now,
        since
    )?;
    Ok(noted > 0)
}

/// Counts a download. Returns `false` if the link is used up, or invalid: one statement, so exact.
pub async fn count(tx: &mut Tx, link: ShareLinkId, now: Timestamp) -> Result<bool> {
    let counted = execute!(
        tx,
        "UPDATE share_links SET download_count = download_count + 1
         WHERE id = $1 AND revoked_at IS NULL AND expires_at > $2 AND (max_downloads IS NULL OR download_count < max_downloads)",
        link,
        now
    )?;
    Ok(counted > 0)
}

/// Removes downloads that began before a time. Returns their number.
pub async fn forget_before(on: On<'_>, before: Timestamp) -> Result<u64> {
    execute!(on, "DELETE FROM share_downloads WHERE begun_at < $1", before)
}
