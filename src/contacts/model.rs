//! Contacts and their phone numbers.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::auth::model::{NAME_MAX, is_bidi_control};
use crate::id_type;
use crate::organizations::model::MemberId;
use crate::platform::error::{AppError, Result};
use crate::platform::lists;
use crate::platform::timestamp::Timestamp;

id_type! {
    ContactId,
    /// One conversation. Declared here because a contact has one from the start.
    ChannelId,
}

/// What stands before the digits of an extension.
const EXTENSION: &str = " ext. ";
/// Most phones of one contact.
const PHONES_MAX: usize = 20;

/// A phone number as people write it: 2 to 20 digits, a `+` before them, and between them spaces, dots, slashes, dashes and brackets;
/// then, where there is one, an extension, spelled ` ext. 89`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    pub fn parse(text: &str) -> Result<Self> {
        Self::read(text).ok_or_else(|| {
            AppError::invalid("phones", format!("{text:?} is not a phone number. It looks like +1 (555) 123-4567."))
        })
    }

    fn read(text: &str) -> Option<Self> {
        // What comes along where a number is copied: direction marks, and dashes of all lengths.
        let plain =
            text.replace(is_bidi_control, "").replace(|c| matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}'), "-");
        let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
        let plain = plain.strip_prefix("tel:").unwrap_or(&plain).trim_start();
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
        // `;ext=` is that of a link (RFC 3966 §3).
        let marks = [";ext=", "extension", "ext.", "ext", "x"];
        let digits = marks.iter().find_map(|mark| extension.strip_prefix(mark))?.trim();
        let is_extension = (1..=6).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit());
        is_extension.then(|| Self(format!("{number}{EXTENSION}{digits}")))
    }

    /// Trusts what the database holds.
    #[cfg(feature = "server")]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// Of the number, without the extension.
    pub fn digits(&self) -> String {
        let number = self.0.split(EXTENSION).next().unwrap_or_default();
        number.chars().filter(char::is_ascii_digit).collect()
    }

    /// Whether it leads to the same phone, however it is spelled.
    fn is_same(&self, other: &Self) -> bool {
        let extension = |number: &Self| number.0.split_once(EXTENSION).map(|(_, digits)| digits.to_owned());
        self.digits() == other.digits() && extension(self) == extension(other)
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Phone {
    pub number: PhoneNumber,
    #[serde(default)]
    pub preferred: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    pub id: ContactId,
    /// The conversation with this contact.
    pub channel_id: ChannelId,
    pub first_name: String,
    pub last_name: String,
    pub phones: Vec<Phone>,
    /// The members who are assigned.
    pub member_ids: Vec<MemberId>,
    pub created_at: Timestamp,
}

impl Contact {
    /// The preferred phone, else the first.
    pub fn main_phone(&self) -> Option<&PhoneNumber> {
        let preferred = self.phones.iter().find(|phone| phone.preferred);
        preferred.or(self.phones.first()).map(|phone| &phone.number)
    }

    /// Name, else phone: what stands in lists.
    pub fn display_name(&self) -> String {
        display_name(&self.first_name, &self.last_name, self.main_phone().map(ToString::to_string))
    }
}

pub fn display_name(first: &str, last: &str, phone: Option<String>) -> String {
    let name = format!("{first} {last}").trim().to_owned();
    if name.is_empty() { phone.unwrap_or_else(|| "No name".to_owned()) } else { name }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewContact {
    #[serde(default)]
    pub first_name: String,
    #[serde(default)]
    pub last_name: String,
    #[serde(default, deserialize_with = "lists::at_most::<{ lists::VALUES_MAX }, _, _>")]
    pub phones: Vec<NewPhone>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewPhone {
    pub number: String,
    #[serde(default)]
    pub preferred: bool,
}

/// What is left out stays as it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContactUpdate {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lists::at_most_or_none::<{ lists::VALUES_MAX }, _, _>"
    )]
    pub phones: Option<Vec<NewPhone>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Assignment {
    #[serde(deserialize_with = "lists::distinct::<{ lists::MEMBERS_MAX }, _, _>")]
    pub member_ids: Vec<MemberId>,
}

/// What is searched for, as the address of the list says it: `search=` and the text. The router decodes an address before it
/// would look for `&`, so the text goes on to the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search(pub String);

impl From<&str> for Search {
    fn from(query: &str) -> Self {
        Self(query.strip_prefix("search=").unwrap_or_default().to_owned())
    }
}

impl fmt::Display for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, "search={}", self.0) }
    }
}

/// A contact's name that may be empty, as long as there is a phone.
pub fn check_part(field: &str, text: &str) -> Result<String> {
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    crate::auth::model::check_name(field, text)
}

/// All phones valid, each of them once, at most one preferred.
pub fn check_phones(phones: &[NewPhone]) -> Result<Vec<Phone>> {
    if phones.len() > PHONES_MAX {
        return Err(AppError::invalid("phones", format!("A contact has at most {PHONES_MAX} phones.")));
    }
    if phones.iter().filter(|phone| phone.preferred).count() > 1 {
        return Err(AppError::invalid("phones", "Only one phone can be the preferred one."));
    }
    let mut checked: Vec<Phone> = Vec::new();
    for phone in phones {
        let number = PhoneNumber::parse(&phone.number)?;
        if checked.iter().any(|other| other.number.is_same(&number)) {
            return Err(AppError::invalid("phones", format!("{number} is there twice. Leave one out.")));
        }
        checked.push(Phone { number, preferred: phone.preferred });
    }
    Ok(checked)
}

/// What searches look at and lists sort by: names, then digits, in lower case.
pub fn search_text(first: &str, last: &str, phones: &[Phone]) -> String {
    debug_assert!(first.chars().count() <= NAME_MAX);
    let digits: Vec<_> = phones.iter().map(|phone| phone.number.digits()).collect();
    format!("{first} {last} {}", digits.join(" ")).trim().to_lowercase()
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
    fn searches_survive_an_address() {
        for text in ["", "jane", "Smith & Co = 50", "+1 (555)"] {
            let search = Search(text.to_owned());
            assert_eq!(Search::from(search.to_string().as_str()), search);
        }
        assert_eq!(Search::from("page=2"), Search::default());
    }

    #[test]
    fn each_phone_is_there_once_and_at_most_one_is_preferred() {
        let phone = |number: &str, preferred| NewPhone { number: number.into(), preferred };
        assert!(check_phones(&[phone("12345", true), phone("67890", false), phone("12345 ext. 6", false)]).is_ok());
        assert!(check_phones(&[phone("12345", true), phone("67890", true)]).is_err());
        assert!(check_phones(&[phone("12345", true), phone("+1 23-45", false)]).is_err());
    }
}
