//! Folding of text for searches. `name_key.rs` decides which names are equal.

use super::normal_form::{composed, decomposed};
use super::visible::is_invisible;

/// Maximum length of a search, in characters.
pub const SEARCH_MAX: usize = 200;

/// Folds a text: without case, accents, compatibility forms (full-width letters, ligatures) and invisible characters,
/// so that text written on one system is found by text typed on another. Both engines sort the results alike, by their
/// bytes.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in decomposed(text).chars().filter(|c| !is_accent(*c)) {
        // No name contains NUL, and PostgreSQL rejects it.
        for lower in c.to_lowercase().filter(|c| *c != '\0' && !is_accent(*c) && !is_invisible(*c)) {
            match plain_letters(lower) {
                Some(letters) => folded.push_str(letters),
                None => folded.push(lower),
            }
        }
    }
    // Hangul and kana are composed again, so that a search does not match a part of a letter.
    composed(&folded)
}

/// Returns the text that `instr` searches in folded texts; `None` for an empty search. `instr` compares bytes, where
/// `LIKE` backtracks after each matching letter: a long search would cost up to thirty times as much with it.
pub fn needle(search: &str) -> Option<String> {
    let wanted: String = fold(search).trim().chars().take(SEARCH_MAX).collect();
    (!wanted.is_empty()).then_some(wanted)
}

/// Returns the letters that replace one without a decomposition in Unicode which people read as accented or joined.
fn plain_letters(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ŧ' => "t",
        'þ' => "th",
        // Turkish uppercases ı to I, and lowercases İ to i.
        'ı' => "i",
        'ς' => "σ",
        _ => return None,
    })
}

/// Returns whether a combining character is an accent or an optional vowel point. The vowel signs of Indic scripts and
/// the voicing marks of kana are not: without them a word is another word.
fn is_accent(c: char) -> bool {
    matches!(
        c,
        '\u{300}'..='\u{36f}'
            | '\u{483}'..='\u{487}'
            | '\u{591}'..='\u{5bd}'
            | '\u{5bf}'
            | '\u{5c1}'..='\u{5c2}'
            | '\u{5c4}'..='\u{5c5}'
            | '\u{5c7}'
            | '\u{610}'..='\u{61a}'
            | '\u{64b}'..='\u{65f}'
            | '\u{670}'
            | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}'
            | '\u{20d0}'..='\u{20f0}'
            | '\u{fe20}'..='\u{fe2f}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    #[test]
    fn case_accents_and_the_way_they_are_written_do_not_matter() {
        for (stored, typed) in [
            ("ФОТО.JPG", "фото"),
            ("Cafe\u{301}.pdf", "CAFÉ"),
            ("Café.pdf", "cafe"),
            ("cafe.pdf", "café"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("한글.txt", "\u{1112}\u{1161}\u{11ab}글"),
            ("İstanbul", "istanbul"),
            ("ISTANBUL", "ıstanbul"),
            ("istanbul", "İSTANBUL"),
            ("DIYARBAKIR", "Diyarbakır"),
            ("Straße", "STRASSE"),
            ("STRAẞE", "straße"),
            ("Ｔｏｋｙｏ　２０", "tokyo 20"),
            ("ﬁle", "FILE"),
            ("Łódź", "lodz"),
            ("Sørensen", "SORENSEN"),
            ("har\u{ad}bor", "harbor"),
            ("har\u{200b}bor", "harbor"),
            ("نُورَة", "نورة"),
            ("❤\u{fe0f}", "❤"),
        ] {
            assert!(fold(stored).contains(&needle(typed).unwrap()), "{stored} {typed}");
        }
    }

    #[test]
    fn marks_that_change_a_word_are_kept() {
        for (one, other) in [("が", "か"), ("कल", "कुल"), ("각", "가"), ("n", "m")] {
            assert_ne!(fold(one), fold(other));
        }
    }

    #[test]
    fn names_sort_by_their_letters() {
        let mut names = ["Zoe", "Östen", "adam", "A\u{308}rmel", "Ärmeln", "Ørsted"];
        names.sort_by_key(|name| fold(name));
        assert_eq!(names, ["adam", "A\u{308}rmel", "Ärmeln", "Ørsted", "Östen", "Zoe"]);
    }

    #[test]
    fn wildcards_are_ordinary_characters() {
        assert_eq!(needle(r" 50%_\ ").as_deref(), Some(r"50%_\"));
        assert_eq!(needle(" \0 \u{200b}\u{301}"), None);
        assert_eq!(needle(&"x".repeat(1000)).unwrap().len(), SEARCH_MAX);
    }

    proptest! {
        #[test]
        fn each_form_folds_alike_and_twice_changes_nothing(text in "\\PC{0,20}") {
            let folded = fold(&text);
            prop_assert_eq!(fold(&text.nfc().collect::<String>()), folded.clone());
            prop_assert_eq!(fold(&text.nfd().collect::<String>()), folded.clone());
            prop_assert_eq!(fold(&folded), folded);
        }
    }
}
