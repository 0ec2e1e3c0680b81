//! Emoji in texts: `:name:` of custom emoji, and texts of emoji only.

use super::model::is_emoji_name;

/// Maximum number of emoji in a text that shows them large.
const LARGE_MAX: usize = 3;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    /// The name of a custom emoji, without colons.
    Emoji(String),
}

/// Splits a text at known `:name:`s; everything else, including unknown names, stays text. A colon right after a letter
/// or a digit begins none, so that times and addresses are unchanged.
pub fn pieces(text: &str, is_known: impl Fn(&str) -> bool) -> Vec<Piece> {
    let mut found = Vec::new();
    let (mut done, mut from) = (0, 0);
    while let Some(open) = text[from..].find(':').map(|at| from + at) {
        from = open + 1;
        let Some(close) = text[from..].find(':').map(|at| from + at) else { break };
        let name = &text[from..close];
        // The previous piece ends with a colon, not with a letter.
        let begins = text[done..open].chars().next_back().is_none_or(|before| !before.is_alphanumeric());
        if begins && is_emoji_name(name) && is_known(name) {
            if done < open {
                found.push(Piece::Text(text[done..open].to_owned()));
            }
            found.push(Piece::Emoji(name.to_owned()));
            done = close + 1;
            from = done;
        }
    }
    if done < text.len() {
        found.push(Piece::Text(text[done..].to_owned()));
    }
    found
}

/// Returns the unfinished name at the end of a text, after its colon: two characters or more, not closed yet.
pub fn unfinished_name(text: &str) -> Option<&str> {
    let (before, name) = text.rsplit_once(':')?;
    let begins = before.chars().next_back().is_none_or(|before| !before.is_alphanumeric() && before != ':');
    (begins && is_emoji_name(name)).then_some(name)
}

/// Returns the name that its second colon has just finished.
pub fn finished_name(text: &str) -> Option<&str> {
    unfinished_name(text.strip_suffix(':')?)
}

/// Returns whether a text is one to three emoji and nothing else.
pub fn is_only_emoji(text: &str, is_known: impl Fn(&str) -> bool) -> bool {
    let mut count = 0;
    for piece in pieces(text, is_known) {
        count += match piece {
            Piece::Emoji(_) => 1,
            Piece::Text(text) => match count_unicode(&text) {
                Some(more) => more,
                None => return false,
            },
        };
    }
    (1..=LARGE_MAX).contains(&count)
}

/// Returns the number of Unicode emoji, if there is nothing else but spaces. By blocks, because only the server has the
/// exact list.
fn count_unicode(text: &str) -> Option<usize> {
    let (mut count, mut joined, mut half_flag) = (0, false, false);
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        match c {
            // Joins the next one to the previous.
            '\u{200d}' if count > 0 => joined = true,
            // Variation, skin tone, keycap and tags belong to the previous one.
            '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{20e3}' | '\u{e0020}'..='\u{e007f}' if count > 0 => {}
            // Two of these are one flag.
            '\u{1f1e6}'..='\u{1f1ff}' => {
                count += usize::from(!half_flag);
                half_flag = !half_flag;
            }
            '\u{1f300}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{2300}'..='\u{23ff}' => {
                count += usize::from(!std::mem::take(&mut joined));
            }
            _ => return None,
        }
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let known = |name: &str| name == "party" || name == "30";
        let piece = |piece| match piece {
            Piece::Text(text) => text,
            Piece::Emoji(name) => format!("<{name}>"),
        };
        pieces(text, known).into_iter().map(piece).collect()
    }

    #[test]
    fn names_between_colons_become_emoji() {
        for (text, expected) in [
            ("", ""),
            (":party:", "<party>"),
            ("a :party: b", "a <party> b"),
            (":party::party:", "<party><party>"),
            ("(:party:)", "(<party>)"),
            (":unknown: :party:", ":unknown: <party>"),
            ("::party:", ":<party>"),
            ("10:30:20", "10:30:20"),
            ("http://x:party:", "http://x:party:"),
            (":Party:", ":Party:"),
            (":party", ":party"),
            ("é: :party:", "é: <party>"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn a_name_is_typed_after_a_colon() {
        for (text, name) in [
            (":ta", Some("ta")),
            ("well done :tada", Some("tada")),
            ("(:+1", Some("+1")),
            (":t", None),
            ("10:30", None),
            ("https://", None),
            ("std::vec", None),
            (":tada ", None),
            (":tada:", None),
            (":TA", None),
            ("", None),
        ] {
            assert_eq!(unfinished_name(text), name, "{text}");
        }
        assert_eq!(finished_name("well :tada:"), Some("tada"));
        assert_eq!(finished_name(":tada"), None);
        assert_eq!(finished_name("10:30:"), None);
    }

    #[test]
    fn a_text_of_few_emoji_is_large() {
        let only = |text: &str| is_only_emoji(text, |name| name == "party");
        for text in ["👍", "👍 🎉 :party:", "👩‍👩‍👧", "❤️", "🇩🇪🇫🇷", "👍🏽", " :party: "]
        {
            assert!(only(text), "{text}");
        }
        for text in ["", " ", "ok 👍", "👍👍👍👍", ":other:", "1", ":party: :party: :party: :party:"] {
            assert!(!only(text), "{text}");
        }
    }
}
