//! The marks within a line. The parser says where they are; the text is always that of the line itself.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

use super::marks::{before, is_edge, masked};
use super::{DEPTH_MAX, Inline};
use crate::platform::links::{address_of, first_link};
use crate::platform::visible::is_invisible;

/// Put before each line, which so is ordinary text for the parser: no heading, list or table.
const PREFIX: &str = "x ";

/// Parses lines of text. They keep their line breaks.
pub fn parse(lines: &[&str]) -> Vec<Inline> {
    let mut inlines = Vec::new();
    for (number, &line) in lines.iter().enumerate() {
        if number > 0 {
            push_text(&mut inlines, "\n");
        }
        match masked(line) {
            Some(masked) => Line { source: line, at: 0, open: Vec::new(), inlines: &mut inlines }.parse(&masked),
            None => push_text(&mut inlines, line),
        }
    }
    inlines
}

fn push_text(inlines: &mut Vec<Inline>, text: &str) {
    if let Some(Inline::Text(last)) = inlines.last_mut() {
        last.push_str(text);
    } else if !text.is_empty() {
        inlines.push(Inline::Text(text.to_owned()));
    }
}

enum Kind {
    Strong,
    Emphasis,
    /// With the length of the URL.
    Link(usize),
}

impl Kind {
    /// Returns the lengths of the marks at both ends.
    fn marks(&self) -> (usize, usize) {
        match self {
            Self::Strong => (2, 2),
            Self::Emphasis => (1, 1),
            Self::Link(url) => (1, "]()".len() + url),
        }
    }
}

/// An element whose end has not been reached.
struct Open {
    /// `None` for one that stays text.
    kind: Option<Kind>,
    inlines: Vec<Inline>,
}

struct Line<'a> {
    source: &'a str,
    /// The end of what is done.
    at: usize,
    open: Vec<Open>,
    inlines: &'a mut Vec<Inline>,
}

impl Line<'_> {
    fn parse(mut self, masked: &str) {
        let text = format!("{PREFIX}{masked}");
        for (event, range) in Parser::new_ext(&text, Options::empty()).into_offset_iter() {
            let range = range.start.saturating_sub(PREFIX.len())..range.end.saturating_sub(PREFIX.len());
            match event {
                Event::Start(Tag::Strong) => self.begin(Some(Kind::Strong), range),
                Event::Start(Tag::Emphasis) => self.begin(Some(Kind::Emphasis), range),
                Event::Start(Tag::Link { link_type: LinkType::Inline, dest_url, .. }) => {
                    self.begin(Some(Kind::Link(dest_url.len())), range);
                }
                Event::Start(Tag::Link { .. } | Tag::Image { .. }) => self.begin(None, range),
                Event::End(TagEnd::Strong | TagEnd::Emphasis | TagEnd::Link | TagEnd::Image) => self.end(range),
                Event::Code(_) => self.code(&range),
                _ => {}
            }
        }
        self.text_to(self.source.len());
    }

    fn out(&mut self) -> &mut Vec<Inline> {
        match self.open.last_mut() {
            Some(open) => &mut open.inlines,
            None => self.inlines,
        }
    }

    /// Adds the text up to a place as it was written.
    fn text_to(&mut self, end: usize) {
        let line = self.source;
        if let Some(text) = line.get(self.at..end) {
            push_text(self.out(), text);
            self.at = end;
        }
    }

    fn begin(&mut self, kind: Option<Kind>, range: Range<usize>) {
        self.text_to(range.start);
        let is_too_deep = self.open.iter().filter(|open| open.kind.is_some()).count() >= DEPTH_MAX;
        let kind = kind.filter(|kind| !is_too_deep && self.is_complete(kind, &range));
        if let Some(kind) = &kind {
            self.at = range.start + kind.marks().0;
        }
        self.open.push(Open { kind, inlines: Vec::new() });
    }

    /// Returns whether an element has its marks and nothing else at its ends. A link may have a title, which is not
    /// supported.
    fn is_complete(&self, kind: &Kind, range: &Range<usize>) -> bool {
        let (first, last) = kind.marks();
        let Some(whole) = self.source.get(range.clone()).filter(|whole| whole.len() > first + last) else {
            return false;
        };
        match kind {
            Kind::Strong | Kind::Emphasis => whole[first..whole.len() - last].contains(char::is_alphanumeric),
            Kind::Link(_) => {
                let end = &whole[whole.len() - last..];
                is_edge(before(self.source, range.start)) && end.starts_with("](") && end.ends_with(')')
            }
        }
    }

    fn end(&mut self, range: Range<usize>) {
        let marks = self.open.last().and_then(|open| open.kind.as_ref()).map_or(0, |kind| kind.marks().1);
        self.text_to(range.end - marks);
        let Some(Open { kind, inlines }) = self.open.pop() else { return };
        let Some(kind) = kind else {
            // It may contain marks, but all of it is text.
            self.text_to(range.end);
            let out = self.out();
            for inline in inlines {
                push(out, inline);
            }
            return;
        };
        self.at = range.end;
        let inline = match kind {
            Kind::Strong => Some(Inline::Strong(inlines)),
            Kind::Emphasis => Some(Inline::Emphasis(inlines)),
            Kind::Link(_) => self.link(inlines, &range, marks),
        };
        if let Some(inline) = inline {
            self.out().push(inline);
        } else {
            let line = self.source;
            push_text(self.out(), &line[range]);
        }
    }

    /// Returns a link. `None` for a URL with another scheme, and for a text that names another URL.
    fn link(&self, text: Vec<Inline>, range: &Range<usize>, marks: usize) -> Option<Inline> {
        let address = address_of(&self.source[range.end - marks + "](".len()..range.end - 1])?;
        let shown = &self.source[range.start + 1..range.end - marks];
        let is_visible = shown.contains(|c: char| c.is_alphanumeric()) && !shown.contains(is_invisible);
        (is_visible && !names_other(shown, &address)).then_some(Inline::Link { text, address })
    }

    fn code(&mut self, range: &Range<usize>) {
        let Some(whole) = self.source.get(range.clone()) else { return };
        let length = whole.bytes().take_while(|byte| *byte == b'`').count();
        let Some(mut code) = whole.get(length..whole.len() - length) else { return };
        let is_word = is_edge(before(self.source, range.start)) && is_edge(self.source[range.end..].chars().next());
        if !is_word || code.trim().is_empty() {
            return;
        }
        // One space at each end separates backticks of the code from the marks.
        if let Some(inner) = code.strip_prefix(' ').and_then(|code| code.strip_suffix(' ')) {
            code = inner;
        }
        self.text_to(range.start);
        self.out().push(Inline::Code(code.to_owned()));
        self.at = range.end;
    }
}

/// Returns whether the text of a link has a URL that differs from the address.
fn names_other(shown: &str, address: &str) -> bool {
    let mut rest = shown;
    while let Some((before, link)) = first_link(rest) {
        if link.address != address {
            return true;
        }
        rest = &rest[before + link.text.len()..];
    }
    false
}

fn push(inlines: &mut Vec<Inline>, inline: Inline) {
    match inline {
        Inline::Text(text) => push_text(inlines, &text),
        other => inlines.push(other),
    }
}
