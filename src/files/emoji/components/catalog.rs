//! The catalog of all emoji: custom ones, and Unicode's, which are loaded at first use.

use dioxus::prelude::*;

use super::custom::CustomEmojis;
use super::skin_tone::kept_tone;
use crate::files::emoji::api::unicode_emoji;
use crate::files::emoji::model::{EmojiGroup, SkinTone, UnicodeEmoji};
use crate::files::emoji::search::rank;

/// An emoji to choose.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The text: the character, or `:name:` of a custom emoji.
    pub value: String,
    /// Such as "party popper".
    pub name: String,
    /// A shortcode such as `:tada:`, if it differs from the name.
    pub code: Option<String>,
}

impl Choice {
    fn custom(name: &str) -> Self {
        let value = format!(":{name}:");
        Self { name: value.clone(), value, code: None }
    }

    fn unicode(emoji: &UnicodeEmoji, value: String) -> Self {
        let UnicodeEmoji(_, name, shortcodes, _) = emoji;
        let code = shortcodes.split(' ').next().filter(|code| !code.is_empty()).map(|code| format!(":{code}:"));
        Self { value, name: name.clone(), code }
    }
}

#[derive(Clone, Copy, PartialEq)]
pub struct Catalog {
    custom: CustomEmojis,
    unicode: Signal<Vec<EmojiGroup>>,
    loading: Signal<bool>,
    /// The skin tone of people.
    pub tone: Signal<SkinTone>,
    /// Why Unicode's emoji could not be loaded.
    pub failure: Signal<Option<String>>,
}

impl Catalog {
    /// Provides the catalog to all components below.
    pub fn provide(custom: CustomEmojis) {
        let (unicode, loading, failure) = (use_signal(Vec::new), use_signal(|| false), use_signal(|| None));
        let tone = use_signal(SkinTone::default);
        use_context_provider(|| Self { custom, unicode, loading, tone, failure });
    }

    /// Loads Unicode's emoji, once.
    pub async fn load(mut self) {
        if (self.loading)() || self.is_loaded() {
            return;
        }
        self.loading.set(true);
        self.failure.set(None);
        self.tone.set(kept_tone());
        match unicode_emoji().await {
            Ok(groups) => self.unicode.set(groups),
            Err(error) => self.failure.set(Some(error.message)),
        }
        self.loading.set(false);
    }

    pub fn is_loaded(self) -> bool {
        !self.unicode.read().is_empty()
    }

    /// Returns name and first emoji of each Unicode group.
    pub fn groups(self) -> Vec<(String, String)> {
        let first = |group: &EmojiGroup| Some((group.name.clone(), group.emoji.first()?.0.clone()));
        self.unicode.read().iter().filter_map(first).collect()
    }

    /// Returns a Unicode group, by its index.
    pub fn group(self, place: usize) -> Vec<Choice> {
        let toned = |emoji| self.toned(emoji);
        self.unicode.read().get(place).map(|group| group.emoji.iter().map(toned).collect()).unwrap_or_default()
    }

    fn toned(self, emoji: &UnicodeEmoji) -> Choice {
        Choice::unicode(emoji, emoji.toned((self.tone)()))
    }

    /// Returns the custom emoji, by name.
    pub fn own(self) -> Vec<Choice> {
        self.custom.all().iter().map(|emoji| Choice::custom(&emoji.name)).collect()
    }

    /// Returns the emoji with these values that exist, in the same order.
    pub fn of_values(self, values: &[String]) -> Vec<Choice> {
        let unicode = self.unicode.read();
        let find = |value: &String| {
            if let Some(name) = value.strip_prefix(':').and_then(|rest| rest.strip_suffix(':')) {
                return self.custom.knows(name).then(|| Choice::custom(name));
            }
            let mut all = unicode.iter().flat_map(|group| &group.emoji);
            all.find(|emoji| emoji.is(value)).map(|emoji| Choice::unicode(emoji, value.clone()))
        };
        values.iter().filter_map(find).collect()
    }

    /// Returns the Unicode emoji with exactly this shortcode.
    pub fn character(self, shortcode: &str) -> Option<String> {
        let unicode = self.unicode.read();
        let mut all = unicode.iter().flat_map(|group| &group.emoji);
        all.find(|emoji| emoji.2.split(' ').any(|code| code == shortcode)).map(|emoji| emoji.toned((self.tone)()))
    }

    /// Returns the emoji that match a search, best first, custom ones before Unicode's.
    pub fn search(self, typed: &str, limit: usize) -> Vec<Choice> {
        let mut found = Vec::new();
        for emoji in self.custom.all() {
            if let Some(rank) = rank(typed, &emoji.name, &emoji.name) {
                found.push((rank, Choice::custom(&emoji.name)));
            }
        }
        for emoji in self.unicode.read().iter().flat_map(|group| &group.emoji) {
            if let Some(rank) = rank(typed, &emoji.1, &emoji.2) {
                found.push((rank, self.toned(emoji)));
            }
        }
        found.sort_by_key(|(rank, _)| *rank);
        found.into_iter().take(limit).map(|(_, choice)| choice).collect()
    }
}

pub fn use_catalog() -> Catalog {
    use_context()
}
