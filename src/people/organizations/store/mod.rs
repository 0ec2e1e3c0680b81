//! SQL of organizations, members and roles. A removed member keeps their row, for what they wrote: queries for current
//! members include `removed_at IS NULL`.

mod invitations;
mod invites;
mod password_resets;
mod removal;

pub use invitations::{forget_invitations, insert_invitation, is_open_invitation, take_invitation};
pub use invites::{
    InviteRow, NewInvite, OpenInviteRow, close_invite, delete_invite, insert_invite, open_invite, open_invites,
};
pub use password_resets::{
    NewReset, ResetRow, forget_resets_of, forget_resets_of_role, insert_reset, open_reset, take_reset,
};
pub use removal::{end_access, end_sessions, keep_private_channels, mark_removed, readmit};

use const_format::concatcp;
use std::collections::HashSet;

use sqlx::FromRow;

use super::model::{BuiltInRole, NotifyAbout, Permission};
use crate::ids::{MemberId, OrganizationId, PictureId, RoleId, SessionId, UserId};
use crate::platform::db::{On, execute, fetch_all, fetch_all_of, fetch_optional, fetch_value};
use crate::platform::name_key::name_key;
use crate::platform::named_enum::List;
use crate::platform::search::fold;
use crate::platform::timestamp::Timestamp;

type Result<T> = std::result::Result<T, sqlx::Error>;

#[derive(FromRow)]
pub struct MembershipRow {
    pub member_id: MemberId,
    pub user_id: UserId,
    pub user_name: String,
    pub organization_id: OrganizationId,
    pub organization_name: String,
    pub logo_id: Option<PictureId>,
    pub role_id: RoleId,
    pub role_name: String,
    pub built_in: Option<BuiltInRole>,
    pub permissions: List<Permission>,
}

#[derive(FromRow)]
pub struct SessionMembershipRow {
    pub session_id: SessionId,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    #[sqlx(flatten)]
    pub membership: MembershipRow,
}

#[derive(FromRow)]
pub struct RoleRow {
    pub id: RoleId,
    pub name: String,
    pub built_in: Option<BuiltInRole>,
    pub permissions: List<Permission>,
    pub member_count: i64,
}

#[derive(FromRow)]
pub struct MemberRow {
    pub id: MemberId,
    pub name: String,
    pub email: String,
    pub avatar_id: Option<PictureId>,
    pub role_id: RoleId,
    pub role_name: String,
    pub built_in: Option<BuiltInRole>,
    pub created_at: Timestamp,
}

/// Columns of a member `m` with their user `u`, organization `o` and role `r`, as [`MembershipRow`].
pub const MEMBERSHIP_COLUMNS: &str = "m.id AS member_id, u.id AS user_id, u.name AS user_name, o.id AS organization_id,
         o.name AS organization_name, o.logo_id, r.id AS role_id, r.name AS role_name, r.built_in, r.permissions";

/// Current memberships of all users.
const MEMBERSHIPS: &str = concatcp!(
    "SELECT ",
    MEMBERSHIP_COLUMNS,
    " FROM members m
              JOIN users u ON u.id = m.user_id
              JOIN organizations o ON o.id = m.organization_id
              JOIN roles r ON r.id = m.role_id AND m.removed_at IS NULL"
);

/// The membership of a session is in its organization, else the user's first.
const SESSIONS_WITH_MEMBERSHIPS: &str = " FROM sessions s
          JOIN users u ON u.id = s.user_id AND u.disabled_at IS NULL
          JOIN members m ON m.user_id = s.user_id AND m.removed_at IS NULL AND (s.organization_id IS NULL OR m.organization_id = s.organization_id)
          JOIN organizations o ON o.id = m.organization_id
          JOIN roles r ON r.id = m.role_id";

/// Loads the membership of a request's session in one query, because each request does.
pub async fn membership_of_session(
    on: On<'_>,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<SessionMembershipRow>> {
    fetch_optional!(
        on,
        SessionMembershipRow,
        concatcp!(
            "SELECT s.id AS session_id, s.created_at, s.last_seen_at, ",
            MEMBERSHIP_COLUMNS,
            SESSIONS_WITH_MEMBERSHIPS,
            " WHERE s.token_hash = $1 AND s.expires_at > $2
             ORDER BY m.id LIMIT 1"
        ),
        token_hash,
        now
    )
}

/// Loads the same by the session's id, for callers that are authenticated in another way.
pub async fn membership_of_session_id(on: On<'_>, id: SessionId, now: Timestamp) -> Result<Option<MembershipRow>> {
    fetch_optional!(
        on,
        MembershipRow,
        concatcp!(
            "SELECT ",
            MEMBERSHIP_COLUMNS,
            SESSIONS_WITH_MEMBERSHIPS,
            " WHERE s.id = $1 AND s.expires_at > $2
             ORDER BY m.id LIMIT 1"
        ),
        id,
        now
    )
}

/// Returns the membership of a session: in the chosen organization, else the last one used, else the user's first.
pub async fn membership(
    on: On<'_>,
    user: UserId,
    organization: Option<OrganizationId>,
) -> Result<Option<MembershipRow>> {
    fetch_optional!(
        on,
        MembershipRow,
        concatcp!(
            MEMBERSHIPS,
            " WHERE m.user_id = $1 AND ($2 IS NULL OR m.organization_id = $2)
             ORDER BY CASE WHEN m.organization_id = u.organization_id THEN 0 ELSE 1 END, m.id LIMIT 1"
        ),
        user,
        organization
    )
}

/// Returns all memberships of a user, by the organization's name.
pub async fn memberships(on: On<'_>, user: UserId) -> Result<Vec<MembershipRow>> {
    let mut rows = fetch_all!(on, MembershipRow, concatcp!(MEMBERSHIPS, " WHERE m.user_id = $1 ORDER BY o.id"), user)?;
    // The order of each engine differs.
    rows.sort_by_cached_key(|row| fold(&row.organization_name));
    Ok(rows)
}

/// Loads a member of an organization by their id.
pub async fn member(on: On<'_>, organization: OrganizationId, id: MemberId) -> Result<Option<MembershipRow>> {
    fetch_optional!(
        on,
        MembershipRow,
        concatcp!(MEMBERSHIPS, " WHERE m.id = $2 AND m.organization_id = $1"),
        organization,
        id
    )
}

/// Loads a member by their id, if the session or the access token they act by is valid too. `None` means no session, or
/// no token.
pub async fn acting_member(
    on: On<'_>,
    organization: OrganizationId,
    id: MemberId,
    session: Option<SessionId>,
    token: Option<uuid::Uuid>,
    now: Timestamp,
) -> Result<Option<MembershipRow>> {
    fetch_optional!(
        on,
        MembershipRow,
        concatcp!(
            MEMBERSHIPS,
            " WHERE m.id = $2 AND m.organization_id = $1
              AND ($3 IS NULL OR EXISTS (SELECT 1 FROM sessions s WHERE s.id = $3 AND s.expires_at > $5))
              AND ($4 IS NULL OR EXISTS (SELECT 1 FROM access_tokens t WHERE t.id = $4 AND t.revoked_at IS NULL
                                         AND (t.expires_at IS NULL OR t.expires_at > $5)))"
        ),
        organization,
        id,
        session,
        token,
        now
    )
}

pub async fn insert_organization(on: On<'_>, id: OrganizationId, name: &str, now: Timestamp) -> Result<()> {
    execute!(on, "INSERT INTO organizations (id, name, created_at) VALUES ($1, $2, $3)", id, name, now)?;
    Ok(())
}

pub async fn rename_organization(on: On<'_>, id: OrganizationId, name: &str) -> Result<()> {
    execute!(on, "UPDATE organizations SET name = $2 WHERE id = $1", id, name)?;
    Ok(())
}

pub async fn notify_about(on: On<'_>, member: MemberId) -> Result<NotifyAbout> {
    fetch_value!(on, NotifyAbout, "SELECT notify FROM members WHERE id = $1", member)
}

pub async fn set_notify_about(on: On<'_>, member: MemberId, about: NotifyAbout) -> Result<()> {
    execute!(on, "UPDATE members SET notify = $2 WHERE id = $1", member, about)?;
    Ok(())
}

pub struct NewRoleRow<'a> {
    pub id: RoleId,
    pub organization: OrganizationId,
    pub name: &'a str,
    pub built_in: Option<BuiltInRole>,
    pub permissions: List<Permission>,
}

pub async fn insert_role(on: On<'_>, role: NewRoleRow<'_>, now: Timestamp) -> Result<()> {
    execute!(
        on,
        "INSERT INTO roles (id, organization_id, name, built_in, permissions, created_at, name_key)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        role.id,
        role.organization,
        role.name,
        role.built_in,
        role.permissions,
        now,
        name_key(role.name)
    )?;
    Ok(())
}

pub async fn roles(on: On<'_>, organization: OrganizationId) -> Result<Vec<RoleRow>> {
    fetch_all!(
        on,
        RoleRow,
        "SELECT r.id, r.name, r.built_in, r.permissions,
           (SELECT count(*) FROM members m WHERE m.role_id = r.id AND m.removed_at IS NULL) AS member_count
         FROM roles r WHERE r.organization_id = $1 ORDER BY r.id",
        organization
    )
}

pub async fn update_role(on: On<'_>, id: RoleId, permissions: List<Permission>) -> Result<()> {
    execute!(on, "UPDATE roles SET permissions = $2 WHERE id = $1", id, permissions)?;
    Ok(())
}

pub async fn insert_member(
    on: On<'_>,
    id: MemberId,
    organization: OrganizationId,
    user: UserId,
    role: RoleId,
    now: Timestamp,
) -> Result<()> {
    execute!(
        on,
        "INSERT INTO members (id, organization_id, user_id, role_id, created_at) VALUES ($1, $2, $3, $4, $5)",
        id,
        organization,
        user,
        role,
        now
    )?;
    Ok(())
}

pub async fn members(on: On<'_>, organization: OrganizationId) -> Result<Vec<MemberRow>> {
    fetch_all!(
        on,
        MemberRow,
        "SELECT m.id, u.name, u.email, u.avatar_id, r.id AS role_id, r.name AS role_name, r.built_in, m.created_at
         FROM members m JOIN users u ON u.id = m.user_id JOIN roles r ON r.id = m.role_id
         WHERE m.organization_id = $1 AND m.removed_at IS NULL ORDER BY m.id",
        organization
    )
}

/// Gives a member another role, unless it would leave the organization without an owner. Returns whether it did.
pub async fn update_member_role(
    on: On<'_>,
    organization: OrganizationId,
    member: MemberId,
    role: RoleId,
) -> Result<bool> {
    let changed = execute!(
        on,
        "UPDATE members SET role_id = $3 WHERE id = $2 AND organization_id = $1 AND removed_at IS NULL AND (
           $3 IN (SELECT id FROM roles WHERE organization_id = $1 AND built_in = 'owner')
           OR EXISTS (SELECT 1 FROM members o JOIN roles r ON r.id = o.role_id
             WHERE o.organization_id = $1 AND r.built_in = 'owner' AND o.id <> $2 AND o.removed_at IS NULL))",
        organization,
        member,
        role
    )?;
    Ok(changed > 0)
}

/// Returns those of `ids` that are members of an organization.
pub async fn members_among(on: On<'_>, organization: OrganizationId, ids: &[MemberId]) -> Result<HashSet<MemberId>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let rows = fetch_all_of!(
        on,
        (MemberId, OrganizationId),
        "SELECT id, organization_id FROM members WHERE removed_at IS NULL AND id",
        ids.iter().copied(),
        ""
    )?;
    Ok(rows.into_iter().filter(|(_, of)| *of == organization).map(|(id, _)| id).collect())
}

/// Returns the number of a member's webhooks that were disabled because their deliveries failed.
pub async fn failing_webhooks(on: On<'_>, member: MemberId) -> Result<i64> {
    fetch_value!(on, i64, "SELECT count(*) FROM webhooks WHERE member_id = $1 AND disabled_reason = 'failing'", member)
}
