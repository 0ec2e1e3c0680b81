//! Emoji, for both sides, and their form in texts.

use serde::{Deserialize, Serialize};

use crate::ids::EmojiId;
use crate::platform::error::{AppError, Result};
use crate::platform::timestamp::Timestamp;

const NAME_MIN: usize = 2;
const NAME_MAX: usize = 32;

/// A custom emoji.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomEmoji {
    pub id: EmojiId,
    /// Without colons.
    pub name: String,
    /// URL of the picture.
    pub url: String,
    /// The name of the member who added it.
    pub added_by: String,
    pub created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_at: Option<Timestamp>,
}

/// Unicode's emoji of one group, in Unicode's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmojiGroup {
    pub name: String,
    pub emoji: Vec<UnicodeEmoji>,
}

/// Serialized as `[emoji, name, shortcodes, light]`, because there are two thousand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnicodeEmoji(
    pub String,
    /// Such as "grinning face".
    pub String,
    /// The texts between colons, separated by spaces. Some emoji have none.
    pub String,
    /// The same with light skin; empty if it shows no skin.
    pub String,
);

/// The skin tone of emoji of people (Unicode TS #51, §2.4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SkinTone {
    /// Yellow, without a modifier.
    #[default]
    Neutral,
    Light,
    MediumLight,
    Medium,
    MediumDark,
    Dark,
}

impl SkinTone {
    pub const ALL: [Self; 6] =
        [Self::Neutral, Self::Light, Self::MediumLight, Self::Medium, Self::MediumDark, Self::Dark];

    pub const fn words(self) -> &'static str {
        match self {
            Self::Neutral => "No skin tone",
            Self::Light => "Light",
            Self::MediumLight => "Medium-light",
            Self::Medium => "Medium",
            Self::MediumDark => "Medium-dark",
            Self::Dark => "Dark",
        }
    }

    const fn modifier(self) -> Option<&'static str> {
        match self {
            Self::Neutral => None,
            Self::Light => Some("\u{1f3fb}"),
            Self::MediumLight => Some("\u{1f3fc}"),
            Self::Medium => Some("\u{1f3fd}"),
            Self::MediumDark => Some("\u{1f3fe}"),
            Self::Dark => Some("\u{1f3ff}"),
        }
    }
}

impl UnicodeEmoji {
    /// Returns the emoji with this skin tone, if it shows skin.
    pub fn toned(&self, tone: SkinTone) -> String {
        match tone.modifier() {
            Some(modifier) if !self.3.is_empty() => self.3.replace('\u{1f3fb}', modifier),
            _ => self.0.clone(),
        }
    }

    /// Returns whether a text is this emoji, in any skin tone.
    pub fn is(&self, text: &str) -> bool {
        self.0 == text
            || (!self.3.is_empty() && text.replace(|c| ('\u{1f3fb}'..='\u{1f3ff}').contains(&c), "\u{1f3fb}") == self.3)
    }
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || "_+-".contains(c)
}

/// Checks a name, with or without colons, and returns it in lower case.
pub fn check_emoji_name(text: &str) -> Result<String> {
    let name = text.trim().trim_matches(':').to_lowercase();
    if !is_emoji_name(&name) {
        let message = format!("Use {NAME_MIN} to {NAME_MAX} of a–z, 0–9, _, + and -, such as party_parrot.");
        return Err(AppError::invalid("name", message));
    }
    Ok(name)
}

/// Returns the name in `:name:`, if it is a valid one.
pub fn name_between_colons(text: &str) -> Option<&str> {
    let name = text.strip_prefix(':')?.strip_suffix(':')?;
    is_emoji_name(name).then_some(name)
}

/// Returns whether this is a valid name of a custom emoji.
pub fn is_emoji_name(name: &str) -> bool {
    (NAME_MIN..=NAME_MAX).contains(&name.len()) && name.chars().all(is_name_char)
}

/// Suggests a name from a file name: invalid characters become underscores.
pub fn suggest_emoji_name(file_name: &str) -> String {
    let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem).to_lowercase();
    let name: String = stem.chars().map(|c| if is_name_char(c) { c } else { '_' }).take(NAME_MAX).collect();
    name.trim_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skin_is_shown_where_there_is_some() {
        let emoji = |plain: &str, light: &str| UnicodeEmoji(plain.into(), String::new(), String::new(), light.into());
        let wave = emoji("👋", "👋🏻");
        assert_eq!(SkinTone::ALL.map(|tone| wave.toned(tone)), ["👋", "👋🏻", "👋🏼", "👋🏽", "👋🏾", "👋🏿"]);
        assert_eq!(emoji("🧑‍🔧", "🧑🏻‍🔧").toned(SkinTone::Dark), "🧑🏿‍🔧");
        assert_eq!(emoji("🎉", "").toned(SkinTone::Dark), "🎉");
        assert!(wave.is("👋") && wave.is("👋🏽") && !wave.is("🎉") && !emoji("🎉", "").is("👋🏽"));
    }

    #[test]
    fn names_are_short_and_plain() {
        assert_eq!(check_emoji_name(" :Party_Parrot: ").unwrap(), "party_parrot");
        assert_eq!(check_emoji_name("+2").unwrap(), "+2");
        for wrong in ["", "a", "a b", "é!", "party:parrot", "ÄÄ", &"a".repeat(33)] {
            assert!(check_emoji_name(wrong).is_err(), "{wrong}");
        }
        assert_eq!(suggest_emoji_name("Party Parrot (1).gif"), "party_parrot__1");
        assert_eq!(suggest_emoji_name(".png"), "");
        assert_eq!(name_between_colons(":ok:"), Some("ok"));
        assert_eq!(name_between_colons(":OK:"), None);
        assert_eq!(name_between_colons(":"), None);
        assert_eq!(name_between_colons("ok"), None);
    }
}
