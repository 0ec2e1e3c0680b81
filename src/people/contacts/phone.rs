//! Phone numbers: parsing, and equality.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::people::accounts::model::is_bidi_control;
use crate::platform::error::{AppError, Result, quoted};
use crate::platform::visible::is_invisible;

/// The text before an extension.
const EXTENSION: &str = " ext. ";
/// A phone number as people write it: 2 to 20 digits, a `+` before them, and between them spaces, dots, slashes, dashes
/// and brackets; then optionally an extension, spelled ` ext. 89`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    pub fn parse(text: &str) -> Result<Self> {
        Self::read(text).ok_or_else(|| {
            AppError::invalid(
                "phones",
                format!("{} is not a phone number. Enter one such as +1 (555) 123-4567.", quoted(text)),
            )
        })
    }

    fn read(text: &str) -> Option<Self> {
        let plain = plain(text);
        let end = plain.find(|c: char| c.is_ascii_alphabetic() || c == ';').unwrap_or(plain.len());
        let (number, extension) = (plain[..end].trim_end(), &plain[end..]);
        let known = |c: char| c.is_ascii_digit() || " +-./()".contains(c);
        let digits = number.chars().filter(char::is_ascii_digit).count();
        let plus_is_first =
            number.rfind('+').is_none_or(|at| !number[..at].contains(|c: char| c == '+' || c.is_ascii_digit()));
        if !number.chars().all(known) || !(2..=20).contains(&digits) || number.len() > 40 || !plus_is_first {
            return None;
        }
        if extension.is_empty() {
            return Some(Self(number.to_owned()));
        }
        // `;ext=` is from a link (RFC 3966 §3).
        let marks = [";ext=", "extension", "ext.", "ext", "x"];
        let digits = marks.iter().find_map(|mark| extension.strip_prefix(mark))?.trim();
        let is_extension = (1..=6).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit());
        is_extension.then(|| Self(format!("{number}{EXTENSION}{digits}")))
    }

    /// Wraps a text from the database without checking it.
    #[cfg(feature = "server")]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the digits to dial from abroad if the country is known: without `00` before the country, without the
    /// `(0)` that is dialed only inside the country, and without the extension.
    pub fn digits(&self) -> String {
        let number = self.0.split(EXTENSION).next().unwrap_or_default();
        international_digits(number).unwrap_or_else(|| digits_of(number))
    }

    /// Returns whether two numbers, in any notation, reach the same phone.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let extension = |number: &Self| number.0.split_once(EXTENSION).map(|(_, digits)| digits.to_owned());
        self.digits() == other.digits() && extension(self) == extension(other)
    }
}

#[cfg(feature = "server")]
impl PhoneNumber {
    /// Returns the last digits, by which candidates are searched for [`Self::reaches`].
    pub(super) fn ending(&self) -> String {
        let digits = self.digits();
        digits[digits.len().saturating_sub(NATIONAL_MIN)..].to_owned()
    }

    /// Returns a key that numbers have in common if they reach the same phone: the ending and the extension.
    pub(super) fn key(&self) -> String {
        let extension = self.0.split_once(EXTENSION).map_or("", |(_, digits)| digits);
        format!("{} {extension}", self.ending())
    }

    /// Returns whether two numbers reach the same phone, also if only one of them has its country. Then at least
    /// [`NATIONAL_MIN`] digits must be equal.
    pub(super) fn reaches(&self, other: &Self) -> bool {
        let extension = |number: &Self| number.0.split_once(EXTENSION).map(|(_, digits)| digits.to_owned());
        let is_international =
            |number: &Self| international_digits(number.0.split(EXTENSION).next().unwrap_or_default()).is_some();
        if extension(self) != extension(other) {
            return false;
        }
        let without_country = |number: &Self| {
            let digits = number.digits();
            digits.strip_prefix('0').unwrap_or(&digits).to_owned()
        };
        match (is_international(self), is_international(other)) {
            (true, false) => is_ending(&self.digits(), &without_country(other)),
            (false, true) => is_ending(&other.digits(), &without_country(self)),
            _ => self.digits() == other.digits(),
        }
    }
}

/// Returns whether a number without its country is the rest of one with its country.
#[cfg(feature = "server")]
fn is_ending(whole: &str, rest: &str) -> bool {
    rest.len() >= NATIONAL_MIN && (whole == rest || national(whole).is_some_and(|national| national == rest))
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Returns a number in plain characters: without direction marks, dashes of other lengths, full-width characters, and
/// the scheme of a link, which may be copied with it.
fn plain(text: &str) -> String {
    let character = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}' => '-',
        _ => c,
    };
    let text: String = text.chars().filter(|c| !is_bidi_control(*c) && !is_invisible(*c)).map(character).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    match text.strip_prefix("tel:") {
        Some(link) => link.trim_start_matches('/').replace("%20", " ").replace("%2b", "+").trim_start().to_owned(),
        None => text,
    }
}

/// Returns the digits of a number that begins with its country, after `+` or `00`; `None` for others.
fn international_digits(number: &str) -> Option<String> {
    let begin = number.trim_start_matches(['(', ' ']);
    if !begin.starts_with('+') && !digits_of(number).starts_with("00") {
        return None;
    }
    // The trunk zero is in its own brackets.
    let mut groups = number.split('(');
    let mut digits = digits_of(groups.next()?);
    for group in groups {
        let rest = match group.split_once(')') {
            Some((zero, rest)) if zero.trim() == "0" => rest,
            _ => group,
        };
        digits.push_str(&digits_of(rest));
    }
    // No country begins with a zero.
    let digits = digits.trim_start_matches('0');
    (!digits.is_empty()).then(|| digits.to_owned())
}

/// Returns the digits to search among phones; `None` for a text that is not a number. A number may be stored with or
/// without its country and its trunk zero, so a complete one is searched without both.
#[cfg(feature = "server")]
pub fn phone_needle(search: &str) -> Option<String> {
    let search = plain(search);
    let number = search.find([';', 'e', 'x']).map_or(search.as_str(), |end| &search[..end]);
    if number.chars().any(char::is_alphabetic) || !number.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let Some(digits) = international_digits(number) else {
        let digits = digits_of(number);
        let rest = digits.strip_prefix('0').filter(|rest| rest.len() >= NATIONAL_MIN);
        return Some(rest.unwrap_or(&digits).to_owned());
    };
    Some(national(&digits).unwrap_or(&digits).to_owned())
}

/// Numbers with fewer digits are treated as incomplete.
#[cfg(feature = "server")]
const NATIONAL_MIN: usize = 7;

/// Returns a number without its country (ITU-T E.164, list of assigned codes), if enough digits remain.
#[cfg(feature = "server")]
fn national(digits: &str) -> Option<&str> {
    let country = match digits.as_bytes() {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => 3,
    };
    digits.get(country..).filter(|rest| rest.len() >= NATIONAL_MIN)
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_keep_their_spelling_and_know_their_digits() {
        assert_eq!(PhoneNumber::parse("tel: 123-").unwrap().to_string(), "123-");
        let phone = PhoneNumber::parse(" +1 (555)  123-4567 ").unwrap();
        assert_eq!(phone.to_string(), "+1 (555) 123-4567");
        assert_eq!(phone.digits(), "15551234567");
        for (pasted, kept) in [
            ("tel:+15551234567", "+15551234567"),
            ("\u{202a}+1\u{a0}555\u{202f}123\u{2011}4567\u{202c}", "+1 555 123-4567"),
            ("(+1) 555 1234", "(+1) 555 1234"),
            ("+1 555 123 4567 ext. 89", "+1 555 123 4567 ext. 89"),
            ("+1 555 123 4567 Extension 89", "+1 555 123 4567 ext. 89"),
            ("tel:+15551234567;ext=89", "+15551234567 ext. 89"),
            ("555-1234x9", "555-1234 ext. 9"),
        ] {
            assert_eq!(PhoneNumber::parse(pasted).unwrap().to_string(), kept);
            assert_eq!(PhoneNumber::parse(kept).unwrap().to_string(), kept, "again");
        }
        assert_eq!(PhoneNumber::parse("+1 555 123 4567 ext. 89").unwrap().digits(), "15551234567");
        for wrong in [
            "++15551234567",
            "+1+2",
            "1 +2 3",
            "123 ext.",
            "123 ext. 1234567",
            "123 x y",
            "tel:",
            "123;phone-context=x",
        ] {
            assert!(PhoneNumber::parse(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "+", "abc", "1", "555;rm -rf", "1".repeat(21).as_str(), "٠١٢٣٤"] {
            assert!(PhoneNumber::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn digits_are_dialed_from_abroad() {
        for (number, digits) in [
            ("+44 (0)20 7946 0958", "442079460958"),
            ("+44(0)2079460958", "442079460958"),
            ("+44-( 0 )-20 7946 0958", "442079460958"),
            ("(+49) (0) 123 456789", "49123456789"),
            ("+49 (0) 123 456789", "49123456789"),
            ("+43 (0)1 58858", "43158858"),
            ("+7 (0)495 1234567", "74951234567"),
            ("0049 170 1234567", "491701234567"),
            ("0049 (0)170 1234567", "491701234567"),
            ("+0049 170 1234567", "491701234567"),
            ("+39 06 698 12345", "390669812345"),
            ("+39 (06) 698 12345", "390669812345"),
            ("020 7946 0958", "02079460958"),
            ("(0)20 7946 0958", "02079460958"),
            ("+1 555 123 4567 ext. 89", "15551234567"),
            ("+1 (555) 123-4567x89", "15551234567"),
            ("tel:+1-555-123-4567", "15551234567"),
            ("tel:+44%2020%207946%200958", "442079460958"),
            ("TEL:%2B15551234567;ext=89", "15551234567"),
            ("＋４４　（０）２０　７９４６　０９５８", "442079460958"),
            ("０３－１２３４－５６７８", "0312345678"),
        ] {
            assert_eq!(PhoneNumber::parse(number).expect(number).digits(), digits, "{number}");
        }
    }

    #[test]
    fn numbers_reach_the_same_phone_in_any_spelling() {
        let reaches = |one: &str, other: &str| {
            let (one, other) = (PhoneNumber::parse(one).unwrap(), PhoneNumber::parse(other).unwrap());
            assert_eq!(one.reaches(&other), other.reaches(&one));
            assert!(!one.reaches(&other) || other.digits().contains(&one.ending()), "{one} is searched for {other}");
            one.reaches(&other)
        };
        for same in ["+44 20 7946 0958", "0044 20 79460958", "020 7946 0958", "(020) 7946-0958", "+44 (0)20 7946 0958"]
        {
            assert!(reaches("+442079460958", same), "{same}");
        }
        assert!(reaches("+15551234567", "(555) 123-4567"));
        assert!(reaches("15551234567", "+1 555 123 4567"));
        for other in ["+44 20 7946 0959", "+33 20 7946 0958", "7946 0958", "+44 20 7946 0958 ext. 1"] {
            assert!(!reaches("+442079460958", other), "{other}");
        }
    }

    #[test]
    fn a_number_is_found_however_it_is_written() {
        let spellings = [
            "+44 (0)20 7946 0958",
            "+44 20 7946 0958",
            "+442079460958",
            "0044 20 7946 0958",
            "tel:+44-20-7946-0958",
            "020 7946 0958",
            "(020) 7946-0958",
            "＋４４　２０　７９４６　０９５８",
            "+44 20 7946 0958 ext. 12",
        ];
        for stored in spellings {
            let text = PhoneNumber::parse(stored).unwrap().digits();
            for typed in spellings {
                let needle = phone_needle(typed).unwrap();
                assert!(text.contains(&needle), "{stored} as {text}, {typed} as {needle}");
            }
        }
        assert_eq!(phone_needle("+44 20").as_deref(), Some("4420"));
        assert_eq!(phone_needle("50%_\\").as_deref(), Some("50"));
        assert_eq!(phone_needle("+1 (555) 12").as_deref(), Some("155512"));
        assert_eq!(phone_needle("Jane"), None);
        assert_eq!(phone_needle("Pier 12"), None);
        assert_eq!(phone_needle("+()"), None);
    }
}
