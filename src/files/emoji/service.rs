//! The rules of emoji.

use emojis::{Group, UnicodeVersion};
use uuid::Uuid;

use super::model::{CustomEmoji, EmojiGroup, UnicodeEmoji, check_emoji_name, name_between_colons};
use super::store::{self, EmojiRow};
use super::text::{Piece, pieces};
use crate::ids::{EmojiId, OrganizationId};
use crate::live_event::{self, LiveEvent};
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::{On, Tx, is_unique_violation};
use crate::platform::error::{AppError, Result};
use crate::platform::picture_url::picture_url;

/// Maximum number of custom emoji: each open browser has all of them.
const LIVE_MAX: i64 = 500;
/// Number of removed emoji that are listed.
const REMOVED_SHOWN: i64 = 100;

/// Returns those in use, by name. At most [`LIVE_MAX`], so without pages.
pub async fn live(platform: &Platform, member: &Member) -> Result<Vec<CustomEmoji>> {
    Ok(store::live(platform.db.on(), member.organization_id()).await?.into_iter().map(custom).collect())
}

/// Returns the latest removed ones.
pub async fn removed(platform: &Platform, member: &Member) -> Result<Vec<CustomEmoji>> {
    member.require(Permission::EmojiManage)?;
    let rows = store::removed(platform.db.on(), member.organization_id(), REMOVED_SHOWN).await?;
    Ok(rows.into_iter().map(custom).collect())
}

fn custom(row: EmojiRow) -> CustomEmoji {
    CustomEmoji {
        url: picture_url(row.id.0),
        id: row.id,
        name: row.name,
        added_by: row.added_by,
        created_at: row.created_at,
        removed_at: row.removed_at,
    }
}

/// Checks the name of a new emoji, and returns it as it is stored.
pub async fn check_new_name(platform: &Platform, member: &Member, name: Option<&str>) -> Result<String> {
    let name = check_emoji_name(name.unwrap_or_default())?;
    if let Some(known) = emojis::get_by_shortcode(&name) {
        return Err(AppError::invalid("name", format!("This is already the name of {known}. Choose another name.")));
    }
    if store::is_taken(platform.db.on(), member.organization_id(), &name).await? {
        return Err(taken());
    }
    if store::count(platform.db.on(), member.organization_id()).await? >= LIVE_MAX {
        return Err(AppError::conflict(format!("You already have {LIVE_MAX} custom emoji. Remove one first.")));
    }
    Ok(name)
}

fn taken() -> AppError {
    AppError::conflict("An emoji with this name already exists. Choose another name, or remove that emoji first.")
        .on("name")
}

fn unless_taken(error: sqlx::Error) -> AppError {
    if is_unique_violation(&error) { taken() } else { error.into() }
}

/// Creates an emoji from a complete picture, inside its transaction.
pub async fn add(platform: &Platform, tx: &mut Tx, member: &Member, picture: Uuid, name: &str) -> Result<()> {
    let now = platform.clock.now();
    let added = store::insert(tx.on(), EmojiId(picture), member.organization_id(), name, member.id, now).await;
    added.map_err(unless_taken)
}

/// Removes an emoji. Texts show its name from now on. Repeating it changes nothing.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn remove(platform: &Platform, member: &Member, id: EmojiId) -> Result<CustomEmoji> {
    set_removed(platform, member, id, true).await
}

/// Restores a removed emoji, unless its name is in use again. Repeating it changes nothing.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn restore(platform: &Platform, member: &Member, id: EmojiId) -> Result<CustomEmoji> {
    set_removed(platform, member, id, false).await
}

async fn set_removed(platform: &Platform, member: &Member, id: EmojiId, removed: bool) -> Result<CustomEmoji> {
    let organization = member.organization_id();
    let find = async || -> Result<CustomEmoji> {
        let row = store::find(platform.db.on(), organization, id).await?;
        row.map(custom).ok_or_else(|| AppError::not_found("emoji"))
    };
    find().await?;
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    member.require(Permission::EmojiManage)?;
    let removed_at = removed.then(|| platform.clock.now());
    store::set_removed(tx.on(), organization, id, removed_at).await.map_err(unless_taken)?;
    tx.commit().await?;
    publish_change(platform, organization).await;
    find().await
}

/// Notifies open browsers to load the emoji again.
pub async fn publish_change(platform: &Platform, organization: OrganizationId) {
    live_event::publish(platform, organization, LiveEvent::EmojiChanged {}).await;
}

/// Checks the emoji of a reaction: a Unicode emoji, or `:name:` of a custom one in use. Returns the stored spelling.
pub async fn check_reaction(on: On<'_>, member: &Member, text: &str) -> Result<String> {
    let text = text.trim();
    if let Some(known) = emojis::get(text) {
        return Ok(known.as_str().to_owned());
    }
    if let Some(name) = name_between_colons(text)
        && store::is_taken(on, member.organization_id(), name).await?
    {
        return Ok(text.to_owned());
    }
    Err(AppError::invalid("emoji", "Enter one emoji, or the :name: of a custom emoji of your organization."))
}

/// Returns a text as it is stored: shortcodes of Unicode emoji between colons become the characters, except in URLs.
pub fn with_characters(text: &str) -> String {
    let character = |name: &str| emojis::get_by_shortcode(name).map(emojis::Emoji::as_str);
    let piece = |piece| match piece {
        Piece::Text(text) => text,
        Piece::Emoji(name) => character(&name).unwrap_or_default().to_owned(),
    };
    let word = |word: &str| {
        if word.contains("://") {
            return word.to_owned();
        }
        pieces(word, |name| character(name).is_some()).into_iter().map(piece).collect()
    };
    text.split_inclusive(char::is_whitespace).map(word).collect()
}

/// Newer emoji are empty boxes on most devices.
const SHOWN_VERSION: UnicodeVersion = UnicodeVersion::new(15, 1);

/// Returns Unicode's emoji, by group.
pub fn unicode() -> Vec<EmojiGroup> {
    let emoji = |emoji: &'static emojis::Emoji| {
        let shortcodes = emoji.shortcodes().collect::<Vec<_>>().join(" ");
        let light = emoji.with_skin_tone(emojis::SkinTone::Light).map(emojis::Emoji::as_str).unwrap_or_default();
        UnicodeEmoji(emoji.as_str().to_owned(), emoji.name().to_owned(), shortcodes, light.to_owned())
    };
    let shown = |group: Group| group.emojis().filter(|emoji| emoji.unicode_version() <= SHOWN_VERSION);
    Group::iter()
        .map(|group| EmojiGroup { name: group_name(group).to_owned(), emoji: shown(group).map(emoji).collect() })
        .collect()
}

const fn group_name(group: Group) -> &'static str {
    match group {
        Group::SmileysAndEmotion => "Smileys",
        Group::PeopleAndBody => "People",
        Group::AnimalsAndNature => "Nature",
        Group::FoodAndDrink => "Food",
        Group::TravelAndPlaces => "Travel",
        Group::Activities => "Activities",
        Group::Objects => "Objects",
        Group::Symbols => "Symbols",
        Group::Flags => "Flags",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortcodes_become_characters() {
        for (text, kept) in [
            ("well done :tada:", "well done 🎉"),
            (":tada::tada:", "🎉🎉"),
            ("(:+1:)", "(👍)"),
            (":party_parrot: :tada:", ":party_parrot: 🎉"),
            ("at 10:30:20,\n:ok: b, not :x:", "at 10:30:20,\n🆗 b, not :x:"),
            ("https://example.com/:tada:/", "https://example.com/:tada:/"),
            ("nothing", "nothing"),
            ("", ""),
        ] {
            assert_eq!(with_characters(text), kept, "{text}");
        }
    }
}
