//! Names and words as searches compare them: without case, and with accents written one way.

use unicode_normalization::UnicodeNormalization;

/// Longest search, in characters.
pub const SEARCH_MAX: usize = 200;

/// Lower case in composed form (NFC): some systems write `é` as one character, others as two, and a name from one of them
/// must be found by what is typed on the other.
pub fn fold(text: &str) -> String {
    // NUL is in no name, and PostgreSQL refuses it.
    text.nfc().filter(|c| *c != '\0').collect::<String>().to_lowercase()
}

/// Returns the text that `instr` looks for in folded texts; `None` for a search of nothing. `instr` compares bytes, where `LIKE`
/// goes back after each letter that fits: a long search costs up to thirty times as much with that.
pub fn needle(search: &str) -> Option<String> {
    let wanted: String = fold(search.trim()).chars().take(SEARCH_MAX).collect();
    (!wanted.is_empty()).then_some(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_the_way_accents_are_written_do_not_matter() {
        for (stored, typed) in [
            ("ФОТО.JPG", "фото"),
            ("Cafe\u{301}.pdf", "CAFÉ"),
            ("ΣΊΣΥΦΟΣ", "σίσυφο"),
            ("한글.txt", "\u{1112}\u{1161}\u{11ab}글"),
        ] {
            assert!(fold(stored).contains(&fold(typed)), "{stored} {typed}");
        }
    }

    #[test]
    fn wildcards_are_ordinary_characters() {
        assert_eq!(needle(r" 50%_\ ").as_deref(), Some(r"50%_\"));
        assert_eq!(needle(" \0 "), None);
        assert_eq!(needle(&"x".repeat(1000)).unwrap().len(), SEARCH_MAX);
    }
}
