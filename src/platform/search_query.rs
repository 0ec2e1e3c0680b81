//! The query language of searches: words in any order, and phrases in quotes.

use std::collections::BTreeSet;

use super::grams::grams;
use super::search::{SEARCH_MAX, needle};

/// A search as it was typed, folded. It has at least one term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchQuery {
    typed: String,
    terms: Vec<String>,
}

/// Some of the terms of a search, which has at most 100.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct TermSet(u128);

impl TermSet {
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl SearchQuery {
    /// Parses a search; `None` for an empty one. A term is a word or a part of one, or a phrase between quotes.
    pub fn parse(search: &str) -> Option<Self> {
        let typed = needle(search)?;
        let mut terms = Vec::new();
        let is_cut = typed.chars().count() == SEARCH_MAX;
        let mut rest = typed.as_str();
        while let Some((term, after)) = next_term(rest, is_cut) {
            if !terms.contains(&term) {
                terms.push(term);
            }
            rest = after;
        }
        Some(Self { typed, terms })
    }

    /// Returns whether each term is in one of these folded texts.
    pub fn matches(&self, texts: &[&str]) -> bool {
        self.terms.iter().all(|term| texts.iter().any(|text| contains(text, term)))
    }

    /// Returns which of the terms are in one of these folded texts.
    pub fn terms_in(&self, texts: &[&str]) -> TermSet {
        let is_there = |term: &&(usize, &String)| texts.iter().any(|text| contains(text, term.1));
        TermSet(self.terms.iter().enumerate().filter(|term| is_there(&term)).map(|(at, _)| 1_u128 << at).sum())
    }

    /// Returns the set of all terms.
    pub fn all_terms(&self) -> TermSet {
        TermSet((0..self.terms.len()).map(|at| 1_u128 << at).sum())
    }

    /// Returns the terms as JSON, for statements that compare each of them.
    pub fn terms_json(&self) -> String {
        serde_json::to_string(&self.terms).unwrap_or_default()
    }

    /// Returns the longest word of each term, which a text with the term contains.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().filter_map(|term| term.split(' ').max_by_key(|word| word.len()))
    }

    /// Returns the grams that each text has which contains all terms but these.
    pub fn grams_without(&self, others: TermSet) -> BTreeSet<String> {
        let rest = self.terms.iter().enumerate().filter(|(at, _)| others.0 & (1 << at) == 0);
        rest.flat_map(|(_, term)| grams(term)).collect()
    }

    /// Returns whether a folded text contains one of the terms.
    pub fn matches_partly(&self, text: &str) -> bool {
        self.terms.iter().any(|term| contains(text, term))
    }

    /// Returns the grams that each matching text has; none if the terms are too short.
    pub fn grams(&self) -> BTreeSet<String> {
        self.terms.iter().flat_map(|term| grams(term)).collect()
    }

    /// Returns the longest word, which each matching text contains.
    pub fn longest_word(&self) -> &str {
        let words = self.terms.iter().flat_map(|term| term.split(' '));
        words.max_by_key(|word| word.len()).unwrap_or_default()
    }

    /// Returns the texts to show as the match, the best first: the whole search, then its terms.
    pub fn shown(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.typed.as_str()).chain(self.terms.iter().map(String::as_str))
    }
}

/// Returns whether a folded text contains a term. In phrases, all whitespace is alike.
fn contains(text: &str, term: &str) -> bool {
    text.contains(term) || (term.contains(' ') && spaced(text).contains(term))
}

/// Joins the words of a text by single spaces.
pub fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Splits the first term from a text. In one that is cut, a phrase may have lost its closing quote.
fn next_term(text: &str, is_cut: bool) -> Option<(String, &str)> {
    let text = text.trim_start();
    let first = text.chars().next()?;
    if is_quote(first) {
        let quoted = &text[first.len_utf8()..];
        if let Some((phrase, after)) = up_to_quote(quoted) {
            return Some((spaced(phrase), after));
        }
        if is_cut && !quoted.trim().is_empty() {
            return Some((spaced(quoted), ""));
        }
    }
    let (word, after) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
    Some((word.to_owned(), after))
}

/// Splits a phrase at its closing quote, which ends a word. Returns `None` without one: the opening quote is an ordinary
/// character then.
fn up_to_quote(text: &str) -> Option<(&str, &str)> {
    let mut quotes = text.char_indices().filter(|(_, c)| is_quote(*c)).map(|(at, c)| (at, at + c.len_utf8()));
    let (at, end) = quotes.find(|(_, end)| text[*end..].chars().next().is_none_or(char::is_whitespace))?;
    let phrase = &text[..at];
    (!phrase.trim().is_empty()).then_some((phrase, &text[end..]))
}

/// Returns whether a character is a double quote. Phones type curly ones.
fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_phrases_are_terms() {
        for (search, terms) in [
            ("Siphon", &["siphon"][..]),
            (" leaky  Siphon leaky ", &["leaky", "siphon"]),
            (r#""leaky  siphon" bath"#, &["leaky siphon", "bath"]),
            ("“Leaky Siphon”", &["leaky siphon"]),
            (r#"a "b"#, &["a", "\"b"]),
            (r#"5" pipe 6""#, &["5\"", "pipe", "6\""]),
            (r#""say "yes" now""#, &["say \"yes", "now\""]),
            (r#""""#, &["\"\""]),
            (r#"" ""#, &["\""]),
        ] {
            assert_eq!(SearchQuery::parse(search).unwrap().terms, terms, "{search}");
        }
        assert_eq!(SearchQuery::parse(" \u{200b}"), None);
    }

    #[test]
    fn each_term_is_in_one_of_the_texts() {
        let query = |search| SearchQuery::parse(search).unwrap();
        for (search, found) in [
            ("hon lea", true),
            ("leaks siphon", true),
            ("leaks kitchen", true),
            ("\"siphon leaks\"", true),
            ("\"leaks siphon\"", false),
            ("leaks bath", false),
        ] {
            assert_eq!(query(search).matches(&["the siphon\nleaks", "kitchen.png"]), found, "{search}");
        }
        assert_eq!(query("a kitchen of").longest_word(), "kitchen");
        let long = "leaks ".repeat(SEARCH_MAX);
        let text = format!("the siphon {long}");
        let (there, elsewhere) = (format!("\"the siphon {long}\""), format!("\"siphon the {long}\""));
        assert!(SearchQuery::parse(&there).unwrap().matches(&[&text]));
        assert!(!SearchQuery::parse(&elsewhere).unwrap().matches(&[&text]));
        assert_eq!(
            query("\"kitchen sink\" b").shown().collect::<Vec<_>>(),
            ["\"kitchen sink\" b", "kitchen sink", "b"]
        );
    }
}
