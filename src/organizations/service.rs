//! Membership, roles and the one decision: may this member do that?

use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::HeaderValue;
use axum::http::request::Parts;

use super::model::{
    AcceptInvite, BuiltInRole, InviteLink, InvitePreview, MemberId, MemberInfo, NewRole, Organization, OrganizationId,
    Permission, Role, RoleId, RoleName, RoleUpdate, SessionInfo, SignUp,
};
use super::store::{self, MembershipRow, NewInvite, NewRoleRow, RoleRow, SessionMembershipRow};
use crate::auth::model::{LogIn, UserId, check_email, check_name};
use crate::auth::service::{self as auth, Session, Visitor};
use crate::platform::Platform;
use crate::platform::db::{Tx, is_unique_violation};
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::events::{Audience, Event};
use crate::platform::secret::Token;

const INVITE_LIFE: Duration = Duration::from_hours(7 * 24);

/// Who asks: a person in an organisation, with what their role allows. The only thing that services decide by.
#[derive(Debug, Clone)]
pub struct Member {
    pub id: MemberId,
    pub user_id: UserId,
    pub name: String,
    pub organization: Organization,
    pub role: RoleName,
    pub built_in: Option<BuiltInRole>,
    permissions: Vec<Permission>,
}

impl Member {
    /// The one function that decides. An owner may do everything.
    pub fn may(&self, permission: Permission) -> bool {
        self.is_owner() || self.permissions.contains(&permission)
    }

    /// Refuses with 403 and the words of what is missing.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.may(permission) {
            return Ok(());
        }
        Err(AppError::forbidden(format!(
            "Your role, {}, does not permit this: {} ({permission}). Ask an admin.",
            self.role.name,
            permission.words()
        )))
    }

    pub fn is_owner(&self) -> bool {
        self.built_in == Some(BuiltInRole::Owner)
    }

    pub fn organization_id(&self) -> OrganizationId {
        self.organization.id
    }
}

impl From<MembershipRow> for Member {
    fn from(row: MembershipRow) -> Self {
        Self {
            id: row.member_id,
            user_id: row.user_id,
            name: row.user_name,
            organization: Organization { id: row.organization_id, name: row.organization_name },
            role: RoleName { id: row.role_id, name: row.role_name },
            built_in: row.built_in.as_deref().and_then(BuiltInRole::from_name),
            permissions: parse_permissions(&row.permissions),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Member {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let platform = Platform::from_request_parts(parts, state).await?;
        let hash = auth::token_hash_of(&parts.headers).ok_or_else(AppError::unauthenticated)?;
        let row = store::membership_of_session(platform.db.on(), &hash, platform.clock.now()).await?;
        let SessionMembershipRow { session_id, last_seen_at, membership } =
            row.ok_or_else(AppError::unauthenticated)?;
        auth::note_visit(&platform, session_id, last_seen_at).await?;
        Ok(membership.into())
    }
}

/// The member that a session stands for, as they are now.
pub async fn load(platform: &Platform, session: &Session) -> Result<Member> {
    let row = store::membership(platform.db.on(), session.user_id, session.organization_id).await?;
    row.map(Member::from).ok_or_else(AppError::unauthenticated)
}

fn parse_permissions(text: &str) -> Vec<Permission> {
    text.split_whitespace().filter_map(Permission::from_name).collect()
}

fn join_permissions(permissions: &[Permission]) -> String {
    permissions.iter().map(|permission| permission.name()).collect::<Vec<_>>().join(" ")
}

fn check_permissions(names: &[String]) -> Result<Vec<Permission>> {
    let mut permissions = Vec::new();
    for name in names {
        let Some(permission) = Permission::from_name(name) else {
            let known: Vec<_> = Permission::ALL.iter().map(|permission| permission.name()).collect();
            return Err(AppError::invalid(
                "permissions",
                format!("{name:?} is not a permission. There are: {}.", known.join(", ")),
            ));
        };
        permissions.push(permission);
    }
    permissions.sort_unstable();
    permissions.dedup();
    Ok(permissions)
}

/// Makes an account and its organisation, and logs in. Answers the session's cookie.
pub async fn sign_up(platform: &Platform, visitor: &Visitor, input: SignUp) -> Result<(SessionInfo, HeaderValue)> {
    let owner = create_account(platform, input).await?;
    start(platform, visitor, owner.user_id, Some(owner.organization_id())).await
}

/// Makes a user, an organisation with its four roles, and the user its owner.
pub async fn create_account(platform: &Platform, input: SignUp) -> Result<Member> {
    let name = check_name("name", &input.name)?;
    let email = check_email(&input.email)?;
    let organization_name = check_name("organization", &input.organization)?;
    let password_hash = auth::hash_password(input.password).await?;
    let now = platform.clock.now();

    let mut tx = platform.db.begin().await?;
    let user_id = auth::create_user(platform, &mut tx, name, email, password_hash).await?;
    let organization = OrganizationId(platform.clock.new_id());
    store::insert_organization(tx.on(), organization, &organization_name, now).await?;
    let mut owner = None;
    for role in BuiltInRole::ALL {
        let id = RoleId(platform.clock.new_id());
        let permissions = join_permissions(&role.initial_permissions());
        let row =
            NewRoleRow { id, organization, name: role.name(), built_in: Some(role.name()), permissions: &permissions };
        store::insert_role(tx.on(), row, now).await?;
        owner = owner.or(Some(id));
    }
    let owner = owner.expect("the owner is the first of the built-in roles");
    store::insert_member(tx.on(), MemberId(platform.clock.new_id()), organization, user_id, owner, now).await?;
    tx.commit().await?;
    member_of(platform, user_id, Some(organization.0)).await
}

/// Makes a user and puts them into an organisation, without an invite: for demonstration data.
pub async fn add_member(
    platform: &Platform,
    organization: OrganizationId,
    role: BuiltInRole,
    name: &str,
    email: &str,
    password: &str,
) -> Result<Member> {
    let password_hash = auth::hash_password(password.to_owned()).await?;
    let roles = store::roles(platform.db.on(), organization).await?;
    let role =
        roles.into_iter().find(|row| row.built_in.as_deref() == Some(role.name())).ok_or_else(AppError::internal)?;
    let mut tx = platform.db.begin().await?;
    let user_id =
        auth::create_user(platform, &mut tx, check_name("name", name)?, check_email(email)?, password_hash).await?;
    let id = MemberId(platform.clock.new_id());
    store::insert_member(tx.on(), id, organization, user_id, role.id, platform.clock.now()).await?;
    tx.commit().await?;
    member_of(platform, user_id, Some(organization.0)).await
}

async fn member_of(platform: &Platform, user: UserId, organization: Option<uuid::Uuid>) -> Result<Member> {
    let row = store::membership(platform.db.on(), user, organization).await?;
    row.map(Member::from).ok_or_else(|| AppError::forbidden("This account is in no organisation. Ask for an invite."))
}

pub async fn log_in(platform: &Platform, visitor: &Visitor, input: LogIn) -> Result<(SessionInfo, HeaderValue)> {
    let user_id = auth::authenticate(platform, visitor, input).await?;
    start(platform, visitor, user_id, None).await
}

async fn start(
    platform: &Platform,
    visitor: &Visitor,
    user_id: UserId,
    organization: Option<OrganizationId>,
) -> Result<(SessionInfo, HeaderValue)> {
    let chosen = organization.map(|id| id.0);
    let member = member_of(platform, user_id, chosen).await?;
    let cookie = auth::start_session(platform, visitor, user_id, chosen).await?;
    Ok((session_info(platform, &member).await?, cookie))
}

pub async fn session_info(platform: &Platform, member: &Member) -> Result<SessionInfo> {
    Ok(SessionInfo {
        user: auth::user(platform, member.user_id).await?,
        organization: member.organization.clone(),
        member_id: member.id,
        role: member.role.clone(),
        permissions: Permission::ALL.iter().copied().filter(|permission| member.may(*permission)).collect(),
        max_upload_size: platform.config.max_upload_size,
        now: platform.clock.now(),
    })
}

pub async fn members(platform: &Platform, member: &Member) -> Result<Vec<MemberInfo>> {
    let rows = store::members(platform.db.on(), member.organization_id()).await?;
    Ok(rows.into_iter().map(member_info).collect())
}

fn member_info(row: store::MemberRow) -> MemberInfo {
    MemberInfo {
        id: row.id,
        name: row.name,
        email: row.email,
        role: RoleName { id: row.role_id, name: row.role_name },
        created_at: row.created_at,
    }
}

pub async fn roles(platform: &Platform, member: &Member) -> Result<Vec<Role>> {
    let rows = store::roles(platform.db.on(), member.organization_id()).await?;
    Ok(rows.into_iter().map(role).collect())
}

fn role(row: RoleRow) -> Role {
    let built_in = row.built_in.as_deref().and_then(BuiltInRole::from_name);
    let permissions = match built_in {
        Some(BuiltInRole::Owner) => Permission::ALL.to_vec(),
        _ => parse_permissions(&row.permissions),
    };
    Role { id: row.id, name: row.name, built_in, permissions, member_count: row.member_count }
}

/// A role of this organisation by its id or its name, in any case.
async fn find_role(platform: &Platform, member: &Member, choice: &str) -> Result<Role> {
    let all = roles(platform, member).await?;
    let wanted = choice.trim();
    let names: Vec<_> = all.iter().map(|role| role.name.clone()).collect();
    all.into_iter().find(|role| role.name.eq_ignore_ascii_case(wanted) || role.id.to_string() == wanted).ok_or_else(
        || AppError::invalid("role", format!("There is no role {wanted:?}. There are: {}.", names.join(", "))),
    )
}

/// Only an owner hands out or changes ownership, and nobody hands out more than they have.
fn check_may_grant(member: &Member, role: &Role) -> Result<()> {
    if role.built_in == Some(BuiltInRole::Owner) && !member.is_owner() {
        return Err(AppError::forbidden("Only an owner can make somebody an owner."));
    }
    match role.permissions.iter().find(|permission| !member.may(**permission)) {
        Some(permission) => Err(AppError::forbidden(format!(
            "The role {} permits more than yours ({permission}), so you cannot give it to anybody.",
            role.name
        ))),
        None => Ok(()),
    }
}

/// Makes a role of the organisation's own.
pub async fn create_role(platform: &Platform, member: &Member, input: NewRole) -> Result<Role> {
    member.require(Permission::OrganizationManage)?;
    let name = check_name("name", &input.name)?;
    let permissions = check_permissions(&input.permissions)?;
    let new = Role { id: RoleId(platform.clock.new_id()), name, built_in: None, permissions, member_count: 0 };
    check_may_grant(member, &new)?;
    if roles(platform, member).await?.iter().any(|role| role.name.eq_ignore_ascii_case(&new.name)) {
        return Err(AppError::conflict("There is a role of this name already. Choose another.").on("name"));
    }
    let joined = join_permissions(&new.permissions);
    let row = NewRoleRow {
        id: new.id,
        organization: member.organization_id(),
        name: &new.name,
        built_in: None,
        permissions: &joined,
    };
    store::insert_role(platform.db.on(), row, platform.clock.now()).await.map_err(|error| {
        if is_unique_violation(&error) {
            return AppError::conflict("There is a role of this name already. Choose another.").on("name");
        }
        error.into()
    })?;
    Ok(new)
}

/// Sets what a role allows, for everybody who has it, at once.
pub async fn update_role(platform: &Platform, member: &Member, input: RoleUpdate) -> Result<Role> {
    member.require(Permission::OrganizationManage)?;
    let mut role = find_role(platform, member, &input.role).await?;
    if role.built_in == Some(BuiltInRole::Owner) {
        return Err(AppError::invalid("role", "The owner may do everything; this cannot be changed."));
    }
    role.permissions = check_permissions(&input.permissions)?;
    check_may_grant(member, &role)?;
    store::update_role(platform.db.on(), role.id, &join_permissions(&role.permissions)).await?;
    publish_access_change(platform, member.organization_id()).await;
    Ok(role)
}

/// Gives a member another role.
pub async fn update_member(platform: &Platform, member: &Member, id: MemberId, choice: &str) -> Result<MemberInfo> {
    member.require(Permission::OrganizationManage)?;
    let organization = member.organization_id();
    let find = async || -> Result<Option<store::MemberRow>> {
        Ok(store::members(platform.db.on(), organization).await?.into_iter().find(|row| row.id == id))
    };
    let target = find().await?.ok_or_else(|| AppError::not_found("member"))?;
    let role = find_role(platform, member, choice).await?;
    check_may_grant(member, &role)?;
    if target.built_in.as_deref() == Some("owner") && !member.is_owner() {
        return Err(AppError::forbidden("Only an owner can change the role of an owner."));
    }
    if !store::update_member_role(platform.db.on(), organization, id, role.id).await? {
        return Err(AppError::conflict("An organisation needs an owner. Make somebody else one first.").on("role"));
    }
    publish_access_change(platform, organization).await;
    find().await?.map(member_info).ok_or_else(|| AppError::not_found("member"))
}

/// Tells open browsers and event streams that what people may see has changed.
pub async fn publish_access_change(platform: &Platform, organization: OrganizationId) {
    let event = Event {
        id: platform.clock.new_id(),
        organization_id: organization.0,
        audience: Audience::Organization,
        name: "access.changed".to_owned(),
        data: serde_json::json!({}),
    };
    platform.events.publish(event).await;
}

/// A link that lets one person in, with a role.
pub async fn create_invite(platform: &Platform, member: &Member, base_url: &str, choice: &str) -> Result<InviteLink> {
    member.require(Permission::OrganizationManage)?;
    let role = find_role(platform, member, choice).await?;
    check_may_grant(member, &role)?;
    let token = Token::generate(&platform.clock);
    let now = platform.clock.now();
    let invite = NewInvite {
        id: platform.clock.new_id(),
        organization: member.organization_id(),
        role: role.id,
        token_hash: &token.hash,
        created_by: member.id,
        now,
        expires_at: now.plus(INVITE_LIFE),
    };
    store::insert_invite(platform.db.on(), invite).await?;
    Ok(InviteLink { url: format!("{base_url}/invite/{}", token.text) })
}

async fn open_invite(platform: &Platform, token: &str) -> Result<store::InviteRow> {
    store::open_invite(platform.db.on(), &Token::hash_of(token.trim()), platform.clock.now()).await?.ok_or_else(|| {
        AppError::new(
            ErrorKind::NotFound,
            "This invite was used, is older than a week, or was never valid. Ask for a new one.",
        )
    })
}

pub async fn preview_invite(platform: &Platform, token: &str) -> Result<InvitePreview> {
    let invite = open_invite(platform, token).await?;
    Ok(InvitePreview { organization: invite.organization_name, role: invite.role_name })
}

/// Lets an invited person in. Who has an account already joins with its password.
pub async fn accept_invite(
    platform: &Platform,
    visitor: &Visitor,
    input: AcceptInvite,
) -> Result<(SessionInfo, HeaderValue)> {
    let invite = open_invite(platform, &input.token).await?;
    let email = check_email(&input.email)?;
    let known = crate::auth::store::user_by_email(platform.db.on(), &email).await?.is_some();
    let existing = if known {
        let log_in = LogIn { email: email.clone(), password: input.password.clone() };
        Some(auth::authenticate(platform, visitor, log_in).await?)
    } else {
        None
    };
    let new_user = match existing {
        Some(_) => None,
        None => Some((check_name("name", &input.name)?, auth::hash_password(input.password).await?)),
    };

    let mut tx = platform.db.begin().await?;
    let user_id = match (existing, new_user) {
        (Some(id), _) => id,
        (None, Some((name, hash))) => auth::create_user(platform, &mut tx, name, email, hash).await?,
        (None, None) => return Err(AppError::internal()),
    };
    join(platform, &mut tx, &invite, user_id).await?;
    tx.commit().await?;
    start(platform, visitor, user_id, Some(invite.organization_id)).await
}

async fn join(platform: &Platform, tx: &mut Tx, invite: &store::InviteRow, user: UserId) -> Result<()> {
    let now = platform.clock.now();
    if !store::close_invite(tx.on(), invite.id, now).await? {
        return Err(AppError::new(ErrorKind::NotFound, "This invite was used just now. Ask for a new one."));
    }
    let id = MemberId(platform.clock.new_id());
    store::insert_member(tx.on(), id, invite.organization_id, user, invite.role_id, now).await.map_err(|error| {
        if is_unique_violation(&error) {
            return AppError::conflict("You are in this organisation already. Log in instead.");
        }
        error.into()
    })
}

/// Refuses ids of members of another organisation, naming the field.
pub async fn check_members(platform: &Platform, member: &Member, field: &str, ids: &[MemberId]) -> Result<()> {
    for id in ids {
        if !store::is_member(platform.db.on(), member.organization_id(), *id).await? {
            return Err(AppError::invalid(field, format!("There is no member {id}. GET /api/members lists them.")));
        }
    }
    Ok(())
}
