//! Bots: name and picture of a program.

use super::model::{Bot, NewBot, PictureKind};
use super::service::{publish_change, remove_others};
use super::store::{self, BotRow};
use crate::ids::BotId;
use crate::live_event::{self, LiveEvent};
use crate::people::accounts::model::check_name;
use crate::people::audit::model::Action;
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::is_unique_violation;
use crate::platform::error::{AppError, Result};
use crate::platform::picture_url::picture_url;

const BOTS_PAGE: i64 = 100;

/// Creates a bot.
pub async fn create(platform: &Platform, member: &Member, input: NewBot) -> Result<Bot> {
    member.require(Permission::OrganizationManage)?;
    let name = check_name("name", &input.name)?;
    let (id, created_at) = (BotId(platform.clock.new_id()), platform.clock.now());
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    member.require(Permission::OrganizationManage)?;
    let inserted = store::insert_bot(tx.on(), id, member.organization_id(), &name, created_at).await;
    inserted.map_err(unless_taken)?;
    rights::note(platform, &mut tx, member, Action::BotCreated, name.clone()).await?;
    tx.commit().await?;
    Ok(Bot { id, name, avatar_url: None, created_at })
}

fn unless_taken(error: sqlx::Error) -> AppError {
    if is_unique_violation(&error) {
        return AppError::conflict("A bot with this name already exists. Choose another name.").on("name");
    }
    error.into()
}

/// Renames a bot, also on its past messages.
pub async fn rename(platform: &Platform, member: &Member, id: BotId, input: NewBot) -> Result<Bot> {
    member.require(Permission::OrganizationManage)?;
    let name = check_name("name", &input.name)?;
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    member.require(Permission::OrganizationManage)?;
    let renamed = store::rename_bot(tx.on(), member.organization_id(), id, &name).await;
    let row = renamed.map_err(unless_taken)?.ok_or_else(|| AppError::not_found("bot"))?;
    rights::note(platform, &mut tx, member, Action::BotRenamed, name).await?;
    tx.commit().await?;
    // Its name is on messages of any channel, so pages reload.
    live_event::publish(platform, member.organization_id(), LiveEvent::Resync {}).await;
    Ok(bot(row))
}

/// Removes a bot and its picture. Tokens that post as it become invalid; its past messages keep its name.
pub async fn remove(platform: &Platform, member: &Member, id: BotId) -> Result<()> {
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    member.require(Permission::OrganizationManage)?;
    let removed = store::remove_bot(&mut tx, member.organization_id(), id, platform.clock.now()).await?;
    let name = removed.ok_or_else(|| AppError::not_found("bot"))?;
    rights::note(platform, &mut tx, member, Action::BotRemoved, name).await?;
    store::point(tx.on(), PictureKind::BotAvatar, id.0, None).await?;
    remove_others(platform, &mut tx, PictureKind::BotAvatar, id.0, None).await?;
    tx.commit().await?;
    platform.job_added.notify_one();
    publish_change(platform, member, PictureKind::BotAvatar, id.0, None).await
}

/// Returns a bot of the organization that a token may post as.
pub async fn find(platform: &Platform, member: &Member, id: BotId) -> Result<Bot> {
    let row = store::find_bot(platform.db.on(), member.organization_id(), id).await?;
    row.map(bot).ok_or_else(|| AppError::not_found("bot"))
}

fn bot(row: BotRow) -> Bot {
    Bot { id: row.id, name: row.name, avatar_url: row.avatar_id.map(picture_url), created_at: row.created_at }
}

/// Returns a page of the organization's bots, by age.
pub async fn list(platform: &Platform, member: &Member, after: Option<BotId>) -> Result<Vec<Bot>> {
    let rows = store::bots(platform.db.on(), member.organization_id(), after, BOTS_PAGE).await?;
    Ok(rows.into_iter().map(bot).collect())
}
