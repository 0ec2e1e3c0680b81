//! File names: safe for every file system, at most 255 bytes, with the contact's name.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::people::accounts::model::is_bidi_control;
use crate::platform::file_types::{self, FileType};
use crate::platform::visible::{cut_letters, trim_invisible};

/// Maximum length of a file name on common file systems, in bytes of UTF-8.
pub const FILE_NAME_MAX: usize = 255;
/// Maximum length of an extension. A longer one is treated as a part of the stem.
const EXTENSION_MAX: usize = 32;

/// Names that Windows reserves for devices, with or without an extension. The superscript digits of Latin-1 are digits
/// there.
const RESERVED: [&str; 30] = [
    "con", "prn", "aux", "nul", "conin$", "conout$", "com¹", "com²", "com³", "lpt¹", "lpt²", "lpt³", "com1", "com2",
    "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7",
    "lpt8", "lpt9",
];

/// A name that any file system accepts. It can be made from any text; safe characters stay. May be empty: a file
/// without a name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileName(String);

impl FileName {
    pub fn new(text: &str) -> Self {
        let safe: String =
            text.chars().filter(|c| !is_bidi_control(*c)).map(|c| if is_unsafe(c) { '_' } else { c }).collect();
        // A name without visible characters becomes empty; others stay unchanged.
        let mut name = if trim_invisible(&safe).is_empty() { String::new() } else { safe };
        // Each rule can undo another: a cut may end in a dot, or leave a reserved name.
        loop {
            let next = avoid_reserved(shorten(name.trim().trim_end_matches(['.', ' '])));
            if next == name {
                return Self(name);
            }
            name = next;
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the part after the last dot, without the dot; empty for `.hidden` and `noextension`.
    pub fn extension(&self) -> &str {
        split_extension(&self.0).1.trim_start_matches('.')
    }

    /// Shortens the stem so that the name has at most `max` characters, as Windows counts them.
    #[must_use]
    pub fn shortened(&self, max: usize) -> Self {
        let (stem, extension) = split_extension(&self.0);
        Self::with_end(stem, extension, max)
    }

    /// Returns the name with ` (2)` or the like before its extension, of at most `max` characters, as Windows counts
    /// them.
    #[must_use]
    pub fn numbered(&self, number: u32, max: usize) -> Self {
        let (stem, extension) = split_extension(&self.0);
        Self::with_end(stem, &format!(" ({number}){extension}"), max)
    }

    fn with_end(stem: &str, end: &str, max: usize) -> Self {
        if utf16_units(stem) + utf16_units(end) <= max && stem.len() + end.len() <= FILE_NAME_MAX {
            return Self::new(&format!("{stem}{end}"));
        }
        let stem = cut(stem, FILE_NAME_MAX - end.len());
        Self::new(&format!("{}{end}", cut_letters(stem, max.saturating_sub(utf16_units(end)), utf16_units).trim_end()))
    }

    /// Returns the name of a download: `{FirstName}_{PhoneDigits}_{original}`, without missing parts; a file without a
    /// name becomes `attachment` with the extension of its type. Media without an extension get one too, because some
    /// systems open a file only by that.
    #[must_use]
    pub fn for_download(&self, owner: Option<&Owner>, content_type: &str) -> Self {
        let is_media = file_types::find(content_type).is_some_and(FileType::is_media);
        let original = match self.as_str() {
            "" => format!("attachment{}", extension_for(content_type)),
            name if is_media && self.extension().is_empty() => format!("{name}{}", extension_for(content_type)),
            name => name.to_owned(),
        };
        let Some(owner) = owner else { return Self::new(&original) };
        let parts = [owner.first_name.trim(), &owner.phone_digits, &original];
        let joined: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        Self::new(&joined.join("_"))
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The contact that a file belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Owner {
    pub first_name: String,
    /// Digits of the preferred phone, else of the first; empty without a phone.
    pub phone_digits: String,
}

/// Returns whether a character is a separator, rejected by a file system or shell of some system, or a control
/// character.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{feff}'
        )
}

fn avoid_reserved(mut name: String) -> String {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    if RESERVED.contains(&stem.as_str()) {
        name.insert(0, '_');
    }
    name
}

fn split_extension(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if dot > 0 && name.len() - dot <= EXTENSION_MAX => name.split_at(dot),
        _ => (name, ""),
    }
}

/// Cuts the stem, between letters, so that stem and extension fit.
fn shorten(name: &str) -> String {
    if name.len() <= FILE_NAME_MAX {
        return name.to_owned();
    }
    let (stem, extension) = split_extension(name);
    format!("{}{extension}", cut(stem, FILE_NAME_MAX - extension.len()))
}

/// Returns at most this many bytes, cut between letters.
fn cut(text: &str, max: usize) -> &str {
    cut_letters(text, max, str::len).trim_end()
}

/// Returns the length of a text as Windows counts it.
fn utf16_units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Returns the extension of a type, with its dot; empty for a type without one.
fn extension_for(content_type: &str) -> String {
    file_types::extension_of(content_type).map(|extension| format!(".{extension}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::{collection, sample};

    use super::*;

    fn owner(first: &str, digits: &str) -> Owner {
        Owner { first_name: first.into(), phone_digits: digits.into() }
    }

    fn download(owner: Option<&Owner>, original: &str) -> String {
        FileName::new(original).for_download(owner, "image/jpeg").to_string()
    }

    #[test]
    fn downloads_say_whose_they_are() {
        assert_eq!(download(Some(&owner("Jane", "15551234567")), "photo.jpg"), "Jane_15551234567_photo.jpg");
        assert_eq!(download(Some(&owner("Bob", "")), "image.png"), "Bob_image.png");
        assert_eq!(download(Some(&owner("", "15551234567")), "image.png"), "15551234567_image.png");
        assert_eq!(download(Some(&owner(" ", "")), "photo.jpg"), "photo.jpg");
        assert_eq!(download(None, "image:1641"), "image_1641.jpg");
        assert_eq!(FileName::new("notes").for_download(None, "text/plain").as_str(), "notes");
        assert_eq!(download(None, "photo.jpg"), "photo.jpg");
        assert_eq!(download(None, ""), "attachment.jpg");
        assert_eq!(download(Some(&owner("Bob", "")), " . "), "Bob_attachment.jpg");
        assert_eq!(FileName::new("").for_download(None, "application/x-unheard-of").to_string(), "attachment");
    }

    #[test]
    fn the_prefix_is_made_safe_too() {
        assert_eq!(download(Some(&owner("../../etc", "1")), "a.jpg"), ".._.._etc_1_a.jpg");
        assert_eq!(download(Some(&owner("Jürgen \"J\"", "49")), "a.jpg"), "Jürgen _J__49_a.jpg");
    }

    #[test]
    fn dangerous_characters_are_replaced_and_others_kept() {
        for (given, safe) in [
            ("a/b\\c:d*e?f\"g<h>i|j.txt", "a_b_c_d_e_f_g_h_i_j.txt"),
            ("nul\u{0}byte.txt", "nul_byte.txt"),
            ("line\r\nbreak.txt", "line__break.txt"),
            ("exe\u{202e}gpj.exe", "exegpj.exe"),
            ("CON", "_CON"),
            ("con.txt", "_con.txt"),
            ("Lpt1 .txt", "_Lpt1 .txt"),
            ("console.txt", "console.txt"),
            ("COM¹.log", "_COM¹.log"),
            ("conin$", "_conin$"),
            ("trailing. . .", "trailing"),
            ("..", ""),
            ("  spaces inside stay .jpg ", "spaces inside stay .jpg"),
            ("фото 写真 📷 é.jpg", "фото 写真 📷 é.jpg"),
        ] {
            assert_eq!(FileName::new(given).as_str(), safe, "{given:?}");
        }
    }

    #[test]
    fn long_names_keep_their_extension() {
        let long = FileName::new(&format!("{}.jpeg", "写".repeat(200)));
        assert!(long.as_str().len() <= FILE_NAME_MAX && long.as_str().len() > FILE_NAME_MAX - 4);
        assert_eq!(long.extension(), "jpeg");
        let with_owner = long.for_download(Some(&owner("Jane", "15551234567")), "image/jpeg");
        assert!(with_owner.as_str().len() <= FILE_NAME_MAX);
        assert!(with_owner.as_str().starts_with("Jane_15551234567_写"));
        assert_eq!(with_owner.extension(), "jpeg");
        let no_extension = FileName::new(&format!("a.{}", "b".repeat(400)));
        assert_eq!(no_extension.as_str().len(), FILE_NAME_MAX);
    }

    #[test]
    fn names_are_cut_between_letters() {
        for letter in ["e\u{301}", "👩\u{200d}🔧", "🇳🇿", "कु"] {
            let name = FileName::new(&format!("{}.jpeg", letter.repeat(200)));
            let stem = name.as_str().strip_suffix(".jpeg").unwrap();
            assert_eq!(stem, letter.repeat(stem.len() / letter.len()), "{letter}");
            assert!(name.as_str().len() + letter.len() > FILE_NAME_MAX);
            let short = name.shortened(60);
            let stem = short.as_str().strip_suffix(".jpeg").unwrap();
            assert_eq!(stem, letter.repeat(stem.len() / letter.len()), "{letter}");
            let units = short.as_str().encode_utf16().count();
            assert!(units <= 60 && units + letter.encode_utf16().count() > 60, "{short}");
        }
        assert_eq!(FileName::new("short.jpeg").shortened(60).as_str(), "short.jpeg");
    }

    #[test]
    fn making_a_name_safe_twice_changes_nothing() {
        for text in [
            "a/b",
            "CON.",
            &"é".repeat(300),
            ". .x",
            "\u{feff}a",
            "a\u{2028}b ",
            "a\u{3000}. ",
            &format!("con{}x.jpg", " ".repeat(260)),
            &format!("{}. .jpg{}", "x".repeat(254), "x".repeat(40)),
            &format!("{}{}", "x".repeat(250), " .jpg"),
        ] {
            let once = FileName::new(text);
            assert_eq!(FileName::new(once.as_str()), once, "{text:?}");
        }
    }

    #[test]
    fn extensions() {
        assert_eq!(FileName::new("photo.JPG").extension(), "JPG");
        assert_eq!(FileName::new(".hidden").extension(), "");
        assert_eq!(FileName::new("archive.tar.gz").extension(), "gz");
    }

    /// Generates any text, with the dangerous parts more often than by chance.
    fn any_text() -> impl Strategy<Value = String> {
        const PARTS: [&str; 14] =
            ["/", "\\", "..", ".", " ", "\0", "con", "NUL", "\u{202e}", "\u{feff}", ".jpg", "é", "📷", "\r\n"];
        let part = prop_oneof![".{0,12}", sample::select(&PARTS[..]).prop_map(str::to_owned)];
        let short = collection::vec(part, 0..8).prop_map(|parts| parts.concat());
        prop_oneof![4 => short, 1 => ".{200,400}", 1 => "[a-z ]{230,260}(\\.[a-z .]{0,40})?"]
    }

    proptest! {
        #[test]
        fn every_text_makes_a_safe_name(text in any_text()) {
            let name = FileName::new(&text);
            let safe = name.as_str();
            prop_assert!(safe.len() <= FILE_NAME_MAX);
            prop_assert!(!safe.chars().any(|c| is_unsafe(c) || is_bidi_control(c)), "{safe:?}");
            prop_assert!(!safe.ends_with(['.', ' ']) && !safe.starts_with(' '), "{safe:?}");
            let stem = safe.split('.').next().unwrap_or_default().trim_end().to_lowercase();
            prop_assert!(!RESERVED.contains(&stem.as_str()), "{safe:?}");
        }

        #[test]
        fn a_safe_name_stays_as_it_is(text in any_text()) {
            let once = FileName::new(&text);
            prop_assert_eq!(FileName::new(once.as_str()), once);
        }

        #[test]
        fn every_download_has_a_safe_name(text in any_text(), first in any_text(), digits in "[0-9]{0,20}") {
            let whose = Owner { first_name: first, phone_digits: digits };
            let name = FileName::new(&text).for_download(Some(&whose), "image/png");
            prop_assert!(!name.is_empty() && name.as_str().len() <= FILE_NAME_MAX);
            prop_assert_eq!(FileName::new(name.as_str()), name);
        }
    }
}
