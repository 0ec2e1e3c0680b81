//! The rules of roles: their permissions, who can change them, and who can give them to whom.

use super::model::{BuiltInRole, MemberInfo, NewRole, Permission, Role, RoleUpdate};
use super::service::{Member, member_info, publish_access_change};
use super::store::{self, NewRoleRow, RoleRow};
use super::{invites, rights};
use crate::ids::{MemberId, RoleId};
use crate::people::accounts::model::check_name;
use crate::people::audit::model::Action;
use crate::platform::Platform;
use crate::platform::db::{On, is_unique_violation};
use crate::platform::error::{AppError, Result, quoted};
use crate::platform::name_key::name_key;
use crate::platform::named_enum::List;

/// Returns all roles of the organization, built-in ones first.
pub async fn roles(on: On<'_>, member: &Member) -> Result<Vec<Role>> {
    let rows = store::roles(on, member.organization_id()).await?;
    Ok(rows.into_iter().map(role).collect())
}

fn role(row: RoleRow) -> Role {
    let permissions = match row.built_in {
        Some(BuiltInRole::Owner) => Permission::ALL.to_vec(),
        _ => row.permissions.0,
    };
    Role { id: row.id, name: row.name, built_in: row.built_in, permissions, member_count: row.member_count }
}

/// Finds a role of this organization by its id or its name, in any spelling.
pub(super) async fn find_role(on: On<'_>, member: &Member, choice: &str) -> Result<Role> {
    let all = roles(on, member).await?;
    let wanted = choice.trim();
    let names: Vec<_> = all.iter().map(|role| role.name.clone()).collect();
    let key = name_key(wanted);
    all.into_iter()
        .find(|role| name_key(&role.name) == key || role.id.to_string() == wanted)
        .ok_or_else(|| AppError::invalid("role", format!("There is no role {wanted:?}. Roles: {}.", names.join(", "))))
}

/// Checks that only owners grant or change ownership, and that nobody grants permissions they don't have.
pub(super) fn check_may_grant(member: &Member, role: &Role) -> Result<()> {
    if role.built_in == Some(BuiltInRole::Owner) && !member.is_owner() {
        return Err(AppError::forbidden("Only an owner can make someone an owner."));
    }
    match role.permissions.iter().find(|permission| !member.may(**permission)) {
        Some(permission) => Err(AppError::forbidden(format!(
            "The role {} has more permissions than yours ({permission}), so you can't assign it.",
            role.name
        ))),
        None => Ok(()),
    }
}

/// Creates a custom role.
#[tracing::instrument(skip_all)]
pub async fn create_role(platform: &Platform, member: &Member, input: NewRole) -> Result<Role> {
    member.require(Permission::OrganizationManage)?;
    let name = check_name("name", &input.name)?;
    let permissions = check_permissions(&input.permissions)?;
    let (mut tx, ref member) = rights::begin_change(platform, member).await?;
    member.require(Permission::OrganizationManage)?;
    let new = Role { id: RoleId(platform.clock.new_id()), name, built_in: None, permissions, member_count: 0 };
    check_may_grant(member, &new)?;
    let row = NewRoleRow {
        id: new.id,
        organization: member.organization_id(),
        name: &new.name,
        built_in: None,
        permissions: List(new.permissions.clone()),
    };
    store::insert_role(tx.on(), row, platform.clock.now()).await.map_err(|error| {
        if is_unique_violation(&error) {
            return AppError::conflict("A role with this name already exists. Choose another name.").on("name");
        }
        error.into()
    })?;
    rights::note(platform, &mut tx, member, Action::RoleCreated, permits(&new)).await?;
    tx.commit().await?;
    Ok(new)
}

/// Sets a role's permissions, immediately for all members who have it.
#[tracing::instrument(skip_all)]
pub async fn update_role(platform: &Platform, member: &Member, input: RoleUpdate) -> Result<Role> {
    member.require(Permission::OrganizationManage)?;
    let (mut tx, ref member) = rights::begin_change(platform, member).await?;
    member.require(Permission::OrganizationManage)?;
    let mut role = find_role(tx.on(), member, &input.role).await?;
    if role.built_in == Some(BuiltInRole::Owner) {
        return Err(AppError::invalid("role", "Owners can do everything. This role can't be changed."));
    }
    if let Some(more) = role.permissions.iter().find(|permission| !member.may(**permission)) {
        let message =
            format!("The role {} has more permissions than yours ({more}), so you can't change it.", role.name);
        return Err(AppError::forbidden(message));
    }
    role.permissions = check_permissions(&input.permissions)?;
    check_may_grant(member, &role)?;
    store::update_role(tx.on(), role.id, List(role.permissions.clone())).await?;
    rights::note(platform, &mut tx, member, Action::RoleChanged, permits(&role)).await?;
    store::forget_resets_of_role(tx.on(), role.id).await?;
    invites::delete_unfounded(platform, &mut tx, member.organization_id()).await?;
    tx.commit().await?;
    publish_access_change(platform, member.organization_id()).await;
    Ok(role)
}

/// Gives a member another role.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn update_member(platform: &Platform, member: &Member, id: MemberId, choice: &str) -> Result<MemberInfo> {
    member.require(Permission::OrganizationManage)?;
    let organization = member.organization_id();
    let (mut tx, ref member) = rights::begin_change(platform, member).await?;
    member.require(Permission::OrganizationManage)?;
    let target = rights::target(tx.on(), member, id).await?;
    let role = find_role(tx.on(), member, choice).await?;
    check_may_grant(member, &role)?;
    rights::check_may_change(member, &target, "change the role of")?;
    if !store::update_member_role(tx.on(), organization, id, role.id).await? {
        return Err(AppError::conflict("An organization needs an owner. Make someone else an owner first.").on("role"));
    }
    let detail = format!("{}: {} → {}", target.name, target.role.name, role.name);
    rights::note(platform, &mut tx, member, Action::RoleGiven, detail).await?;
    // Whether a member's password can be reset depends on both roles.
    store::forget_resets_of(tx.on(), id).await?;
    invites::delete_unfounded(platform, &mut tx, organization).await?;
    let rows = store::members(tx.on(), organization).await?;
    tx.commit().await?;
    publish_access_change(platform, organization).await;
    let row = rows.into_iter().find(|row| row.id == id);
    row.map(|row| member_info(row, member)).ok_or_else(|| AppError::not_found("member"))
}

/// Describes a role and its permissions, for the audit log.
fn permits(role: &Role) -> String {
    format!("{}: {}", role.name, List(role.permissions.clone()))
}

fn check_permissions(names: &[String]) -> Result<Vec<Permission>> {
    let mut permissions = Vec::new();
    for name in names {
        let Some(permission) = Permission::from_name(name) else {
            let known: Vec<_> = Permission::ALL.iter().map(|permission| permission.name()).collect();
            return Err(AppError::invalid(
                "permissions",
                format!("{} is not a permission. Permissions: {}.", quoted(name), known.join(", ")),
            ));
        };
        permissions.push(permission);
    }
    permissions.sort_unstable();
    permissions.dedup();
    Ok(permissions)
}
