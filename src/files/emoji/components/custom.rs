//! The organization's custom emoji, updated by live events.

use dioxus::prelude::*;

use super::catalog::Catalog;
use crate::files::emoji::api::list_emoji;
use crate::files::emoji::model::CustomEmoji;
use crate::live_event::{LiveEvent, use_live};
use crate::ui::{use_loaded, use_refresh};

/// Those in use, by name. A list, because the code of a map weighs more than it saves.
#[derive(Clone, Copy, PartialEq)]
pub struct CustomEmojis(Signal<Vec<CustomEmoji>>);

impl CustomEmojis {
    pub fn knows(self, name: &str) -> bool {
        self.0.read().iter().any(|emoji| emoji.name == name)
    }

    pub fn url(self, name: &str) -> Option<String> {
        self.0.read().iter().find(|emoji| emoji.name == name).map(|emoji| emoji.url.clone())
    }

    /// Returns all, by name.
    pub fn all(self) -> Vec<CustomEmoji> {
        self.0.read().clone()
    }
}

fn by_name(mut list: Vec<CustomEmoji>) -> Vec<CustomEmoji> {
    list.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    list
}

/// Loads the emoji, for all components below.
pub fn use_custom_emoji_source() -> Result<(), RenderError> {
    let first = use_loaded(list_emoji)?;
    let emoji = use_signal(|| by_name(first.get().and_then(Result::ok).unwrap_or_default()));
    let custom = use_context_provider(|| CustomEmojis(emoji));
    Catalog::provide(custom);
    let refresh = use_refresh(emoji, || async { list_emoji().await.map(by_name) });
    use_live(move |event: LiveEvent| {
        if matches!(event, LiveEvent::Resync {} | LiveEvent::EmojiChanged {}) {
            refresh(());
        }
    });
    Ok(())
}

pub fn use_custom_emoji() -> CustomEmojis {
    use_context()
}
