//! SQL of leases, and of what a signed URL expects. Each is one guarded statement.

use uuid::Uuid;

use super::{Owner, Staged};
use crate::platform::db::{On, execute, fetch_optional};
use crate::platform::timestamp::Timestamp;

type Result<T> = std::result::Result<T, sqlx::Error>;

/// Exclusive permission to change an upload, for one request at a time. See [`super::lease`].
#[derive(Debug, Clone, Copy)]
pub struct Lease {
    owner: Owner,
    pub(in crate::files) id: Uuid,
    pub(in crate::files) attempt: Uuid,
    pub(in crate::files) holder: Uuid,
}

/// Returns whether this upload by one PUT is the current attempt: by its staging key only, for signed URLs.
pub async fn expects_upload(on: On<'_>, id: Uuid, attempt: Uuid) -> Result<bool> {
    let row = fetch_optional!(
        on,
        (i32,),
        "SELECT 1 FROM attachments WHERE id = $1 AND attempt_id = $2 AND status = 'uploading' AND multipart_id IS NULL
         UNION ALL SELECT 1 FROM pictures WHERE id = $1 AND attempt_id = $2 AND status = 'uploading'",
        id,
        attempt
    )?;
    Ok(row.is_some())
}

/// Claims the lease of an upload that is not complete, until a time. Returns `None` if another request has it or the
/// upload has changed.
pub async fn claim(
    on: On<'_>,
    staged: &Staged,
    holder: Uuid,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<Lease>> {
    let lease = Lease { owner: staged.owner, id: staged.id, attempt: staged.attempt, holder };
    let claimed = match staged.owner {
        Owner::Attachments => execute!(
            on,
            "UPDATE attachments SET leased_until = $5, lease_id = $4
             WHERE id = $1 AND attempt_id = $2 AND status = $3 AND status <> 'complete'
               AND (leased_until IS NULL OR leased_until <= $6)",
            lease.id,
            lease.attempt,
            staged.status,
            lease.holder,
            until,
            now
        ),
        Owner::Pictures => execute!(
            on,
            "UPDATE pictures SET leased_until = $5, lease_id = $4
             WHERE id = $1 AND attempt_id = $2 AND status = $3 AND status = 'uploading'
               AND (leased_until IS NULL OR leased_until <= $6)",
            lease.id,
            lease.attempt,
            staged.status,
            lease.holder,
            until,
            now
        ),
    };
    Ok((claimed? > 0).then_some(lease))
}

/// Extends a lease. Returns `false` if it was lost.
pub async fn renew(on: On<'_>, lease: Lease, until: Timestamp) -> Result<bool> {
    let renewed = match lease.owner {
        Owner::Attachments => execute!(
            on,
            "UPDATE attachments SET leased_until = $3 WHERE id = $1 AND lease_id = $2 AND leased_until IS NOT NULL",
            lease.id,
            lease.holder,
            until
        ),
        Owner::Pictures => execute!(
            on,
            "UPDATE pictures SET leased_until = $3 WHERE id = $1 AND lease_id = $2 AND leased_until IS NOT NULL",
            lease.id,
            lease.holder,
            until
        ),
    };
    Ok(renewed? > 0)
}

/// Releases a lease without a change.
pub async fn release(on: On<'_>, lease: Lease) -> Result<()> {
    match lease.owner {
        Owner::Attachments => execute!(
            on,
            "UPDATE attachments SET leased_until = NULL WHERE id = $1 AND lease_id = $2 AND leased_until IS NOT NULL",
            lease.id,
            lease.holder
        ),
        Owner::Pictures => execute!(
            on,
            "UPDATE pictures SET leased_until = NULL WHERE id = $1 AND lease_id = $2 AND leased_until IS NOT NULL",
            lease.id,
            lease.holder
        ),
    }?;
    Ok(())
}
