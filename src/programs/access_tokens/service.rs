//! Creation, authentication and revocation of access tokens.

use std::collections::BTreeSet;
use std::time::Duration;

use super::model::{AccessToken, ActingBot, BoundBucket, CreatedToken, NewAccessToken, Scope, TOKEN_PREFIX};
use super::store::{self, NewToken, TokenRow};
use crate::channels::access::Visible;
use crate::channels::service as channels;
use crate::files::pictures::bots;
use crate::ids::{AccessTokenId, ChannelId};
use crate::people::accounts::model::check_name;
use crate::people::audit::model::Action;
use crate::people::contacts::model::display_name;
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::{ActingToken, Member};
use crate::platform::Platform;
use crate::platform::db::Tx;
use crate::platform::db::read_only::unless_refused;
use crate::platform::error::{AppError, Result};
use crate::platform::named_enum::List;
use crate::platform::secret::Token;
use crate::platform::timestamp::Timestamp;

/// How often a use is written to the database.
const TOUCH_INTERVAL: Duration = Duration::from_mins(1);
/// Number of characters of a token that are stored to recognize it. The rest has 226 bits.
const START: usize = 9;

/// An authenticated token: for whom it acts, and what it may do.
#[derive(Debug, Clone)]
pub struct Checked {
    pub member: Member,
    pub scopes: Vec<Scope>,
}

/// Authenticates a token. The error is the same for a wrong, a revoked and an expired one.
pub async fn check(platform: &Platform, text: &str) -> Result<Checked> {
    let now = platform.clock.now();
    let row = store::live(platform.db.on(), &Token::hash_of(text), now).await?;
    let row = row.ok_or_else(|| {
        AppError::unauthenticated_by("Invalid access token. It may be mistyped, expired or revoked. Create a new one.")
    })?;
    if row.last_used_at.is_none_or(|at| at < now.minus(TOUCH_INTERVAL)) {
        unless_refused(store::note_use(platform.db.on(), row.token_id, now).await)?;
    }
    let token = ActingToken { id: row.token_id.0, only_channel: row.channel_id.map(|id| id.0) };
    let member = Member::from(row.membership).by_token(token);
    Ok(Checked { member, scopes: row.scopes.0 })
}

/// Creates a token that acts for `member`. This is the only time its secret is returned.
#[tracing::instrument(skip_all)]
pub async fn create(platform: &Platform, member: &Member, new: NewAccessToken) -> Result<CreatedToken> {
    check_person(member)?;
    let name = check_name("name", &new.name)?;
    let scopes = BTreeSet::from_iter(new.scopes);
    if scopes.is_empty() {
        return Err(AppError::invalid("scopes", "Choose at least one scope."));
    }
    let now = platform.clock.now();
    if new.expires_at.is_some_and(|at| at <= now) {
        return Err(AppError::invalid("expiresAt", "This time is in the past. Choose a later one, or leave it out."));
    }
    let channel = match &new.bucket_id {
        Some(reference) => {
            let found = channels::resolve(platform, member, reference).await;
            Some(found.map_err(|error| error.on("bucketId"))?)
        }
        None => None,
    };
    let bot = match new.bot_id {
        Some(id) => {
            member.require(Permission::OrganizationManage)?;
            Some(bots::find(platform, member, id).await.map_err(|error| error.on("botId"))?)
        }
        None => None,
    };
    let secret = format!("{TOKEN_PREFIX}{}", Token::generate(&platform.clock).text);
    let row = NewToken {
        id: AccessTokenId(platform.clock.new_id()),
        organization: member.organization_id(),
        member: member.id,
        name: &name,
        token_hash: &Token::hash_of(&secret),
        start: &secret[..START],
        scopes: List(scopes.iter().copied().collect()),
        channel: channel.as_ref().map(|channel| channel.id),
        bot: new.bot_id,
        now,
        expires_at: new.expires_at,
    };
    let token = AccessToken {
        id: row.id,
        name: name.clone(),
        start: row.start.to_owned(),
        scopes: scopes.into_iter().collect(),
        bucket: channel.map(Visible::into_inner).map(|channel| BoundBucket { id: channel.id, name: channel.name }),
        bot: bot.map(|bot| ActingBot { id: bot.id, name: bot.name }),
        created_at: now,
        expires_at: new.expires_at,
        last_used_at: None,
    };
    // The tokens of a member end when the member is removed.
    let (mut tx, ref member) = rights::begin_change(platform, member).await?;
    if row.bot.is_some() {
        member.require(Permission::OrganizationManage)?;
    }
    if let Some(channel) = row.channel {
        channels::find_on(tx.on(), member, channel).await.map_err(|error| error.on("bucketId"))?;
    }
    store::insert(tx.on(), row).await?;
    rights::note(platform, &mut tx, member, Action::TokenCreated, name).await?;
    tx.commit().await?;
    Ok(CreatedToken { secret, token })
}

/// A token that is bound to one channel, for a URL that contains its secret.
pub struct BoundToken {
    pub id: AccessTokenId,
    pub name: String,
    pub secret: String,
    scopes: List<Scope>,
    channel: ChannelId,
    now: Timestamp,
}

/// Makes a bound token, which [`insert_bound`] stores. It isn't listed among the tokens of its member.
///
/// # Errors
/// `invalid_value` for a name that isn't accepted.
pub fn new_bound(
    platform: &Platform,
    prefix: &str,
    name: &str,
    scopes: &[Scope],
    channel: ChannelId,
) -> Result<BoundToken> {
    Ok(BoundToken {
        id: AccessTokenId(platform.clock.new_id()),
        name: check_name("name", name)?,
        secret: format!("{prefix}{}", Token::generate(&platform.clock).text),
        scopes: List(scopes.to_vec()),
        channel,
        now: platform.clock.now(),
    })
}

/// Stores a bound token that acts for `member`, in a transaction of [`rights::begin_change`].
pub async fn insert_bound(tx: &mut Tx, member: &Member, token: &BoundToken) -> Result<()> {
    let row = NewToken {
        id: token.id,
        organization: member.organization_id(),
        member: member.id,
        name: &token.name,
        token_hash: &Token::hash_of(&token.secret),
        start: &token.secret[..START],
        scopes: token.scopes.clone(),
        channel: Some(token.channel),
        bot: None,
        now: token.now,
        expires_at: None,
    };
    Ok(store::insert(tx.on(), row).await?)
}

/// Returns a page of the member's own valid tokens, newest first.
pub async fn list(
    platform: &Platform,
    member: &Member,
    before: Option<AccessTokenId>,
    limit: i64,
) -> Result<Vec<AccessToken>> {
    check_person(member)?;
    let rows = store::of_member(platform.db.on(), member, before, limit).await?;
    Ok(rows.into_iter().map(token).collect())
}

fn token(row: TokenRow) -> AccessToken {
    // A channel that its owner can no longer view has no name.
    let name = match (row.first_name, row.last_name) {
        (Some(first), Some(last)) => display_name(&first, &last, row.phone),
        _ => row.channel_name.unwrap_or_default(),
    };
    AccessToken {
        id: row.id,
        name: row.name,
        start: row.start,
        scopes: row.scopes.0,
        bucket: row.channel_id.map(|id| BoundBucket { id, name }),
        bot: row.bot_id.zip(row.bot_name).map(|(id, name)| ActingBot { id, name }),
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
    }
}

/// Revokes a token immediately.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn revoke(platform: &Platform, member: &Member, id: AccessTokenId) -> Result<()> {
    check_person(member)?;
    let (mut tx, ref member) = rights::begin_change(platform, member).await?;
    let revoked = store::revoke(tx.on(), member.id, id, platform.clock.now()).await?;
    let name = revoked.ok_or_else(|| AppError::not_found("access token"))?;
    rights::note(platform, &mut tx, member, Action::TokenRevoked, name).await?;
    Ok(tx.commit().await?)
}

/// Rejects tokens: a token that could create, list or revoke tokens could extend itself.
fn check_person(member: &Member) -> Result<()> {
    if member.token.is_none() {
        return Ok(());
    }
    Err(AppError::forbidden("Access tokens can't manage access tokens. Log in to do this."))
}
