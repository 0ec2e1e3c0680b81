//! A text with its emoji.

use dioxus::prelude::*;

use super::custom::use_custom_emoji;
use crate::files::emoji::text::{Piece, pieces};

/// Renders a text. Nothing of it is parsed as markup.
#[component]
pub fn EmojiText(text: String) -> Element {
    let custom = use_custom_emoji();
    rsx! {
        for piece in pieces(&text, |name| custom.knows(name)) {
            match piece {
                Piece::Text(text) => rsx! { "{text}" },
                Piece::Emoji(name) => rsx! {
                    EmojiImage { name }
                },
            }
        }
    }
}

/// A custom emoji, or its name if it does not exist.
#[component]
pub fn EmojiImage(name: String) -> Element {
    match use_custom_emoji().url(&name) {
        Some(url) => rsx! {
            img { class: "emoji", src: "{url}", alt: ":{name}:", title: ":{name}:", draggable: false }
        },
        None => rsx! { ":{name}:" },
    }
}
