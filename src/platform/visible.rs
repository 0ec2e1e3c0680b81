//! Invisible characters. A name needs a visible one.

/// Returns whether a character shows nothing, other than whitespace: Unicode's `Default_Ignorable_Code_Point`
/// (DerivedCoreProperties.txt of Unicode 17), and the blank Braille pattern, which looks like a space.
pub fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Returns whether a character belongs to the previous one: variation selectors and tags, which make an emoji colored
/// or a flag.
fn is_joined(c: char) -> bool {
    matches!(c, '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0020}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Trims whitespace and invisible characters at both ends. Those that belong to the last visible character stay.
pub fn trim_invisible(text: &str) -> &str {
    let is_blank = |c: char| c.is_whitespace() || is_invisible(c);
    let text = text.trim_start_matches(is_blank);
    text.trim_end_matches(|c| is_blank(c) && !is_joined(c))
}

/// Returns the longest prefix of a text whose size is at most `max` and which ends between two grapheme clusters.
/// `size` measures a part, such as in bytes.
#[cfg(any(feature = "server", fuzzing))]
pub fn cut_letters(text: &str, max: usize, size: impl Fn(&str) -> usize) -> &str {
    use unicode_segmentation::UnicodeSegmentation;

    if size(text) <= max {
        return text;
    }
    let cut = |parts: &mut dyn Iterator<Item = &str>| {
        let (mut used, mut end) = (0, 0);
        for part in parts {
            used += size(part);
            if used > max {
                break;
            }
            end += part.len();
        }
        end
    };
    let end = match cut(&mut text.graphemes(true)) {
        // A single letter with hundreds of accents.
        0 => cut(&mut text.split("").filter(|part| !part.is_empty())),
        end => end,
    };
    &text[..end]
}

/// The browser bundle has no table of grapheme clusters: its cuts are for display only.
#[cfg(not(any(feature = "server", fuzzing)))]
pub fn cut_letters(text: &str, max: usize, size: impl Fn(&str) -> usize) -> &str {
    let fits = |end: &usize| size(&text[..*end]) <= max;
    let end = text.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(fits).last();
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_names_are_empty() {
        for blank in
            ["", " ", "\u{3164}", "\u{200b}\u{2060}", "\u{ad}", "\u{fe0f}", "\u{e0020}", "\u{2800} \u{feff}", "\u{a0}"]
        {
            assert_eq!(trim_invisible(blank), "", "{blank:?}");
        }
    }

    #[test]
    fn texts_are_cut_between_letters() {
        for (text, max, cut) in [
            ("Zoe\u{308}", 5, "Zoe\u{308}"),
            ("Zoe\u{308}", 4, "Zo"),
            ("a👩\u{200d}🔧b", 12, "a👩\u{200d}🔧"),
            ("a👩\u{200d}🔧b", 11, "a"),
            ("🇳🇿🇦🇺", 12, "🇳🇿"),
            ("कुल", 6, "कु"),
            // The first letter alone is longer.
            ("कुल", 5, "क"),
            ("", 0, ""),
        ] {
            assert_eq!(cut_letters(text, max, str::len), cut, "{text:?} {max}");
        }
        let accents = format!("e{}", "\u{301}".repeat(300));
        assert_eq!(cut_letters(&accents, 255, str::len).len(), 255);
    }

    #[test]
    fn ends_are_cut_and_emoji_and_words_stay_whole() {
        for (text, trimmed) in [
            ("\u{200b}Nora\u{200b}", "Nora"),
            ("\u{3164} Nora\u{2800}", "Nora"),
            ("No\u{ad}ra", "No\u{ad}ra"),
            ("❤\u{fe0f}", "❤\u{fe0f}"),
            ("👩\u{200d}🔧 ", "👩\u{200d}🔧"),
            (
                "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
                "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
            ),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("#\u{fe0f}\u{20e3}", "#\u{fe0f}\u{20e3}"),
        ] {
            assert_eq!(trim_invisible(text), trimmed, "{text:?}");
        }
    }
}
