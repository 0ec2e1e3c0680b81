//! Invites: a link lets one person join, once, within a week, with its role.

use std::time::Duration;

use axum::http::HeaderValue;

use super::model::{AcceptInvite, Invite, InviteLink, InviteMaker, InvitePreview, Permission, RoleName, SessionInfo};
use super::rights;
use super::roles::{check_may_grant, find_role};
use super::service::{Member, publish_access_change, start};
use super::store::{self, InviteRow, MembershipRow, NewInvite, OpenInviteRow};
use crate::ids::{InviteId, MemberId, OrganizationId, RoleId, UserId};
use crate::people::accounts::model::{LogIn, check_email, check_name};
use crate::people::accounts::service as auth;
use crate::people::accounts::service::Visitor;
use crate::people::audit::model::Action;
use crate::platform::Platform;
use crate::platform::db::{Lockable, On, Tx, is_unique_violation};
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::secret::Token;

const INVITE_LIFETIME: Duration = Duration::from_hours(7 * 24);

/// Creates a link that lets one person join, with a role.
#[tracing::instrument(skip_all)]
pub async fn create(platform: &Platform, member: &Member, base_url: &str, choice: &str) -> Result<InviteLink> {
    member.require(Permission::OrganizationManage)?;
    let (mut tx, ref member) = rights::begin_change(platform, member).await?;
    member.require(Permission::OrganizationManage)?;
    let role = find_role(tx.on(), member, choice).await?;
    check_may_grant(member, &role)?;
    let token = Token::generate(&platform.clock);
    let now = platform.clock.now();
    let invite = NewInvite {
        id: InviteId(platform.clock.new_id()),
        organization: member.organization_id(),
        role: role.id,
        token_hash: &token.hash,
        created_by: member.id,
        now,
        expires_at: now.plus(INVITE_LIFETIME),
    };
    let id = invite.id;
    store::insert_invite(tx.on(), invite).await?;
    rights::note(platform, &mut tx, member, Action::Invited, format!("As {}", role.name)).await?;
    tx.commit().await?;
    publish_access_change(platform, member.organization_id()).await;
    Ok(InviteLink { id, url: format!("{base_url}/invite/{}", token.text) })
}

/// Returns the valid invites, latest first.
pub async fn list(platform: &Platform, member: &Member) -> Result<Vec<Invite>> {
    member.require(Permission::OrganizationManage)?;
    let rows = store::open_invites(platform.db.on(), member.organization_id(), platform.clock.now()).await?;
    let invite = |row: OpenInviteRow| Invite {
        id: row.id,
        role: RoleName { id: row.role_id, name: row.role_name },
        created_by: InviteMaker { member_id: row.created_by, name: row.creator_name },
        created_at: row.created_at,
        expires_at: row.expires_at,
    };
    Ok(rows.into_iter().map(invite).collect())
}

/// Revokes an invite's link.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn revoke(platform: &Platform, member: &Member, id: InviteId) -> Result<()> {
    member.require(Permission::OrganizationManage)?;
    let (mut tx, ref member) = rights::begin_change(platform, member).await?;
    member.require(Permission::OrganizationManage)?;
    let role = store::delete_invite(tx.on(), member.organization_id(), id).await?;
    let role = role.ok_or_else(|| AppError::not_found("open invite"))?;
    rights::note(platform, &mut tx, member, Action::InviteRevoked, format!("As {role}")).await?;
    tx.commit().await?;
    publish_access_change(platform, member.organization_id()).await;
    Ok(())
}

async fn find(platform: &Platform, token: &str) -> Result<InviteRow> {
    let now = platform.clock.now();
    let found = store::open_invite(platform.db.on(), &Token::hash_of(token.trim()), now).await?;
    found.ok_or_else(|| {
        AppError::new(ErrorKind::NotFound, "This invite is invalid, expired or already used. Ask for a new one.")
    })
}

/// Rejects an invite whose creator can no longer give its role.
async fn check_maker(mut on: On<'_>, invite: &InviteRow) -> Result<()> {
    let maker = store::membership(on.again(), invite.created_by_user, Some(invite.organization_id)).await?;
    if may_invite(on, maker, invite.role_id).await? {
        return Ok(());
    }
    let text = "The person who created this invite can no longer assign this role. Ask for a new one.";
    Err(AppError::new(ErrorKind::NotFound, text))
}

/// Returns whether somebody can now invite people to a role. `None` is a removed member.
async fn may_invite(on: On<'_>, maker: Option<MembershipRow>, role: RoleId) -> Result<bool> {
    let Some(maker) = maker.map(Member::from) else { return Ok(false) };
    let role = find_role(on, &maker, &role.to_string()).await?;
    Ok(maker.may(Permission::OrganizationManage) && check_may_grant(&maker, &role).is_ok())
}

/// Deletes the invites of an organization whose creators can no longer give their roles, so that they stay invalid if
/// their creators get the permission back. Runs in each transaction that changes roles.
pub(super) async fn delete_unfounded(platform: &Platform, tx: &mut Tx, organization: OrganizationId) -> Result<()> {
    for invite in store::open_invites(tx.on(), organization, platform.clock.now()).await? {
        let maker = store::member(tx.on(), organization, invite.created_by).await?;
        if !may_invite(tx.on(), maker, invite.role_id).await? {
            store::delete_invite(tx.on(), organization, invite.id).await?;
        }
    }
    Ok(())
}

pub async fn preview(platform: &Platform, token: &str) -> Result<InvitePreview> {
    let invite = find(platform, token).await?;
    check_maker(platform.db.on(), &invite).await?;
    Ok(InvitePreview { organization: invite.organization_name, role: invite.role_name })
}

/// Accepts an invite. An existing account joins with its password.
#[tracing::instrument(skip_all)]
pub async fn accept(platform: &Platform, visitor: &Visitor, input: AcceptInvite) -> Result<(SessionInfo, HeaderValue)> {
    let invite = find(platform, &input.token).await?;
    check_maker(platform.db.on(), &invite).await?;
    let email = check_email(&input.email)?;
    let known = crate::people::accounts::store::user_by_email(platform.db.on(), &email).await?.is_some();
    let existing = if known {
        let log_in = LogIn { email: email.clone(), password: input.password.clone() };
        Some(auth::authenticate(platform, visitor, log_in).await?)
    } else {
        None
    };
    let new_user = if existing.is_some() {
        None
    } else {
        let name = check_name("name", &input.name)?;
        let hash = auth::hash_password(input.password, &[&name, &email], visitor.queue()).await?;
        Some((name, hash))
    };

    let mut tx = platform.db.begin().await?;
    let user_id = match (existing, new_user) {
        (Some(id), _) => id,
        (None, Some((name, hash))) => auth::create_user(platform, &mut tx, name, email, hash).await?,
        (None, None) => return Err(AppError::internal()),
    };
    join(platform, &mut tx, &invite, user_id).await?;
    let member = store::membership(tx.on(), user_id, Some(invite.organization_id)).await?;
    let member = Member::from(member.ok_or_else(AppError::internal)?);
    rights::note(platform, &mut tx, &member, Action::Joined, format!("As {}", invite.role_name)).await?;
    tx.commit().await?;
    publish_access_change(platform, invite.organization_id).await;
    start(platform, visitor, user_id, Some(invite.organization_id)).await
}

async fn join(platform: &Platform, tx: &mut Tx, invite: &InviteRow, user: UserId) -> Result<()> {
    let now = platform.clock.now();
    tx.lock(Lockable::Organization, invite.organization_id.0).await?;
    check_maker(tx.on(), invite).await?;
    if !store::close_invite(tx.on(), invite.id, now).await? {
        return Err(AppError::new(ErrorKind::NotFound, "This invite was just used. Ask for a new one."));
    }
    if store::readmit(tx, invite.organization_id, user, invite.role_id, now).await? {
        return Ok(());
    }
    let id = MemberId(platform.clock.new_id());
    store::insert_member(tx.on(), id, invite.organization_id, user, invite.role_id, now).await.map_err(|error| {
        if is_unique_violation(&error) {
            return AppError::conflict("You are already a member of this organization. Log in instead.");
        }
        error.into()
    })
}
