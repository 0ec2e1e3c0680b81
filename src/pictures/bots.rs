//! Bots: a name and a face for a program.

use super::model::{Bot, BotId, NewBot};
use super::store::{self, BotRow};
use crate::auth::model::check_name;
use crate::organizations::model::Permission;
use crate::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::is_unique_violation;
use crate::platform::error::{AppError, Result};
use crate::platform::picture_url::picture_url;

const BOTS_PAGE: i64 = 100;

/// Makes a bot: a name and a face for a program.
pub async fn create(platform: &Platform, member: &Member, input: NewBot) -> Result<Bot> {
    member.require(Permission::OrganizationManage)?;
    let name = check_name("name", &input.name)?;
    let (id, created_at) = (BotId(platform.clock.new_id()), platform.clock.now());
    let inserted = store::insert_bot(platform.db.on(), id, member.organization_id(), &name, created_at).await;
    inserted.map_err(|error| {
        if is_unique_violation(&error) {
            return AppError::conflict("There is a bot of this name already. Choose another.").on("name");
        }
        error.into()
    })?;
    Ok(Bot { id, name, avatar_url: None, created_at })
}

/// A page of the organisation's bots, by age.
pub async fn list(platform: &Platform, member: &Member, after: Option<BotId>) -> Result<Vec<Bot>> {
    let rows = store::bots(platform.db.on(), member.organization_id(), after, BOTS_PAGE).await?;
    let bot = |row: BotRow| Bot {
        id: row.id,
        name: row.name,
        avatar_url: row.avatar_id.map(picture_url),
        created_at: row.created_at,
    };
    Ok(rows.into_iter().map(bot).collect())
}
