//! Changes to who may do what. Those of one organization run one after the other, so that none decides by rights that another one
//! takes away.

use super::model::{MemberId, Permission};
use super::service::Member;
use super::store;
use crate::audit::model::Action;
use crate::audit::service::{self as audit, By, Subject};
use crate::platform::Platform;
use crate::platform::db::{Lockable, On, Tx};
use crate::platform::error::{AppError, Result};

/// Notes a change in the audit log, in its transaction.
pub async fn note(platform: &Platform, tx: &mut Tx, member: &Member, action: Action, detail: String) -> Result<()> {
    audit::record(platform, tx.on(), &By::member(member), action, &Subject::words(detail)).await
}

/// Locks the rights in a member's organization until the transaction ends. Returns the member with the rights they have now.
///
/// # Errors
/// `unauthenticated` if they have been removed.
pub async fn lock(tx: &mut Tx, member: &Member) -> Result<Member> {
    tx.lock(Lockable::Organization, member.organization_id().0).await?;
    let row = store::member(tx.on(), member.organization_id(), member.id).await?;
    let now = row.map(Member::from).ok_or_else(AppError::unauthenticated)?;
    Ok(match member.token.clone() {
        Some(token) => now.by_token(token),
        None => now,
    })
}

/// Returns the member that a change is about.
///
/// # Errors
/// `not_found` if there is none in the organization.
pub async fn target(on: On<'_>, member: &Member, id: MemberId) -> Result<Member> {
    let found = store::member(on, member.organization_id(), id).await?;
    found.map(Member::from).ok_or_else(|| AppError::not_found("member"))
}

/// Rejects a change to a member who may do more than `member`. `change` completes the sentence "Only an owner can …".
pub fn check_may_change(member: &Member, target: &Member, change: &str) -> Result<()> {
    if target.is_owner() && !member.is_owner() {
        return Err(AppError::forbidden(format!("Only an owner can {change} an owner.")));
    }
    let Some(more) = Permission::ALL.iter().find(|one| target.may(**one) && !member.may(**one)) else { return Ok(()) };
    let (name, role) = (&target.name, &target.role.name);
    Err(AppError::forbidden(format!("The role of {name}, {role}, permits more than yours ({more}). Ask an owner.")))
}
