//! Grams: the short parts of texts by which an index finds a part of a word. `search.rs` folds the texts first.

use std::collections::BTreeSet;

/// Number of characters of most grams.
const GRAM: usize = 3;

/// Returns the grams of a folded text. Texts that are indexed and searches have the same, so each text that contains a
/// search has all grams of the search.
///
/// They are three characters of a word; two of Chinese, Japanese or Korean; one symbol, such as an emoji. A search of
/// one or two other characters has none.
pub fn grams(folded: &str) -> BTreeSet<String> {
    let mut grams = BTreeSet::new();
    for word in folded.split_whitespace() {
        let word: Vec<char> = word.chars().collect();
        grams.extend(word.iter().filter(|c| is_symbol(**c)).map(char::to_string));
        grams.extend(word.windows(2).filter(|pair| is_dense(pair)).map(String::from_iter));
        let parts = word.windows(GRAM).filter(|part| !part.windows(2).any(is_dense));
        grams.extend(parts.map(String::from_iter));
    }
    grams
}

/// Returns whether these are letters of scripts in which two make a word.
fn is_dense(letters: &[char]) -> bool {
    letters.iter().all(|c| {
        matches!(
            c,
            // Kana.
            '\u{3041}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{1b000}'..='\u{1b16f}'
            // Bopomofo.
            | '\u{3105}'..='\u{312f}' | '\u{31a0}'..='\u{31bf}'
            // Hangul syllables.
            | '\u{ac00}'..='\u{d7a3}'
            // Ideographs.
            | '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'
        )
    })
}

/// Returns whether a character is searched alone: emoji and other pictures.
fn is_symbol(c: char) -> bool {
    matches!(c, '©' | '®' | '\u{2190}'..='\u{2bff}' | '\u{3030}' | '\u{303d}' | '\u{1f000}'..='\u{1fbff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::platform::search::fold;

    fn of(text: &str) -> Vec<String> {
        grams(&fold(text)).into_iter().collect()
    }

    #[test]
    fn grams_depend_on_the_script() {
        for (text, expected) in [
            ("", &[][..]),
            ("to be", &[]),
            ("Siphon", &["hon", "iph", "pho", "sip"]),
            ("the The", &["the"]),
            ("c++ 50%", &["50%", "c++"]),
            ("東京都", &["京都", "東京"]),
            ("한글", &["한글"]),
            ("猫", &[]),
            ("猫ab", &["猫ab"]),
            ("ab東京", &["ab東", "東京"]),
            ("👩\u{200d}🔧 ❤\u{fe0f}", &["❤", "👩", "🔧"]),
            ("สวัสดี", &["วัส", "สดี", "สวั", "ัสด"]),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }

    #[test]
    fn every_emoji_of_the_picker_has_a_gram() {
        for emoji in ["👍", "❤️", "🇩🇪", "☎️", "⏰", "⭐", "🫠", "©️", "〰️", "✔️", "↩️"]
        {
            assert!(!of(emoji).is_empty(), "{emoji}");
        }
    }

    proptest! {
        #[test]
        fn a_text_has_the_grams_of_its_parts(before in "\\PC{0,8}", part in "\\PC{0,8}", after in "\\PC{0,8}") {
            let whole = grams(&fold(&[before.as_str(), &part, &after].concat()));
            let folded = fold(&[before, part, after].concat());
            let cuts: Vec<usize> = folded.char_indices().map(|(at, _)| at).chain([folded.len()]).collect();
            for from in &cuts {
                for to in cuts.iter().filter(|to| *to > from) {
                    prop_assert!(grams(&folded[*from..*to]).is_subset(&whole));
                }
            }
        }
    }
}
