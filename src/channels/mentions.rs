//! Mentions in texts. A stored text names a member by their id, `<@id>`, so that people see the present name. Pure rules.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::MemberId;

/// Maximum number of members that a message mentions.
pub const MENTIONS_MAX: usize = 50;
/// Maximum length of a name that is being typed, in characters.
const TYPED_MAX: usize = 40;
const OPEN: &str = "<@";
const CLOSE: char = '>';
/// Length of a hyphenated id.
const ID_LENGTH: usize = 36;

/// A mentioned member, with the present name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mention {
    pub id: MemberId,
    pub name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    Text(&'a str),
    /// A token, and its id. It is a mention only if the message mentions this member.
    Token(&'a str, MemberId),
}

/// Splits a stored text at its tokens.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let (mut done, mut from) = (0, 0);
    while let Some(open) = text[from..].find(OPEN).map(|at| from + at) {
        from = open + OPEN.len();
        let end = from + ID_LENGTH;
        let id = text.get(from..end).and_then(|id| Uuid::try_parse(id).ok());
        if let (Some(id), true) = (id, text[from..].chars().nth(ID_LENGTH) == Some(CLOSE)) {
            if done < open {
                found.push(Piece::Text(&text[done..open]));
            }
            done = end + CLOSE.len_utf8();
            from = done;
            found.push(Piece::Token(&text[open..done], MemberId(id)));
        }
    }
    if done < text.len() {
        found.push(Piece::Text(&text[done..]));
    }
    found
}

/// Returns the ids of all tokens, each once, in order.
pub fn ids(text: &str) -> Vec<MemberId> {
    let mut found = Vec::new();
    for piece in pieces(text) {
        if let Piece::Token(_, id) = piece
            && !found.contains(&id)
        {
            found.push(id);
        }
    }
    found
}

/// Returns the token of a member.
pub fn token(id: MemberId) -> String {
    format!("{OPEN}{}{CLOSE}", id.0.hyphenated())
}

/// Replaces tokens by names: `@Mara Ellis`. Others stay.
pub fn with_names(text: &str, mentions: &[Mention]) -> String {
    let shown = |piece| match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Token(token, id) => match mentions.iter().find(|mention| mention.id == id) {
            Some(mention) => format!("@{}", mention.name),
            None => token.to_owned(),
        },
    };
    pieces(text).into_iter().map(shown).collect()
}

/// Replaces the names of mentioned members by tokens. Of two members with one name, the first is mentioned.
pub fn with_tokens(text: &str, mentions: &[Mention]) -> String {
    let mut written = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        let (before, after) = (&rest[..at], &rest[at + 1..]);
        let begins = begins_name(before.chars().next_back().or_else(|| written.chars().next_back()));
        let is_named = |mention: &&Mention| {
            let tail = after.strip_prefix(mention.name.as_str());
            !mention.name.is_empty() && tail.is_some_and(|tail| !tail.starts_with(char::is_alphanumeric))
        };
        let longest = mentions.iter().rev().filter(is_named).max_by_key(|mention| mention.name.len());
        written.push_str(before);
        if let Some(mention) = longest.filter(|_| begins) {
            written.push_str(&token(mention.id));
            rest = &after[mention.name.len()..];
        } else {
            written.push('@');
            rest = after;
        }
    }
    written.push_str(rest);
    written
}

/// Returns a text without its tokens, for searches.
pub fn without_tokens(text: &str) -> String {
    let kept = |piece| match piece {
        Piece::Text(text) => text,
        Piece::Token(..) => " ",
    };
    pieces(text).into_iter().map(kept).collect()
}

/// Returns the beginning of a name at the end of a text, after its `@`: a letter or more, in one line.
pub fn unfinished(text: &str) -> Option<&str> {
    let (before, name) = text.rsplit_once('@')?;
    let is_name = name.starts_with(char::is_alphanumeric)
        && !name.contains(|c: char| c.is_control() || c == ':' || c == '/')
        && name.chars().count() <= TYPED_MAX
        && !name.contains("  ");
    (begins_name(before.chars().next_back()) && is_name).then_some(name)
}

/// Whether an `@` after this character can begin a name: not within an email address.
fn begins_name(before: Option<char>) -> bool {
    before.is_none_or(|before| !before.is_alphanumeric() && !matches!(before, '@' | '.' | '_' | '-' | '+'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mention(number: u128, name: &str) -> Mention {
        Mention { id: MemberId(Uuid::from_u128(number)), name: name.to_owned() }
    }

    #[test]
    fn tokens_are_shown_as_present_names() {
        let mara = mention(1, "Mara Ellis");
        let text = format!("Hi {}, and {}!", token(mara.id), token(MemberId(Uuid::from_u128(2))));
        let shown = with_names(&text, std::slice::from_ref(&mara));
        assert_eq!(shown, "Hi @Mara Ellis, and <@00000000-0000-0000-0000-000000000002>!");
        assert_eq!(ids(&text).len(), 2);
        assert_eq!(without_tokens(&text), "Hi  , and  !");
    }

    #[test]
    fn what_is_no_token_is_text() {
        let id = Uuid::from_u128(1);
        for text in [
            "",
            "<@",
            "<@>",
            "<@x>",
            "<@é00000000-0000-0000-0000-00000000000>",
            &format!("<@{}>", id.simple()),
            &format!("<@{id}"),
            &format!("<@{id}é"),
            &format!("<@{{{id}}}>"),
        ] {
            assert!(pieces(text).iter().all(|piece| matches!(piece, Piece::Text(_))), "{text}");
            assert_eq!(with_names(text, &[mention(1, "Mara")]), text);
        }
        let nested = format!("<@<@{id}>>");
        assert_eq!(with_names(&nested, &[mention(1, "Mara")]), "<@@Mara>");
    }

    #[test]
    fn names_become_tokens_and_names_again() {
        let all = [mention(1, "Mara"), mention(2, "Mara Ellis"), mention(3, "Zoë")];
        for (text, tokens) in [
            ("@Mara Ellis: see @Mara, @Zoë", "<2>: see <1>, <3>"),
            ("@Maraschino", "@Maraschino"),
            ("a@Mara b.@Mara", "a@Mara b.@Mara"),
            ("@@Mara", "@@Mara"),
            ("(@Mara)\n@Mara", "(<1>)\n<1>"),
            ("@Mara@Zoë", "<1><3>"),
            ("@mara", "@mara"),
            ("@", "@"),
        ] {
            let written = with_tokens(text, &all);
            let mut expected = tokens.to_owned();
            for Mention { id, .. } in &all {
                expected = expected.replace(&format!("<{}>", id.0.as_u128()), &token(*id));
            }
            assert_eq!(written, expected, "{text}");
            assert_eq!(with_names(&written, &all), text);
        }
    }

    #[test]
    fn a_name_is_typed_after_an_at() {
        for (text, name) in [
            ("@m", Some("m")),
            ("hi @Mara El", Some("Mara El")),
            ("(@zoë", Some("zoë")),
            ("@", None),
            ("@ m", None),
            ("mara@example", None),
            ("@mara\nnext", None),
            ("@mara  el", None),
            ("https://x/@a/b", None),
            ("@one @two", Some("two")),
            ("", None),
        ] {
            assert_eq!(unfinished(text), name, "{text}");
        }
    }
}
