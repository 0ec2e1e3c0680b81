//! Membership, roles, and the decision whether a member may do something.

use axum::extract::FromRequestParts;
use axum::http::HeaderValue;
use axum::http::request::Parts;

use super::model::{BuiltInRole, MemberInfo, NotifyAbout, Organization, Permission, RoleName, SessionInfo};
use super::rights;
use super::store::{self, MembershipRow, SessionMembershipRow};
use crate::ids::{MemberId, OrganizationId, SessionId, UserId};
use crate::live_event::{self, LiveEvent};
use crate::people::accounts::model::{LogIn, check_email, check_name};
use crate::people::accounts::service as auth;
use crate::people::accounts::service::{Session, Visitor};
use crate::people::audit::model::Action;
use crate::people::audit::service as audit;
use crate::people::audit::service::{By, Subject};
use crate::platform::Platform;
use crate::platform::db::{On, Tx};
use crate::platform::error::{AppError, Result};
use crate::platform::page_identity::PageIdentity;
use crate::platform::picture_url::picture_url;
use crate::platform::search::fold;
use crate::platform::search_query::SearchQuery;
use crate::platform::telemetry::request::note_caller;

/// The caller: a person in an organization, with their role's permissions. Services decide only by this.
#[derive(Debug, Clone)]
pub struct Member {
    pub id: MemberId,
    pub user_id: UserId,
    pub name: String,
    pub organization: Organization,
    pub role: RoleName,
    pub built_in: Option<BuiltInRole>,
    /// The session of the request; `None` if an access token, a job or another member acts.
    pub session: Option<SessionId>,
    /// The access token that acts for them; `None`: they act themselves.
    pub token: Option<ActingToken>,
    permissions: Vec<Permission>,
}

/// An access token that acts for a member. Its permissions are at most the member's, and fewer if it is bound.
#[derive(Debug, Clone)]
pub struct ActingToken {
    pub id: uuid::Uuid,
    /// The only channel it can access; `None`: all that its member can view.
    pub only_channel: Option<uuid::Uuid>,
}

impl Member {
    /// Decides whether the member has a permission. Owners have all.
    pub fn may(&self, permission: Permission) -> bool {
        self.is_owner() || self.permissions.contains(&permission)
    }

    /// Fails with 403 and the name of a missing permission.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.may(permission) {
            return Ok(());
        }
        Err(AppError::forbidden(format!(
            "Your role, {}, doesn't have the permission “{}” ({permission}). Ask an admin.",
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

    /// Returns the same person, with an access token that acts for them.
    #[must_use]
    pub fn by_token(self, token: ActingToken) -> Self {
        Self { token: Some(token), ..self }
    }

    /// Returns the same person, acting by the session or access token of `other`.
    #[must_use]
    pub(super) fn with_access_of(self, other: &Self) -> Self {
        Self { session: other.session, token: other.token.clone(), ..self }
    }

    /// Returns the only channel that this caller can access, if its access token is bound to one.
    pub fn only_channel(&self) -> Option<uuid::Uuid> {
        self.token.as_ref().and_then(|token| token.only_channel)
    }
}

impl From<MembershipRow> for Member {
    fn from(row: MembershipRow) -> Self {
        Self {
            id: row.member_id,
            user_id: row.user_id,
            name: row.user_name,
            organization: Organization {
                id: row.organization_id,
                name: row.organization_name,
                logo_url: row.logo_id.map(picture_url),
            },
            role: RoleName { id: row.role_id, name: row.role_name },
            built_in: row.built_in,
            session: None,
            token: None,
            permissions: row.permissions.0,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Member {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let platform = Platform::from_request_parts(parts, state).await?;
        let hash = auth::token_hash_of(&parts.headers).ok_or_else(AppError::unauthenticated)?;
        let row = store::membership_of_session(platform.db.on(), &hash, platform.clock.now()).await?;
        let SessionMembershipRow { session_id, created_at, last_seen_at, membership } =
            row.ok_or_else(AppError::unauthenticated)?;
        note_caller(&parts.extensions, membership.member_id.0, membership.organization_id.0);
        PageIdentity::of(parts).check(session_id.0, membership.member_id.0)?;
        auth::note_visit(&platform, session_id, created_at, last_seen_at).await?;
        Ok(Self { session: Some(session_id), ..membership.into() })
    }
}

/// Loads the member of a session.
pub async fn load(platform: &Platform, session: &Session) -> Result<Member> {
    let row = store::membership(platform.db.on(), session.user_id, session.organization_id).await?;
    row.map(Member::from).ok_or_else(AppError::unauthenticated)
}

/// Returns the id of a session's member, if there is one.
pub async fn member_id(platform: &Platform, session: &Session) -> Result<Option<uuid::Uuid>> {
    let row = store::membership(platform.db.on(), session.user_id, session.organization_id).await?;
    Ok(row.map(|row| row.member_id.0))
}

/// Loads the member of a valid session, by its id.
pub async fn of_session(platform: &Platform, id: SessionId) -> Result<Member> {
    let row = store::membership_of_session_id(platform.db.on(), id, platform.clock.now()).await?;
    let over = || AppError::unauthenticated_by("You've been logged out. Log in again.");
    row.map(Member::from).ok_or_else(over)
}

/// Creates a user and adds them to an organization, without an invite: for demonstration data.
pub async fn add_member(
    platform: &Platform,
    organization: OrganizationId,
    role: BuiltInRole,
    name: &str,
    email: &str,
    password: &str,
) -> Result<Member> {
    let password_hash = auth::hash_password(password.to_owned(), &[name, email], "").await?;
    let roles = store::roles(platform.db.on(), organization).await?;
    let role = roles.into_iter().find(|row| row.built_in == Some(role)).ok_or_else(AppError::internal)?;
    let mut tx = platform.db.begin().await?;
    let user_id =
        auth::create_user(platform, &mut tx, check_name("name", name)?, check_email(email)?, password_hash).await?;
    let id = MemberId(platform.clock.new_id());
    store::insert_member(tx.on(), id, organization, user_id, role.id, platform.clock.now()).await?;
    tx.commit().await?;
    member_of(platform, user_id, Some(organization)).await
}

pub async fn member_of(platform: &Platform, user: UserId, organization: Option<OrganizationId>) -> Result<Member> {
    let row = store::membership(platform.db.on(), user, organization).await?;
    row.map(Member::from).ok_or_else(|| {
        AppError::forbidden(
            "This account doesn't belong to an organization. Ask for \
        an invite.",
        )
    })
}

#[tracing::instrument(skip_all)]
pub async fn log_in(platform: &Platform, visitor: &Visitor, input: LogIn) -> Result<(SessionInfo, HeaderValue)> {
    let user_id = auth::authenticate(platform, visitor, input).await?;
    start(platform, visitor, user_id, None).await
}

/// Logs a wrong password in the audit log of each organization of a user.
pub async fn note_failed_log_in(platform: &Platform, user: UserId, email: &str, network: Option<&str>) {
    let memberships = store::memberships(platform.db.on(), user).await.unwrap_or_else(|error| {
        tracing::error!(%error, "failed to record a failed log-in");
        Vec::new()
    });
    for row in memberships {
        let by = By::anybody(row.organization_id, network.map(str::to_owned));
        audit::note(platform, &by, Action::LogInFailed, &Subject::words(email)).await;
    }
}

/// Revokes the access tokens of a user, in all their organizations. Returns their number.
#[tracing::instrument(skip_all, fields(user = %user))]
pub async fn revoke_tokens(platform: &Platform, tx: &mut Tx, user: UserId) -> Result<u64> {
    let revoked = crate::people::accounts::store::revoke_tokens_of(tx.on(), user, platform.clock.now()).await?;
    for row in store::memberships(tx.on(), user).await? {
        if revoked.contains(&row.member_id.0) {
            let detail = "All, because of a new password".to_owned();
            rights::note(platform, tx, &Member::from(row), Action::TokenRevoked, detail).await?;
        }
    }
    Ok(u64::try_from(revoked.len()).unwrap_or(u64::MAX))
}

pub(super) async fn start(
    platform: &Platform,
    visitor: &Visitor,
    user_id: UserId,
    organization: Option<OrganizationId>,
) -> Result<(SessionInfo, HeaderValue)> {
    let member = member_of(platform, user_id, organization).await?;
    let (session, cookie) = auth::start_session(platform, visitor, user_id, member.organization_id()).await?;
    Ok((session_info(platform, &member, session).await?, cookie))
}

/// Returns the organizations of a user.
pub async fn organizations(platform: &Platform, session: &Session) -> Result<Vec<Organization>> {
    let rows = store::memberships(platform.db.on(), session.user_id).await?;
    Ok(rows.into_iter().map(|row| Member::from(row).organization).collect())
}

/// Switches a session to another organization of its user. Others are not found.
#[tracing::instrument(skip_all, fields(organization = %organization))]
pub async fn switch(platform: &Platform, session: &Session, organization: OrganizationId) -> Result<SessionInfo> {
    let row = store::membership(platform.db.on(), session.user_id, Some(organization)).await?;
    let member = row.map(Member::from).ok_or_else(|| AppError::not_found("organization"))?;
    auth::take_to(platform, session, organization).await?;
    session_info(platform, &member, session.id).await
}

pub async fn session_info(platform: &Platform, member: &Member, session: SessionId) -> Result<SessionInfo> {
    Ok(SessionInfo {
        session_id: session,
        user: auth::user(platform, member.user_id).await?,
        organization: member.organization.clone(),
        member_id: member.id,
        role: member.role.clone(),
        permissions: Permission::ALL.iter().copied().filter(|permission| member.may(*permission)).collect(),
        max_upload_size: platform.config.max_upload_size,
        failing_webhooks: if member.may(Permission::OrganizationManage) {
            store::failing_webhooks(platform.db.on(), member.id).await?
        } else {
            0
        },
        notify_about: store::notify_about(platform.db.on(), member.id).await?,
        now: platform.clock.now(),
    })
}

/// Sets which messages notify this member.
#[tracing::instrument(skip_all)]
pub async fn set_notify_about(platform: &Platform, member: &Member, about: NotifyAbout) -> Result<()> {
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    store::set_notify_about(tx.on(), member.id, about).await?;
    tx.commit().await?;
    let event = LiveEvent::SettingsChanged { member: Some(member.id) };
    live_event::publish(platform, member.organization_id(), event).await;
    Ok(())
}

/// Sets a person's own name, also on past messages.
pub async fn rename_user(platform: &Platform, member: &Member, name: &str) -> Result<()> {
    auth::rename(platform, member.user_id, name).await?;
    publish_access_change(platform, member.organization_id()).await;
    Ok(())
}

#[tracing::instrument(skip_all)]
pub async fn rename_organization(platform: &Platform, member: &Member, name: &str) -> Result<()> {
    member.require(Permission::OrganizationManage)?;
    let name = check_name("name", name)?;
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    member.require(Permission::OrganizationManage)?;
    store::rename_organization(tx.on(), member.organization_id(), &name).await?;
    rights::note(platform, &mut tx, member, Action::SettingChanged, format!("Name: {name}")).await?;
    tx.commit().await?;
    publish_access_change(platform, member.organization_id()).await;
    Ok(())
}

pub async fn members(platform: &Platform, member: &Member, search: Option<&str>) -> Result<Vec<MemberInfo>> {
    let rows = store::members(platform.db.on(), member.organization_id()).await?;
    let query = search.and_then(SearchQuery::parse);
    let is_wanted = |info: &MemberInfo| {
        query.as_ref().is_none_or(|query| {
            query.matches(&[&fold(&info.name), &info.email.as_deref().map(fold).unwrap_or_default()])
        })
    };
    Ok(rows.into_iter().map(|row| member_info(row, member)).filter(is_wanted).collect())
}

/// Returns a colleague as `member` can view them. Your own email is always visible.
pub(super) fn member_info(row: store::MemberRow, member: &Member) -> MemberInfo {
    let sees_email = member.may(Permission::MemberViewEmail) || row.id == member.id;
    MemberInfo {
        id: row.id,
        name: row.name,
        email: sees_email.then_some(row.email),
        avatar_url: row.avatar_id.map(picture_url),
        role: RoleName { id: row.role_id, name: row.role_name },
        created_at: row.created_at,
    }
}

/// Notifies open browsers and event streams that permissions have changed.
pub async fn publish_access_change(platform: &Platform, organization: OrganizationId) {
    live_event::publish(platform, organization, LiveEvent::AccessChanged {}).await;
}

/// Rejects ids that are not members of the organization, naming the field.
pub async fn check_members(on: On<'_>, member: &Member, field: &str, ids: &[MemberId]) -> Result<()> {
    let known = store::members_among(on, member.organization_id(), ids).await?;
    match ids.iter().find(|id| !known.contains(id)) {
        Some(id) => {
            Err(AppError::invalid(field, format!("There is no member {id}. GET /api/members lists all members.")))
        }
        None => Ok(()),
    }
}
