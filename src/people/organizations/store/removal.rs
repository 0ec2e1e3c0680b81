//! SQL of removed and returning members. Everything that gives a member access is listed here, so that nothing is
//! missed.

use super::Result;
use crate::ids::{MemberId, OrganizationId, RoleId, UserId};
use crate::platform::db::{On, Tx, execute};
use crate::platform::timestamp::Timestamp;

/// Removes a member, unless they are the last owner. Returns whether it did. The caller has locked the organization.
pub async fn mark_removed(tx: &mut Tx, organization: OrganizationId, member: MemberId, now: Timestamp) -> Result<bool> {
    let changed = execute!(
        &mut *tx,
        "UPDATE members SET removed_at = $3 WHERE id = $2 AND organization_id = $1 AND removed_at IS NULL
           AND EXISTS (SELECT 1 FROM members o JOIN roles r ON r.id = o.role_id
             WHERE o.organization_id = $1 AND r.built_in = 'owner' AND o.id <> $2 AND o.removed_at IS NULL)",
        organization,
        member,
        now
    )?;
    Ok(changed > 0)
}

/// Adds `heir` to the private channels whose only member is `member`: otherwise nobody could ever view them again.
pub async fn keep_private_channels(tx: &mut Tx, member: MemberId, heir: MemberId) -> Result<()> {
    execute!(
        &mut *tx,
        "INSERT INTO channel_members (channel_id, member_id)
         SELECT x.channel_id, $2 FROM channel_members x JOIN channels c ON c.id = x.channel_id
         WHERE x.member_id = $1 AND c.private
           AND NOT EXISTS (SELECT 1 FROM channel_members y WHERE y.channel_id = x.channel_id AND y.member_id <> $1)",
        member,
        heir
    )?;
    Ok(())
}

/// Ends everything that gives a removed member access: channels, assigned contacts, access tokens, webhooks,
/// sessions in this organization, and the unused invites that they created.
pub async fn end_access(
    tx: &mut Tx,
    organization: OrganizationId,
    member: MemberId,
    user: UserId,
    now: Timestamp,
) -> Result<()> {
    execute!(&mut *tx, "DELETE FROM channel_members WHERE member_id = $1", member)?;
    execute!(&mut *tx, "DELETE FROM contact_members WHERE member_id = $1", member)?;
    execute!(
        &mut *tx,
        "UPDATE access_tokens SET revoked_at = $2 WHERE member_id = $1 AND revoked_at IS NULL",
        member,
        now
    )?;
    execute!(
        &mut *tx,
        "UPDATE webhooks SET disabled_at = $2, disabled_reason = 'owner_removed'
         WHERE member_id = $1 AND disabled_at IS NULL",
        member,
        now
    )?;
    execute!(&mut *tx, "DELETE FROM invites WHERE created_by = $1 AND accepted_at IS NULL", member)?;
    end_sessions(tx.on(), organization, member, user).await?;
    Ok(())
}

/// Ends the sessions of a member in their organization. Returns their number.
pub async fn end_sessions(on: On<'_>, organization: OrganizationId, member: MemberId, user: UserId) -> Result<u64> {
    // A session without a selected organization is in the user's first.
    execute!(
        on,
        "DELETE FROM sessions WHERE user_id = $3 AND (organization_id = $1 OR (organization_id IS NULL AND NOT EXISTS
           (SELECT 1 FROM members e WHERE e.user_id = $3 AND e.removed_at IS NULL AND e.id < $2)))",
        organization,
        member,
        user
    )
}

/// Readmits a removed member. Returns whether there was one.
pub async fn readmit(
    tx: &mut Tx,
    organization: OrganizationId,
    user: UserId,
    role: RoleId,
    now: Timestamp,
) -> Result<bool> {
    let changed = execute!(
        &mut *tx,
        "UPDATE members SET removed_at = NULL, role_id = $3, created_at = $4
         WHERE organization_id = $1 AND user_id = $2 AND removed_at IS NOT NULL",
        organization,
        user,
        role,
        now
    )?;
    Ok(changed > 0)
}
