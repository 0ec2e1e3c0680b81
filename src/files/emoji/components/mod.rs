//! Components that show and pick emoji.

mod catalog;
mod custom;
mod emoji_text;
mod lazy;
mod picker;
mod recent;
mod skin_tone;
mod suggestions;

pub use custom::{CustomEmojis, use_custom_emoji, use_custom_emoji_source};
pub use emoji_text::{EmojiImage, EmojiText};
pub use picker::EmojiButton;
pub use suggestions::{SuggestionList, Suggestions, use_suggestions};
