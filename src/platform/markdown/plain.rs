//! The words of a text without its marks: for previews, quotes and searches.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::{Block, Inline, parse, parse_part};

/// Returns a text without marks. Items of a list begin with a dot or their number.
pub fn plain(text: &str) -> Cow<'_, str> {
    parse(text).map_or(Cow::Borrowed(text), |blocks| Cow::Owned(words(&blocks)))
}

/// Returns at most `max` characters of the beginning of a text, without marks.
pub fn plain_beginning(text: &str, max: usize) -> Cow<'_, str> {
    let end = text.char_indices().nth(max).map(|(end, _)| end);
    let beginning = &text[..end.unwrap_or(text.len())];
    parse_part(beginning, end.is_some()).map_or(Cow::Borrowed(beginning), |blocks| Cow::Owned(words(&blocks)))
}

fn words(blocks: &[Block]) -> String {
    let mut words = String::new();
    add_blocks(&mut words, blocks);
    words
}

fn add_blocks(words: &mut String, blocks: &[Block]) {
    for (place, block) in blocks.iter().enumerate() {
        if place > 0 {
            words.push('\n');
        }
        match block {
            Block::Text(inlines) => add_inlines(words, inlines),
            Block::Code(code) => words.push_str(code),
            Block::Quote(blocks) => add_blocks(words, blocks),
            Block::List { start, items } => {
                for (place, item) in items.iter().enumerate() {
                    if place > 0 {
                        words.push('\n');
                    }
                    match start {
                        Some(start) => _ = write!(words, "{}. ", *start as usize + place),
                        None => words.push_str("• "),
                    }
                    add_blocks(words, item);
                }
            }
        }
    }
}

fn add_inlines(words: &mut String, inlines: &[Inline]) {
    for inline in inlines {
        match inline {
            Inline::Text(text) | Inline::Code(text) => words.push_str(text),
            Inline::Strong(inlines) | Inline::Emphasis(inlines) => add_inlines(words, inlines),
            Inline::Link { text, .. } => add_inlines(words, text),
        }
    }
}
