//! Links for who forgot their password: one person, once, for a day. An admin makes them for members, whoever runs the installation
//! for anybody. An account that is used in several organisations is no single admin's to open.

use std::time::Duration;

use anyhow::bail;
use axum::http::HeaderValue;

use super::model::{MemberId, Permission, ResetLink, ResetPreview, SessionInfo};
use super::service::{Member, start};
use super::store::{self, NewReset, ResetRow};
use crate::auth::model::{ResetPassword, UserId, check_email};
use crate::auth::service::{self as auth, Visitor};
use crate::auth::store as accounts;
use crate::platform::Platform;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::secret::Token;

const LIFE: Duration = Duration::from_hours(24);

/// A link for a member. Nobody makes one for who may do more than they: with it they could act as them.
pub async fn create(platform: &Platform, member: &Member, base_url: &str, id: MemberId) -> Result<ResetLink> {
    member.require(Permission::OrganizationManage)?;
    let found = store::member(platform.db.on(), member.organization_id(), id).await?;
    let target = Member::from(found.ok_or_else(|| AppError::not_found("member"))?);
    if target.id == member.id {
        return Err(AppError::conflict("Change your own password on your profile."));
    }
    if target.is_owner() && !member.is_owner() {
        return Err(AppError::forbidden("Only an owner can reset the password of an owner."));
    }
    if let Some(more) = Permission::ALL.iter().find(|one| target.may(**one) && !member.may(**one)) {
        let (name, role) = (&target.name, &target.role.name);
        let message = format!("The role of {name}, {role}, permits more than yours ({more}). Ask an owner.");
        return Err(AppError::forbidden(message));
    }
    if store::memberships(platform.db.on(), target.user_id).await?.len() > 1 {
        return Err(AppError::conflict(
            "This account is used in another organisation too, so no admin can reset its password. Whoever runs this installation can.",
        ));
    }
    let text = insert(platform, target.user_id, Some(member.id)).await?;
    Ok(ResetLink { url: format!("{base_url}/reset/{text}") })
}

/// Replaces the links that there were for this person.
async fn insert(platform: &Platform, user: UserId, created_by: Option<MemberId>) -> Result<String> {
    let token = Token::generate(&platform.clock);
    let now = platform.clock.now();
    let id = platform.clock.new_id();
    let mut tx = platform.db.begin().await?;
    accounts::forget_resets(tx.on(), user).await?;
    let reset = NewReset { id, user, token_hash: &token.hash, created_by, now, expires_at: now.plus(LIFE) };
    store::insert_reset(tx.on(), reset).await?;
    tx.commit().await?;
    Ok(token.text)
}

async fn open(platform: &Platform, token: &str) -> Result<ResetRow> {
    let row = store::open_reset(platform.db.on(), &Token::hash_of(token.trim()), platform.clock.now()).await?;
    row.ok_or_else(cannot_be_used)
}

fn cannot_be_used() -> AppError {
    let message =
        "This link was used, is older than a day, was replaced by another, or was never valid. Ask for a new one.";
    AppError::new(ErrorKind::NotFound, message)
}

/// Whose password a link sets.
pub async fn preview(platform: &Platform, token: &str) -> Result<ResetPreview> {
    let reset = open(platform, token).await?;
    Ok(ResetPreview { name: reset.name, email: reset.email })
}

/// Sets the password, ends all sessions of its owner, and logs them in here.
pub async fn accept(
    platform: &Platform,
    visitor: &Visitor,
    input: ResetPassword,
) -> Result<(SessionInfo, HeaderValue)> {
    let reset = open(platform, &input.token).await?;
    let password_hash = auth::hash_password(input.password).await?;
    let mut tx = platform.db.begin().await?;
    if !store::take_reset(tx.on(), reset.id).await? {
        return Err(cannot_be_used());
    }
    auth::replace_password(&mut tx, reset.user_id, &password_hash, None).await?;
    tx.commit().await?;
    auth::publish_end(platform, reset.user_id).await;
    auth::forget_tries(platform, &reset.email).await?;
    start(platform, visitor, reset.user_id, None).await
}

/// `attache reset-password`: prints a link for any account, for who runs the installation.
pub async fn run(platform: &Platform, email: &str) -> anyhow::Result<()> {
    let email = check_email(email).map_err(|error| anyhow::anyhow!(error.message))?;
    let Some(user) = accounts::user_by_email(platform.db.on(), &email).await? else {
        bail!("There is no account with the email {email}.");
    };
    let text = insert(platform, user.id, None).await.map_err(|error| anyhow::anyhow!(error.message))?;
    let local = || format!("http://localhost:{}", platform.config.address.port());
    println!("{}/reset/{text}", platform.config.public_url.clone().unwrap_or_else(local));
    eprintln!("Whoever opens it sets the password of {} and is logged in. It works once, for 24 hours.", user.name);
    if platform.config.public_url.is_none() {
        eprintln!("PUBLIC_URL is not set: put the address at which people reach this installation in front of /reset.");
    }
    Ok(())
}
