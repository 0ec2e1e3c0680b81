//! SQL of invites.

use sqlx::FromRow;

use super::Result;
use crate::ids::{InviteId, MemberId, OrganizationId, RoleId, UserId};
use crate::platform::db::{On, execute, fetch_all, fetch_optional};
use crate::platform::timestamp::Timestamp;

#[derive(FromRow)]
pub struct InviteRow {
    pub id: InviteId,
    pub organization_id: OrganizationId,
    pub organization_name: String,
    pub role_id: RoleId,
    pub role_name: String,
    pub created_by_user: UserId,
}

pub struct NewInvite<'a> {
    pub id: InviteId,
    pub organization: OrganizationId,
    pub role: RoleId,
    pub token_hash: &'a [u8],
    pub created_by: MemberId,
    pub now: Timestamp,
    pub expires_at: Timestamp,
}

pub async fn insert_invite(on: On<'_>, invite: NewInvite<'_>) -> Result<()> {
    execute!(
        on,
        "INSERT INTO invites (id, organization_id, role_id, token_hash, created_by, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        invite.id,
        invite.organization,
        invite.role,
        invite.token_hash,
        invite.created_by,
        invite.now,
        invite.expires_at
    )?;
    Ok(())
}

pub async fn open_invite(on: On<'_>, token_hash: &[u8], now: Timestamp) -> Result<Option<InviteRow>> {
    fetch_optional!(
        on,
        InviteRow,
        "SELECT i.id, i.organization_id, o.name AS organization_name, i.role_id, r.name AS role_name,
           m.user_id AS created_by_user
         FROM invites i JOIN organizations o ON o.id = i.organization_id JOIN roles r ON r.id = i.role_id
         JOIN members m ON m.id = i.created_by
         WHERE i.token_hash = $1 AND i.accepted_at IS NULL AND i.expires_at > $2",
        token_hash,
        now
    )
}

/// Uses an invite up. Returns `false` if it was used in the meantime.
pub async fn close_invite(on: On<'_>, id: InviteId, now: Timestamp) -> Result<bool> {
    Ok(execute!(on, "UPDATE invites SET accepted_at = $2 WHERE id = $1 AND accepted_at IS NULL", id, now)? > 0)
}

#[derive(FromRow)]
pub struct OpenInviteRow {
    pub id: InviteId,
    pub role_id: RoleId,
    pub role_name: String,
    pub created_by: MemberId,
    pub creator_name: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Returns the valid invites of an organization, latest first.
pub async fn open_invites(on: On<'_>, organization: OrganizationId, now: Timestamp) -> Result<Vec<OpenInviteRow>> {
    fetch_all!(
        on,
        OpenInviteRow,
        "SELECT i.id, i.role_id, r.name AS role_name, i.created_by, u.name AS creator_name, i.created_at, i.expires_at
         FROM invites i JOIN roles r ON r.id = i.role_id
         JOIN members m ON m.id = i.created_by JOIN users u ON u.id = m.user_id
         WHERE i.organization_id = $1 AND i.accepted_at IS NULL AND i.expires_at > $2 ORDER BY i.id DESC",
        organization,
        now
    )
}

/// Deletes an unused invite. Returns the name of its role.
pub async fn delete_invite(on: On<'_>, organization: OrganizationId, id: InviteId) -> Result<Option<String>> {
    let deleted = fetch_optional!(
        on,
        (String,),
        "DELETE FROM invites WHERE id = $1 AND organization_id = $2 AND accepted_at IS NULL
         RETURNING (SELECT r.name FROM roles r WHERE r.id = role_id)",
        id,
        organization
    )?;
    Ok(deleted.map(|(role,)| role))
}
