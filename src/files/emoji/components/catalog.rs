//! All emoji that can be chosen: the organization's own, and Unicode's, which are fetched when somebody first looks for one.

use dioxus::prelude::*;

use super::custom::CustomEmojis;
use super::skin_tone::kept_tone;
use crate::files::emoji::api::unicode_emoji;
use crate::files::emoji::model::{EmojiGroup, SkinTone, UnicodeEmoji};
use crate::files::emoji::search::rank;

/// An emoji to choose.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// What is written: the character, or `:name:` of one of the organization's own.
    pub value: String,
    /// Such as "party popper".
    pub name: String,
    /// Such as `:tada:`, where that says more than the name.
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
    /// With which skin people are shown.
    pub tone: Signal<SkinTone>,
    /// Why Unicode's are not there.
    pub failure: Signal<Option<String>>,
}

impl Catalog {
    /// For all below.
    pub fn provide(custom: CustomEmojis) {
        let (unicode, loading, failure) = (use_signal(Vec::new), use_signal(|| false), use_signal(|| None));
        let tone = use_signal(SkinTone::default);
        use_context_provider(|| Self { custom, unicode, loading, tone, failure });
    }

    /// Fetches Unicode's, once.
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

    /// Name and first emoji of each group of Unicode's.
    pub fn groups(self) -> Vec<(String, String)> {
        let first = |group: &EmojiGroup| Some((group.name.clone(), group.emoji.first()?.0.clone()));
        self.unicode.read().iter().filter_map(first).collect()
    }

    /// A group of Unicode's, by its place.
    pub fn group(self, place: usize) -> Vec<Choice> {
        let toned = |emoji| self.toned(emoji);
        self.unicode.read().get(place).map(|group| group.emoji.iter().map(toned).collect()).unwrap_or_default()
    }

    fn toned(self, emoji: &UnicodeEmoji) -> Choice {
        Choice::unicode(emoji, emoji.toned((self.tone)()))
    }

    /// The organization's own, by name.
    pub fn own(self) -> Vec<Choice> {
        self.custom.all().iter().map(|emoji| Choice::custom(&emoji.name)).collect()
    }

    /// Those of some values that there are, in the same order.
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

    /// The Unicode emoji with exactly this shortcode.
    pub fn character(self, shortcode: &str) -> Option<String> {
        let unicode = self.unicode.read();
        let mut all = unicode.iter().flat_map(|group| &group.emoji);
        all.find(|emoji| emoji.2.split(' ').any(|code| code == shortcode)).map(|emoji| emoji.toned((self.tone)()))
    }

    /// What answers to what was typed, best first, the organization's own before Unicode's.
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
