//! The blocks of a text, line by line: code between fences, quotes, lists, and text.

use super::inline;
use super::{Block, DEPTH_MAX};

/// Number of backticks that begin a block of code.
const FENCE: usize = 3;
/// Number of spaces that make a line part of the list item above.
const INDENTATION: usize = 2;
/// Maximum number of digits of an item's number, so that a year ends a sentence and begins no list.
const DIGITS_MAX: usize = 3;

/// `is_cut`: the text ends before its end, so that a block of code may have lost its last fence.
pub fn parse(lines: &[&str], is_cut: bool) -> Vec<Block> {
    Parser { is_cut }.blocks(lines, 0, false)
}

struct Parser {
    is_cut: bool,
}

/// A block, and the number of its lines.
type Parsed = (Block, usize);

impl Parser {
    fn blocks(&self, lines: &[&str], depth: usize, in_list: bool) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut text: Vec<&str> = Vec::new();
        // Fences at least as long have no end, so that they are not searched for again.
        let mut endless = usize::MAX;
        let mut at = 0;
        while at < lines.len() {
            let rest = &lines[at..];
            let parsed = self.code(rest, &mut endless).or_else(|| self.quote(rest, depth));
            let parsed = parsed.or_else(|| self.list(rest, depth, in_list));
            if let Some((block, count)) = parsed {
                blocks.extend(text_block(&text));
                text.clear();
                blocks.push(block);
                at += count;
            } else {
                text.push(lines[at]);
                at += 1;
            }
        }
        blocks.extend(text_block(&text));
        blocks
    }

    /// A block of code ends with a line of backticks, at least as many as it begins with. Without one it is text.
    fn code(&self, lines: &[&str], endless: &mut usize) -> Option<Parsed> {
        let first = lines.first()?;
        let length = first.bytes().take_while(|byte| *byte == b'`').count();
        if length < FENCE || length >= *endless || first[length..].contains('`') {
            return None;
        }
        let ends = |line: &&str| {
            let line = line.trim_end();
            line.len() >= length && line.bytes().all(|byte| byte == b'`')
        };
        let count = match lines[1..].iter().position(ends) {
            Some(count) => count,
            None if self.is_cut => lines.len() - 1,
            None => {
                *endless = length;
                return None;
            }
        };
        let code = &lines[1..=count];
        let all = (count + 2).min(lines.len());
        if code.iter().all(|line| line.trim().is_empty()) {
            return text_block(&lines[..all]).map(|text| (text, all));
        }
        Some((Block::Code(code.join("\n")), all))
    }

    /// Lines that begin with `>` and a space. Those of a prompt (`>>>`), an arrow or a face are text.
    fn quote(&self, lines: &[&str], depth: usize) -> Option<Parsed> {
        if depth == DEPTH_MAX || lines.first()?.strip_prefix("> ")?.trim().is_empty() {
            return None;
        }
        let blank = |line: &str| (line == ">").then_some("");
        let inside: Vec<&str> =
            lines.iter().map_while(|line| line.strip_prefix("> ").or_else(|| blank(line))).collect();
        let count = inside.len();
        Some((Block::Quote(self.blocks(&inside, depth + 1, false)), count))
    }

    /// Two items or more; within a list one is enough.
    fn list(&self, lines: &[&str], depth: usize, in_list: bool) -> Option<Parsed> {
        if depth == DEPTH_MAX {
            return None;
        }
        let (first, _) = item(lines.first()?)?;
        let mut next = first;
        let (mut items, mut count) = (Vec::new(), 0);
        while let Some((marker, begin)) = lines.get(count).and_then(|line| item(line))
            && marker == next
        {
            let (mut content, length) = continuation(&lines[count + 1..]);
            content.insert(0, begin);
            items.push(content);
            count += 1 + length;
            next = marker.following();
            // A blank line between two items.
            let is_blank = lines.get(count).is_some_and(|line| line.trim().is_empty());
            let goes_on = lines.get(count + 1).and_then(|line| item(line)).is_some_and(|(marker, _)| marker == next);
            if is_blank && goes_on {
                count += 1;
            }
        }
        if items.len() < 2 && !in_list {
            return None;
        }
        let items = items.iter().map(|content| self.blocks(content, depth + 1, true)).collect();
        let start = match first {
            Marker::Number(number) => Some(number),
            Marker::Bullet(_) => None,
        };
        Some((Block::List { start, items }, count))
    }
}

/// Text, without the blank lines between it and other blocks.
fn text_block(lines: &[&str]) -> Option<Block> {
    let is_blank = |line: &&str| line.trim().is_empty();
    let first = lines.iter().position(|line| !is_blank(line))?;
    let last = lines.iter().rposition(|line| !is_blank(line))?;
    Some(Block::Text(inline::parse(&lines[first..=last])))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marker {
    Bullet(u8),
    Number(u32),
}

impl Marker {
    /// Returns the marker of the next item. Numbers are consecutive, because those that are shown are those that were
    /// written.
    fn following(self) -> Self {
        match self {
            Self::Bullet(_) => self,
            Self::Number(number) => Self::Number(number + 1),
        }
    }
}

/// Parses the first line of an item: `- `, `* ` or `1. `, and a text.
fn item(line: &str) -> Option<(Marker, &str)> {
    let (marker, text) = if let Some(text) = line.strip_prefix("- ") {
        (Marker::Bullet(b'-'), text)
    } else if let Some(text) = line.strip_prefix("* ") {
        (Marker::Bullet(b'*'), text)
    } else {
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        let text = line[digits..].strip_prefix(". ")?;
        if digits > DIGITS_MAX || (line.starts_with('0') && digits > 1) {
            return None;
        }
        (Marker::Number(line[..digits].parse().ok()?), text)
    };
    // A line of marks is a rule.
    text.contains(|c: char| !c.is_whitespace() && !"-*_".contains(c)).then_some((marker, text.trim_start()))
}

/// Returns the indented lines after the first one of an item, without their indentation, and their number.
fn continuation<'a>(lines: &[&'a str]) -> (Vec<&'a str>, usize) {
    let mut content = Vec::new();
    let mut indentation = None;
    for (at, line) in lines.iter().enumerate() {
        if is_indented(line) {
            let own = line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            content.push(&line[own.min(*indentation.get_or_insert(own))..]);
        } else if line.trim().is_empty() && lines.get(at + 1).is_some_and(|next| is_indented(next)) {
            content.push("");
        } else {
            break;
        }
    }
    let count = content.len();
    (content, count)
}

/// Returns whether a line that is not blank belongs to an item above.
fn is_indented(line: &str) -> bool {
    let begins = line.starts_with('\t') || line.bytes().take_while(|byte| *byte == b' ').count() >= INDENTATION;
    begins && !line.trim().is_empty()
}
