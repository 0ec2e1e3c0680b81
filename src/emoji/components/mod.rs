//! Emoji as people see and choose them.

mod custom;
mod emoji_text;

pub use custom::{CustomEmojis, use_custom_emoji, use_custom_emoji_source};
pub use emoji_text::{EmojiImage, EmojiText};
