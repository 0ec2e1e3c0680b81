//! Password reset links: for one person, once, for a day. Admins create them for members, the operator for anybody.
//! Admins can't reset accounts that are used in several organizations.

use std::time::Duration;

use anyhow::bail;
use axum::http::HeaderValue;

use super::model::{Permission, ResetLink, ResetPreview, SessionInfo};
use super::rights;
use super::service::{Member, revoke_tokens, start};
use super::store::{self, NewReset, ResetRow};
use crate::ids::{MemberId, PasswordResetId, UserId};
use crate::people::accounts::model::{ResetPassword, check_email};
use crate::people::accounts::service::Visitor;
use crate::people::accounts::{service as auth, store as accounts};
use crate::people::audit::model::Action;
use crate::platform::Platform;
use crate::platform::db::{Lockable, On, Tx};
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::secret::Token;

const LINK_LIFETIME: Duration = Duration::from_hours(24);

/// Creates a link for a member. Fails for members with more permissions than the caller, who could otherwise act as
/// them.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn create(platform: &Platform, member: &Member, base_url: &str, id: MemberId) -> Result<ResetLink> {
    member.require(Permission::OrganizationManage)?;
    let (mut tx, ref member) = rights::begin_change(platform, member).await?;
    let target = resettable(tx.on(), member, id).await?;
    if store::memberships(tx.on(), target.user_id).await?.len() > 1 {
        return Err(AppError::conflict(
            "This account belongs to several organizations, so admins can't reset its password. Ask your server's \
             administrator.",
        ));
    }
    let text = insert(platform, &mut tx, target.user_id, Some(member.id)).await?;
    rights::note(platform, &mut tx, member, Action::PasswordResetCreated, target.name).await?;
    tx.commit().await?;
    Ok(ResetLink { url: format!("{base_url}/reset/{text}") })
}

/// Returns the member `id` if `member` can reset their password.
async fn resettable(on: On<'_>, member: &Member, id: MemberId) -> Result<Member> {
    member.require(Permission::OrganizationManage)?;
    let target = rights::target(on, member, id).await?;
    if target.id == member.id {
        return Err(AppError::conflict("To change your own password, go to your profile."));
    }
    rights::check_may_change(member, &target, "reset the password of")?;
    Ok(target)
}

/// Inserts a link and deletes the previous ones of this person.
async fn insert(platform: &Platform, tx: &mut Tx, user: UserId, created_by: Option<MemberId>) -> Result<String> {
    let token = Token::generate(&platform.clock);
    let now = platform.clock.now();
    let id = PasswordResetId(platform.clock.new_id());
    accounts::forget_resets(tx.on(), user).await?;
    let reset = NewReset { id, user, token_hash: &token.hash, created_by, now, expires_at: now.plus(LINK_LIFETIME) };
    store::insert_reset(tx.on(), reset).await?;
    Ok(token.text)
}

async fn open(platform: &Platform, token: &str) -> Result<ResetRow> {
    let row = store::open_reset(platform.db.on(), &Token::hash_of(token.trim()), platform.clock.now()).await?;
    let row = row.ok_or_else(cannot_be_used)?;
    check_maker(platform.db.on(), &row).await?;
    Ok(row)
}

/// Rejects a link whose creator can no longer reset this password.
async fn check_maker(mut on: On<'_>, reset: &ResetRow) -> Result<()> {
    let Some(maker) = reset.created_by else { return Ok(()) };
    let (organization, target) = reset.organization_id.zip(reset.member_id).ok_or_else(cannot_be_used)?;
    let maker = store::member(on.again(), organization, maker).await?.ok_or_else(cannot_be_used)?;
    match resettable(on, &maker.into(), target).await {
        Ok(_) => Ok(()),
        // A database error says nothing about the link.
        Err(error) if error.status().is_server_error() => Err(error),
        Err(_) => Err(cannot_be_used()),
    }
}

fn cannot_be_used() -> AppError {
    let message = "This link is invalid, expired, replaced or already used. Ask for a new one.";
    AppError::new(ErrorKind::NotFound, message)
}

/// Returns the account whose password a link sets.
pub async fn preview(platform: &Platform, token: &str) -> Result<ResetPreview> {
    let reset = open(platform, token).await?;
    Ok(ResetPreview { name: reset.name, email: reset.email })
}

/// Sets the password, ends all sessions of its owner, and logs them in here.
#[tracing::instrument(skip_all)]
pub async fn accept(
    platform: &Platform,
    visitor: &Visitor,
    input: ResetPassword,
) -> Result<(SessionInfo, HeaderValue)> {
    let reset = open(platform, &input.token).await?;
    let password_hash = auth::hash_password(input.password, &[&reset.name, &reset.email], visitor.queue()).await?;
    let mut tx = platform.db.begin().await?;
    if let Some(organization) = reset.organization_id {
        tx.lock(Lockable::Organization, organization.0).await?;
        check_maker(tx.on(), &reset).await?;
    }
    if !store::take_reset(tx.on(), reset.id).await? {
        return Err(cannot_be_used());
    }
    auth::replace_password(&mut tx, reset.user_id, &password_hash, None).await?;
    if input.revoke_tokens {
        revoke_tokens(platform, &mut tx, reset.user_id).await?;
    }
    tx.commit().await?;
    auth::publish_end(platform, reset.user_id).await;
    // The password is set even if this fails. Counters expire.
    if let Err(error) = auth::forget_tries(platform, &reset.email).await {
        tracing::warn!(%error, "tries are still counted");
    }
    start(platform, visitor, reset.user_id, None).await
}

/// Runs `attache reset-password`: prints a link for any account, for the operator.
pub async fn run(platform: &Platform, email: &str) -> anyhow::Result<()> {
    let email = check_email(email).map_err(|error| anyhow::anyhow!(error.message))?;
    let Some(user) = accounts::user_by_email(platform.db.on(), &email).await? else {
        bail!("No account has the email {email}.");
    };
    if user.disabled_at.is_some() {
        bail!("The account {email} is disabled. Enable it first: attache enable-account {email}");
    }
    let mut tx = platform.db.begin().await?;
    let text = insert(platform, &mut tx, user.id, None).await.map_err(|error| anyhow::anyhow!(error.message))?;
    tx.commit().await?;
    println!("{}/reset/{text}", platform.config.own_url());
    eprintln!(
        "Anyone with this link can set a new password for {} and log in. It works once and expires in 24 hours.",
        user.name
    );
    if platform.config.public_url.is_none() {
        eprintln!("PUBLIC_URL is not set. Put the server's public address in front of /reset.");
    }
    Ok(())
}
