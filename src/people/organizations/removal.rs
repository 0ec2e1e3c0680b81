//! Removal of members: they lose all access immediately, what they wrote stays under their name.

use super::model::{EndedSessions, Permission};
use super::rights;
use super::service::{Member, publish_access_change};
use super::store;
use crate::ids::MemberId;
use crate::people::accounts::service as auth;
use crate::people::audit::model::Action;
use crate::platform::Platform;
use crate::platform::error::{AppError, Result};

/// Removes a member of the organization. `member`, who removes them, joins private channels without other members.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn remove_member(platform: &Platform, member: &Member, id: MemberId) -> Result<()> {
    member.require(Permission::OrganizationManage)?;
    let organization = member.organization_id();
    let now = platform.clock.now();
    let (mut tx, ref member) = rights::begin_change(platform, member).await?;
    member.require(Permission::OrganizationManage)?;
    let target = rights::target(tx.on(), member, id).await?;
    if target.id == member.id {
        return Err(AppError::conflict("You can't remove yourself. Ask another admin or owner."));
    }
    rights::check_may_change(member, &target, "remove")?;
    if !store::mark_removed(&mut tx, organization, id, now).await? {
        return Err(AppError::conflict("An organization needs an owner. Make someone else an owner first."));
    }
    store::keep_private_channels(&mut tx, id, member.id).await?;
    store::end_access(&mut tx, organization, id, target.user_id, now).await?;
    store::forget_resets_of(tx.on(), id).await?;
    rights::note(platform, &mut tx, member, Action::MemberRemoved, target.name).await?;
    tx.commit().await?;
    publish_access_change(platform, organization).await;
    Ok(())
}

/// Logs a member out of the organization on all devices. Requires at least the member's permissions.
pub async fn end_sessions(platform: &Platform, member: &Member, id: MemberId) -> Result<EndedSessions> {
    member.require(Permission::OrganizationManage)?;
    let organization = member.organization_id();
    let (mut tx, ref member) = rights::begin_change(platform, member).await?;
    member.require(Permission::OrganizationManage)?;
    let target = rights::target(tx.on(), member, id).await?;
    rights::check_may_change(member, &target, "log out")?;
    let ended_sessions = store::end_sessions(tx.on(), organization, id, target.user_id).await?;
    rights::note(platform, &mut tx, member, Action::SessionsEnded, target.name).await?;
    tx.commit().await?;
    auth::publish_end(platform, target.user_id).await;
    Ok(EndedSessions { ended_sessions })
}
