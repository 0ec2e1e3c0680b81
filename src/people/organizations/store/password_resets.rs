//! SQL of password reset links. A used one is deleted.

use sqlx::FromRow;

use super::Result;
use crate::ids::{MemberId, OrganizationId, PasswordResetId, RoleId, UserId};
use crate::platform::db::{On, execute, fetch_optional};
use crate::platform::timestamp::Timestamp;

pub struct NewReset<'a> {
    pub id: PasswordResetId,
    pub user: UserId,
    pub token_hash: &'a [u8],
    /// `None` if the operator of the installation created it.
    pub created_by: Option<MemberId>,
    pub now: Timestamp,
    pub expires_at: Timestamp,
}

pub async fn insert_reset(on: On<'_>, reset: NewReset<'_>) -> Result<()> {
    execute!(
        on,
        "INSERT INTO password_resets (id, user_id, token_hash, created_by, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        reset.id,
        reset.user,
        reset.token_hash,
        reset.created_by,
        reset.now,
        reset.expires_at
    )?;
    Ok(())
}

#[derive(FromRow)]
pub struct ResetRow {
    pub id: PasswordResetId,
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    /// `None` if the operator of the installation created it.
    pub created_by: Option<MemberId>,
    /// The organization of its creator, and the user's membership there.
    pub organization_id: Option<OrganizationId>,
    pub member_id: Option<MemberId>,
}

/// Returns a valid link. An admin's link is invalid once the account is used in another organization too.
pub async fn open_reset(on: On<'_>, token_hash: &[u8], now: Timestamp) -> Result<Option<ResetRow>> {
    fetch_optional!(
        on,
        ResetRow,
        "SELECT p.id, p.user_id, u.name, u.email, p.created_by, maker.organization_id, target.id AS member_id
         FROM password_resets p JOIN users u ON u.id = p.user_id AND u.disabled_at IS NULL
         LEFT JOIN members maker ON maker.id = p.created_by
         LEFT JOIN members target ON target.organization_id = maker.organization_id AND target.user_id = p.user_id
         WHERE p.token_hash = $1 AND p.expires_at > $2 AND (p.created_by IS NULL
           OR (SELECT count(*) FROM members m WHERE m.user_id = p.user_id AND m.removed_at IS NULL) = 1)",
        token_hash,
        now
    )
}

/// Uses a link up. Answers false when somebody else just did.
pub async fn take_reset(on: On<'_>, id: PasswordResetId) -> Result<bool> {
    Ok(execute!(on, "DELETE FROM password_resets WHERE id = $1", id)? > 0)
}

/// Deletes the reset links for members with a role, and those that they created.
pub async fn forget_resets_of_role(on: On<'_>, role: RoleId) -> Result<()> {
    execute!(
        on,
        "DELETE FROM password_resets
         WHERE created_by IN (SELECT id FROM members WHERE role_id = $1)
            OR user_id IN (SELECT user_id FROM members WHERE role_id = $1)",
        role
    )?;
    Ok(())
}

/// Deletes the reset links for a member, and those that they created, when the member is removed or gets another role.
pub async fn forget_resets_of(on: On<'_>, member: MemberId) -> Result<()> {
    execute!(
        on,
        "DELETE FROM password_resets
         WHERE created_by = $1 OR user_id = (SELECT user_id FROM members WHERE id = $1)",
        member
    )?;
    Ok(())
}
