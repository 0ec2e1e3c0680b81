//! Creation of organizations: with the first account of an installation, by invitation, and by everyone if the operator
//! opens sign-up.

use std::time::Duration;

use axum::http::HeaderValue;

use super::model::{BuiltInRole, SessionInfo, SignUp, SignUpState};
use super::rights;
use super::service::{Member, member_of, start};
use super::store::{self, NewRoleRow};
use crate::ids::{MemberId, OrganizationId, RoleId, UserId};
use crate::people::accounts::model::{LogIn, check_email, check_name};
use crate::people::accounts::service as auth;
use crate::people::accounts::service::Visitor;
use crate::people::audit::model::Action;
use crate::platform::Platform;
use crate::platform::config::SignUpPolicy;
use crate::platform::db::Tx;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::named_enum::List;
use crate::platform::rate_limit::{self, Limit};
use crate::platform::secret::Token;

const INVITATION_LIFETIME: Duration = Duration::from_hours(7 * 24);
const HOUR: Duration = Duration::from_hours(1);

/// Creates an account with its organization and logs it in. Returns the session's cookie.
///
/// # Errors
/// `sign_up_closed` without an invitation, `not_found` for one that was used or has expired, `rate_limited` for a
/// network that creates too many organizations.
#[tracing::instrument(skip_all)]
pub async fn sign_up(platform: &Platform, visitor: &Visitor, input: SignUp) -> Result<(SessionInfo, HeaderValue)> {
    let invitation = input.invitation.clone().filter(|text| !text.trim().is_empty());
    check_admission(platform, invitation.as_deref()).await?;
    let account = NewAccount::check(input)?;
    // With an invitation, an existing account creates another organization with its password. Without one, strangers
    // could try passwords by signing up.
    let known = match invitation {
        Some(_) => crate::people::accounts::store::user_by_email(platform.db.on(), &account.email).await?.is_some(),
        None => false,
    };
    // The password of an existing account may be older than the rules for new ones.
    if !known {
        auth::check_password(&account.password, &account.words())?;
    }
    count(platform, visitor).await?;
    let owner = if known {
        let log_in = LogIn { email: account.email.clone(), password: account.password.clone() };
        Owner::Known(auth::authenticate(platform, visitor, log_in).await?)
    } else {
        Owner::New(auth::hash_checked_password(account.password.clone(), visitor.queue()).await?)
    };
    let mut tx = platform.db.begin().await?;
    admit(platform, &mut tx, invitation.as_deref()).await?;
    let (user, organization) = insert(platform, &mut tx, account, owner).await?;
    tx.commit().await?;
    start(platform, visitor, user, Some(organization)).await
}

/// Returns whether somebody with this invitation, if any, can create an organization.
pub async fn state(platform: &Platform, invitation: Option<&str>) -> Result<SignUpState> {
    let invitation = invitation.filter(|text| !text.trim().is_empty());
    match check_admission(platform, invitation).await {
        Ok(()) => Ok(SignUpState { open: true, reason: None }),
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => Ok(SignUpState { open: false, reason: Some(error.message) }),
    }
}

/// Creates an organization and its owner without checking whether sign-up is open.
pub async fn create_account(platform: &Platform, input: SignUp) -> Result<Member> {
    let account = NewAccount::check(input)?;
    let hash = auth::hash_password(account.password.clone(), &account.words(), "").await?;
    let mut tx = platform.db.begin().await?;
    let (user, organization) = insert(platform, &mut tx, account, Owner::New(hash)).await?;
    tx.commit().await?;
    member_of(platform, user, Some(organization)).await
}

/// The checked input of a sign-up.
struct NewAccount {
    name: String,
    email: String,
    password: String,
    organization: String,
}

impl NewAccount {
    fn check(input: SignUp) -> Result<Self> {
        Ok(Self {
            name: check_name("name", &input.name)?,
            email: check_email(&input.email)?,
            password: input.password,
            organization: check_name("organization", &input.organization)?,
        })
    }

    /// Returns what others know of this person: a password must not consist of it.
    fn words(&self) -> [&str; 2] {
        [&self.name, &self.email]
    }
}

enum Owner {
    Known(UserId),
    /// The hash of the password.
    New(String),
}

/// Checks whether somebody may sign up, before the password is hashed. [`admit`] decides.
async fn check_admission(platform: &Platform, invitation: Option<&str>) -> Result<()> {
    let now = platform.clock.now();
    match invitation {
        Some(text) if store::is_open_invitation(platform.db.on(), &Token::hash_of(text.trim()), now).await? => Ok(()),
        Some(_) => Err(cannot_be_used()),
        None if platform.config.sign_up == SignUpPolicy::Open || auth::is_first_visit(platform).await? => Ok(()),
        None => Err(closed()),
    }
}

/// Decides whether an organization may be created, in the transaction that creates it. Uses the invitation up.
async fn admit(platform: &Platform, tx: &mut Tx, invitation: Option<&str>) -> Result<()> {
    if let Some(text) = invitation {
        let taken = store::take_invitation(tx.on(), &Token::hash_of(text.trim()), platform.clock.now()).await?;
        return if taken { Ok(()) } else { Err(cannot_be_used()) };
    }
    if platform.config.sign_up == SignUpPolicy::Open {
        return Ok(());
    }
    // Two concurrent first accounts would both find none.
    tx.lock_installation().await?;
    if crate::people::accounts::store::any_user(tx.on()).await? { Err(closed()) } else { Ok(()) }
}

fn closed() -> AppError {
    let message = "Sign-up is closed. Ask an admin of your organization for an invite, or the administrator of this server \
        for an invitation to create an organization.";
    AppError::new(ErrorKind::SignUpClosed, message)
}

fn cannot_be_used() -> AppError {
    let message = "This invitation is invalid, expired or already used. Ask for a new one.";
    AppError::new(ErrorKind::NotFound, message)
}

/// Counts a new organization of the visitor's network.
async fn count(platform: &Platform, visitor: &Visitor) -> Result<()> {
    let (Some(tries), Some(network)) = (platform.config.sign_ups_per_hour, visitor.network()) else { return Ok(()) };
    let limit = Limit { tries: i64::from(tries), window: HOUR };
    rate_limit::count(platform, &format!("sign-up-from:{network}"), limit).await
}

/// Inserts an organization with its built-in roles and its owner.
async fn insert(
    platform: &Platform,
    tx: &mut Tx,
    account: NewAccount,
    owner: Owner,
) -> Result<(UserId, OrganizationId)> {
    let now = platform.clock.now();
    let user = match owner {
        Owner::Known(user) => user,
        Owner::New(hash) => auth::create_user(platform, tx, account.name, account.email, hash).await?,
    };
    let organization = OrganizationId(platform.clock.new_id());
    store::insert_organization(tx.on(), organization, &account.organization, now).await?;
    let mut owner_role = None;
    for role in BuiltInRole::ALL.iter().copied() {
        let id = RoleId(platform.clock.new_id());
        let permissions = List(role.initial_permissions());
        let row = NewRoleRow { id, organization, name: role.name(), built_in: Some(role), permissions };
        store::insert_role(tx.on(), row, now).await?;
        owner_role = owner_role.or(Some(id));
    }
    let owner_role = owner_role.expect("the owner is the first of the built-in roles");
    store::insert_member(tx.on(), MemberId(platform.clock.new_id()), organization, user, owner_role, now).await?;
    let member = store::membership(tx.on(), user, Some(organization)).await?;
    let member = Member::from(member.ok_or_else(AppError::internal)?);
    rights::note(platform, tx, &member, Action::SignedUp, account.organization).await?;
    Ok((user, organization))
}

/// Runs `attache invite-organization`: prints a link to create an organization.
pub async fn run(platform: &Platform) -> anyhow::Result<()> {
    let token = Token::generate(&platform.clock);
    let now = platform.clock.now();
    store::insert_invitation(
        platform.db.on(),
        platform.clock.new_id(),
        &token.hash,
        now,
        now.plus(INVITATION_LIFETIME),
    )
    .await?;
    println!("{}/sign-up?invitation={}", platform.config.own_url(), token.text);
    eprintln!("Anyone with this link can create a new organization and own it. It works once and expires in 7 days.");
    if platform.config.public_url.is_none() {
        eprintln!("PUBLIC_URL is not set. Put the server's public address in front of /sign-up.");
    }
    Ok(())
}

/// Logs the sign-up policy at start.
pub fn announce(platform: &Platform) {
    match platform.config.sign_up {
        SignUpPolicy::Open => {
            tracing::info!("sign-up is open: anyone who can reach this server can create an organization");
        }
        SignUpPolicy::Invite => tracing::info!(
            "sign-up is closed after the first account. To open it, set SIGN_UP=open. The command invite-organization \
             prints a link for one new organization"
        ),
    }
}
