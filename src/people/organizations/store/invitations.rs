//! SQL of invitations to create an organization. A used one is deleted.

use uuid::Uuid;

use super::Result;
use crate::platform::db::{On, execute, fetch_optional};
use crate::platform::timestamp::Timestamp;

pub async fn insert_invitation(
    on: On<'_>,
    id: Uuid,
    token_hash: &[u8],
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    execute!(
        on,
        "INSERT INTO organization_invitations (id, token_hash, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        id,
        token_hash,
        now,
        expires_at
    )?;
    Ok(())
}

pub async fn is_open_invitation(on: On<'_>, token_hash: &[u8], now: Timestamp) -> Result<bool> {
    let found = fetch_optional!(
        on,
        (i32,),
        "SELECT 1 FROM organization_invitations WHERE token_hash = $1 AND expires_at > $2",
        token_hash,
        now
    )?;
    Ok(found.is_some())
}

/// Uses an invitation up. Returns `false` if it was used in the meantime, or has expired.
pub async fn take_invitation(on: On<'_>, token_hash: &[u8], now: Timestamp) -> Result<bool> {
    let taken = execute!(
        on,
        "DELETE FROM organization_invitations WHERE token_hash = $1 AND expires_at > $2",
        token_hash,
        now
    )?;
    Ok(taken > 0)
}

/// Removes expired invitations. Returns their number.
pub async fn forget_invitations(on: On<'_>, now: Timestamp) -> Result<u64> {
    execute!(on, "DELETE FROM organization_invitations WHERE expires_at <= $1", now)
}
