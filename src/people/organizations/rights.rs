//! Permissions at the time of a change. A request loads its member when it begins, and may then wait: for a form, for
//! the storage, for other transactions. Transactions that require a permission begin here, and check it again with the
//! returned member.

use super::model::Permission;
use super::service::Member;
use super::store;
use crate::ids::MemberId;
use crate::people::audit::model::Action;
use crate::people::audit::service as audit;
use crate::people::audit::service::{By, Subject};
use crate::platform::Platform;
use crate::platform::db::{Lockable, On, Tx};
use crate::platform::error::{AppError, Result};

/// Logs a change in the audit log, in its transaction.
pub async fn note(platform: &Platform, tx: &mut Tx, member: &Member, action: Action, detail: String) -> Result<()> {
    audit::record(platform, tx.on(), &By::member(member), action, &Subject::words(detail)).await
}

/// Begins a transaction for an act of a member. Returns it with the reloaded member: permissions in the organization,
/// channels and contacts don't change until it ends.
///
/// # Errors
/// `unauthenticated` if the member has been removed, or their session or access token has ended.
pub async fn begin(platform: &Platform, member: &Member) -> Result<(Tx, Member)> {
    let mut tx = platform.db.begin().await?;
    tx.keep_rights(member.organization_id().0).await?;
    let member = reload(platform, &mut tx, member).await?;
    Ok((tx, member))
}

/// Begins a transaction that changes permissions in the member's organization. It excludes all other acts there.
/// Returns it with the reloaded member.
///
/// # Errors
/// As [`begin`].
pub async fn begin_change(platform: &Platform, member: &Member) -> Result<(Tx, Member)> {
    let mut tx = platform.db.begin().await?;
    tx.lock(Lockable::Organization, member.organization_id().0).await?;
    let member = reload(platform, &mut tx, member).await?;
    Ok((tx, member))
}

/// Loads a member with their current permissions.
async fn reload(platform: &Platform, tx: &mut Tx, member: &Member) -> Result<Member> {
    let token = member.token.as_ref().map(|token| token.id);
    let now = platform.clock.now();
    let row = store::acting_member(tx.on(), member.organization_id(), member.id, member.session, token, now).await?;
    let row = row.ok_or_else(AppError::unauthenticated)?;
    Ok(Member::from(row).with_access_of(member))
}

/// Returns the member to change.
///
/// # Errors
/// `not_found` if there is none in the organization.
pub async fn target(on: On<'_>, member: &Member, id: MemberId) -> Result<Member> {
    let found = store::member(on, member.organization_id(), id).await?;
    found.map(Member::from).ok_or_else(|| AppError::not_found("member"))
}

/// Rejects a change to a member with more permissions than `member`. `change` completes the sentence "Only an owner can
/// …".
pub fn check_may_change(member: &Member, target: &Member, change: &str) -> Result<()> {
    if target.is_owner() && !member.is_owner() {
        return Err(AppError::forbidden(format!("Only an owner can {change} an owner.")));
    }
    let Some(more) = Permission::ALL.iter().find(|one| target.may(**one) && !member.may(**one)) else { return Ok(()) };
    let (name, role) = (&target.name, &target.role.name);
    Err(AppError::forbidden(format!("{name}'s role, {role}, has more permissions than yours ({more}). Ask an owner.")))
}
