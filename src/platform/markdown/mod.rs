//! The Markdown of messages: bold, italic, code, lists, quotes and links. Returns a tree, never HTML.
//!
//! Only marks disappear, and only those of a complete element. Everything else, such as headings, tables, pictures, HTML
//! and backslashes, stays as it was written. docs/decisions/0039 has the rules.

mod blocks;
mod inline;
mod marks;
mod plain;
#[cfg(test)]
mod tests;
mod typing;

pub use plain::{plain, plain_beginning};
pub use typing::with_mark;

/// Maximum depth of quotes and lists, and of marks within a line. Deeper ones stay text.
const DEPTH_MAX: usize = 5;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// Text with its line breaks.
    Text(Vec<Inline>),
    /// The lines between two fences.
    Code(String),
    Quote(Vec<Block>),
    List {
        /// The number of the first item. `None` for a list without numbers.
        start: Option<u32>,
        items: Vec<Vec<Block>>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    Text(String),
    Code(String),
    Strong(Vec<Inline>),
    Emphasis(Vec<Inline>),
    Link {
        text: Vec<Inline>,
        /// With one of the schemes `http`, `https`, `mailto` and `tel`.
        address: String,
    },
}

/// Parses a message. `None` for a text without Markdown.
pub fn parse(text: &str) -> Option<Vec<Block>> {
    parse_part(text, false)
}

/// `is_cut`: the text is the beginning of a longer one, which may end within a block of code.
fn parse_part(text: &str, is_cut: bool) -> Option<Vec<Block>> {
    if !may_have_marks(text) {
        return None;
    }
    let lines: Vec<&str> = text.lines().collect();
    let blocks = blocks::parse(&lines, is_cut);
    let is_plain = match blocks.as_slice() {
        [] => true,
        [Block::Text(inlines)] => inlines.iter().all(|inline| matches!(inline, Inline::Text(_))),
        _ => false,
    };
    (!is_plain).then_some(blocks)
}

/// A cheap check for the many texts without Markdown.
fn may_have_marks(text: &str) -> bool {
    let begins_block = |line: &str| line.starts_with(['>', '-']) || line.starts_with(|c: char| c.is_ascii_digit());
    text.bytes().any(|byte| matches!(byte, b'*' | b'_' | b'`' | b'[')) || text.lines().any(begins_block)
}
