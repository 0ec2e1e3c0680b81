//! Keys that decide which names are equal. `search.rs` decides how searches compare texts.

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;

use super::visible::is_invisible;

/// Returns a key that is equal for two names that look the same or differ only in case: the text without invisible
/// characters, its case folded, decomposed (a canonical caseless match, Unicode 3.13 D145). Accents matter.
pub fn name_key(name: &str) -> String {
    let visible = name.chars().filter(|c| !is_invisible(*c) && *c != '\0');
    // The standard library knows the case of letters that are newer than the crate's tables.
    let key: String = visible.nfd().default_case_fold().flat_map(char::to_lowercase).nfd().collect();
    key.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_look_the_same_are_the_same() {
        for (one, other) in [
            ("harbor", "HARBOR"),
            ("harbor", "har\u{200b}bor"),
            ("harbor", "har\u{ad}bor"),
            ("harbor", "harbor\u{fe0f}"),
            ("harbor lane", "harbor \u{3164} lane"),
            ("Café", "cafe\u{301}"),
            ("Ärmel", "a\u{308}rmel"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("Straße", "STRASSE"),
            ("ÉCOLE", "e\u{301}cole"),
            ("ԵՒ", "և"),
            ("ꭰꭱ", "ᎠᎡ"),
        ] {
            assert_eq!(name_key(one), name_key(other), "{one} {other}");
        }
        for (one, other) in [("Muller", "Müller"), ("ship", "shop"), ("a b", "ab")] {
            assert_ne!(name_key(one), name_key(other));
        }
    }

    proptest! {
        #[test]
        fn case_form_and_invisible_characters_do_not_matter(name in "\\PC{0,20}") {
            let key = name_key(&name);
            prop_assert_eq!(name_key(&name.nfc().collect::<String>()), key.clone());
            prop_assert_eq!(name_key(&name.nfd().collect::<String>()), key.clone());
            prop_assert_eq!(name_key(&format!("\u{200b}{name}\u{3164}")), key.clone());
            prop_assert_eq!(name_key(&key), key);
        }

        #[test]
        fn letters_of_one_case_are_those_of_the_other(name in "[\\p{Latin}\\p{Greek}\\p{Cyrillic}\\p{Armenian}]{1,12}") {
            // The capital of ı is I, whose small letter is i.
            prop_assume!(!name.contains(['ı', 'İ']));
            // A letter with iota subscript has two capitals, and a following mark belongs to the second one.
            prop_assume!(!name.chars().any(unicode_normalization::char::is_combining_mark));
            prop_assert_eq!(name_key(&name.to_uppercase()), name_key(&name));
        }
    }
}
