//! Which characters of a line can be marks. The parser gets a copy of the line in which all others are letters.
//!
//! `CommonMark` is for documents: in `5*x + 3*y` it finds marks that nobody has meant. A mark begins or ends a word here.

use std::ops::Range;

use crate::platform::links::{first_link, without_end};

/// Replaces a character that is no mark. A letter, so that the marks beside it keep their meaning.
const LETTER: u8 = b'x';
/// Maximum number of marks next to each other.
const RUN_MAX: usize = 3;
/// Maximum number of characters of a line that can be marks. A line with more stays text.
const MARKS_MAX: usize = 2000;
/// Maximum number of URLs of a line with marks. A line with more stays text.
const URLS_MAX: usize = 100;

/// Returns a line of the same length, without what is not a mark. `None` for a line without marks.
pub fn masked(line: &str) -> Option<String> {
    if !line.bytes().any(|byte| matches!(byte, b'*' | b'_' | b'`' | b'[')) {
        return None;
    }
    let mut bytes = line.as_bytes().to_vec();
    for url in urls(line)? {
        for byte in &mut bytes[url] {
            if byte.is_ascii_punctuation() {
                *byte = LETTER;
            }
        }
    }
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if !matches!(byte, b'*' | b'_' | b'`') {
            at += 1;
            continue;
        }
        let length = bytes[at..].iter().take_while(|other| **other == byte).count();
        let run = at..at + length;
        let is_mark = match byte {
            b'*' => length <= RUN_MAX && (opens(line, &run) || closes(line, &run)),
            // Two are names of programs (`__init__`), three are blanks to fill in.
            b'_' => length == 1 && (opens(line, &run) || closes(line, &run)),
            // Within a word it is an apostrophe.
            _ => is_edge(before(line, run.start)) || is_edge(after(line, run.end)),
        };
        if !is_mark {
            bytes[run].fill(LETTER);
        }
        at += length;
    }
    let marks = bytes.iter().filter(|byte| matches!(byte, b'*' | b'_' | b'`' | b'[')).count();
    // Only ASCII was replaced, by ASCII.
    if (1..=MARKS_MAX).contains(&marks) { String::from_utf8(bytes).ok() } else { None }
}

/// Returns the parts of a line that are URLs, without marks around them. `None` if there are too many.
fn urls(line: &str) -> Option<Vec<Range<usize>>> {
    let mut urls = Vec::new();
    let mut at = 0;
    while let Some((before, link)) = first_link(&line[at..]) {
        if urls.len() == URLS_MAX {
            return None;
        }
        let start = at + before;
        // Code ends with a backtick; behind the text of a link is another URL.
        let ends = [link.text.find('`'), link.text.find("](")];
        let end = ends.into_iter().flatten().min().unwrap_or(link.text.len()).max(1);
        urls.push(start..start + without_marks(&link.text[..end]).len());
        at = start + end;
    }
    Some(urls)
}

/// Removes what follows a URL in a sentence.
fn without_marks(url: &str) -> &str {
    without_end(url, &['*', '_'])
}

pub fn before(line: &str, at: usize) -> Option<char> {
    line[..at].chars().next_back()
}

pub fn after(line: &str, at: usize) -> Option<char> {
    line[at..].chars().next()
}

/// Returns whether a word can end or begin beside this character.
pub fn is_edge(c: Option<char>) -> bool {
    c.is_none_or(|c| !c.is_alphanumeric() || has_no_spaces(c))
}

fn opens(line: &str, run: &Range<usize>) -> bool {
    let is_before_word = after(line, run.end).is_some_and(|c| !c.is_whitespace() && c != '/');
    let is_after_gap = before(line, run.start)
        .is_none_or(|c| c.is_whitespace() || "([{\"'“‘„‚«‹¡¿–—*_".contains(c) || has_no_spaces(c));
    is_before_word && is_after_gap
}

fn closes(line: &str, run: &Range<usize>) -> bool {
    let is_after_word = before(line, run.start).is_some_and(|c| !c.is_whitespace() && c != '/');
    let is_before_gap = after(line, run.end)
        .is_none_or(|c| c.is_whitespace() || ".,;:!?)]}\"'”’“‘»›…–—*_".contains(c) || has_no_spaces(c));
    is_after_word && is_before_gap
}

/// Returns whether a character belongs to a script that writes words without spaces between them, or with endings that
/// are added to any word: Thai to Burmese, Chinese, Japanese and Korean, with their punctuation.
fn has_no_spaces(c: char) -> bool {
    matches!(
        c,
        '\u{e00}'..='\u{eff}'
            | '\u{1000}'..='\u{109f}'
            | '\u{1780}'..='\u{17ff}'
            | '\u{3000}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}'
            | '\u{ff00}'..='\u{ffef}'
            | '\u{20000}'..='\u{3ffff}'
    )
}
