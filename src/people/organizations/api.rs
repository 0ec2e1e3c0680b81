//! HTTP routes of sign-up, log-in, invites, members and roles.

use super::model::{
    AcceptInvite, EndedSessions, Invite, InviteLink, InvitePreview, MemberInfo, NewName, NewRole, NotificationSettings,
    Organization, OrganizationChoice, ResetLink, ResetPreview, Role, RoleChoice, RoleUpdate, SessionInfo, SignUp,
    SignUpState,
};
use crate::ids::{InviteId, MemberId};
use crate::people::accounts::model::{LogIn, ResetPassword};
use crate::platform::error::{AppError, Result};
use crate::platform::json::{Body, NoBody};
use crate::platform::routes::{dioxus_fullstack, *};

#[cfg(feature = "server")]
use {
    super::service::{self, Member},
    super::sign_up as signing_up,
    super::{invites, password_resets, removal, roles},
    crate::people::accounts::service::{Session, Visitor},
    crate::platform::Platform,
    crate::platform::http::{BaseUrl, set_cookie},
};

/// Returns whether somebody can create an organization, with an invitation or without one.
#[get("/api/auth/sign-up?invitation", platform: Platform)]
pub async fn sign_up_state(invitation: Option<String>) -> Result<SignUpState, AppError> {
    signing_up::state(&platform, invitation.as_deref()).await
}

/// Creates an account and its organization, and logs in.
#[post("/api/auth/sign-up", platform: Platform, visitor: Visitor)]
pub async fn sign_up(body: Body<SignUp>) -> Result<SessionInfo, AppError> {
    let (session, cookie) = signing_up::sign_up(&platform, &visitor, body.0).await?;
    set_cookie(cookie);
    Ok(session)
}

#[post("/api/auth/log-in", platform: Platform, visitor: Visitor)]
pub async fn log_in(body: Body<LogIn>) -> Result<SessionInfo, AppError> {
    let (session, cookie) = service::log_in(&platform, &visitor, body.0).await?;
    set_cookie(cookie);
    Ok(session)
}

/// Returns the current session. 401 without one.
#[get("/api/auth/session", platform: Platform, member: Member)]
pub async fn session() -> Result<SessionInfo, AppError> {
    let session = member.session.ok_or_else(AppError::unauthenticated)?;
    service::session_info(&platform, &member, session).await
}

/// Lists the organizations of the logged-in person.
#[get("/api/auth/organizations", platform: Platform, session: Session)]
pub async fn list_organizations() -> Result<Vec<Organization>, AppError> {
    service::organizations(&platform, &session).await
}

/// Switches to another organization, for this session and the next log-in.
#[post("/api/auth/organization", platform: Platform, session: Session)]
pub async fn switch_organization(body: Body<OrganizationChoice>) -> Result<SessionInfo, AppError> {
    service::switch(&platform, &session, body.0.organization_id).await
}

/// Sets your name, in all organizations.
#[patch("/api/auth/user", platform: Platform, member: Member)]
pub async fn rename_user(body: Body<NewName>) -> Result<(), AppError> {
    service::rename_user(&platform, &member, &body.0.name).await
}

/// Sets which messages notify you.
#[put("/api/auth/notifications", platform: Platform, member: Member)]
pub async fn set_notifications(body: Body<NotificationSettings>) -> Result<(), AppError> {
    service::set_notify_about(&platform, &member, body.0.about).await
}

#[patch("/api/organization", platform: Platform, member: Member)]
pub async fn rename_organization(body: Body<NewName>) -> Result<(), AppError> {
    service::rename_organization(&platform, &member, &body.0.name).await
}

#[post("/api/invites", platform: Platform, member: Member, base: BaseUrl)]
pub async fn create_invite(body: Body<RoleChoice>) -> Result<InviteLink, AppError> {
    invites::create(&platform, &member, &base.0, &body.0.role).await
}

/// Lists the unused invites.
#[get("/api/invites", platform: Platform, member: Member)]
pub async fn list_invites() -> Result<Vec<Invite>, AppError> {
    invites::list(&platform, &member).await
}

/// Returns what an invite offers, by its token.
#[get("/api/invites/{invite}", platform: Platform)]
pub async fn preview_invite(invite: String) -> Result<InvitePreview, AppError> {
    invites::preview(&platform, &invite).await
}

/// Revokes the link of an invite.
#[delete("/api/invites/{invite}", platform: Platform, member: Member)]
pub async fn revoke_invite(invite: InviteId, body: NoBody) -> Result<(), AppError> {
    let _ = body;
    invites::revoke(&platform, &member, invite).await
}

#[post("/api/invites/accept", platform: Platform, visitor: Visitor)]
pub async fn accept_invite(body: Body<AcceptInvite>) -> Result<SessionInfo, AppError> {
    let (session, cookie) = invites::accept(&platform, &visitor, body.0).await?;
    set_cookie(cookie);
    Ok(session)
}

#[get("/api/members?search", platform: Platform, member: Member)]
pub async fn list_members(search: Option<String>) -> Result<Vec<MemberInfo>, AppError> {
    service::members(&platform, &member, search.as_deref()).await
}

#[patch("/api/members/{id}", platform: Platform, member: Member)]
pub async fn update_member(id: MemberId, body: Body<RoleChoice>) -> Result<MemberInfo, AppError> {
    roles::update_member(&platform, &member, id, &body.0.role).await
}

/// Ends a member's access immediately. What they wrote stays.
#[delete("/api/members/{id}", platform: Platform, member: Member)]
pub async fn remove_member(id: MemberId, body: NoBody) -> Result<(), AppError> {
    let _ = body;
    removal::remove_member(&platform, &member, id).await
}

/// Logs a member out of this organization on all devices.
#[delete("/api/members/{id}/sessions", platform: Platform, member: Member)]
pub async fn end_member_sessions(id: MemberId, body: NoBody) -> Result<EndedSessions, AppError> {
    let _ = body;
    removal::end_sessions(&platform, &member, id).await
}

/// Creates a link that lets a member choose a new password.
#[post("/api/members/{id}/password-reset", platform: Platform, member: Member, base: BaseUrl)]
pub async fn create_password_reset(id: MemberId, body: NoBody) -> Result<ResetLink, AppError> {
    let _ = body;
    password_resets::create(&platform, &member, &base.0, id).await
}

#[get("/api/auth/password-reset/{token}", platform: Platform)]
pub async fn preview_password_reset(token: String) -> Result<ResetPreview, AppError> {
    password_resets::preview(&platform, &token).await
}

/// Sets the password of the link's account, and logs in.
#[post("/api/auth/password-reset", platform: Platform, visitor: Visitor)]
pub async fn reset_password(body: Body<ResetPassword>) -> Result<SessionInfo, AppError> {
    let (session, cookie) = password_resets::accept(&platform, &visitor, body.0).await?;
    set_cookie(cookie);
    Ok(session)
}

#[get("/api/roles", platform: Platform, member: Member)]
pub async fn list_roles() -> Result<Vec<Role>, AppError> {
    roles::roles(platform.db.on(), &member).await
}

#[post("/api/roles", platform: Platform, member: Member)]
pub async fn create_role(body: Body<NewRole>) -> Result<Role, AppError> {
    roles::create_role(&platform, &member, body.0).await
}

#[patch("/api/roles", platform: Platform, member: Member)]
pub async fn update_role(body: Body<RoleUpdate>) -> Result<Role, AppError> {
    roles::update_role(&platform, &member, body.0).await
}
