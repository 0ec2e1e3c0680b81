//! Contacts and their phone numbers.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::auth::model::NAME_MAX;
use crate::id_type;
use crate::organizations::model::MemberId;
use crate::platform::error::{AppError, Result};
use crate::platform::timestamp::Timestamp;

id_type! {
    ContactId,
    /// One conversation. Declared here because a contact has one from the start.
    ChannelId,
}

/// Most phones of one contact.
const PHONES_MAX: usize = 20;

/// A phone number as people write it: digits, `+`, spaces, dots, slashes, dashes and brackets; 2 to 20 digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    pub fn parse(text: &str) -> Result<Self> {
        let number = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let known = |c: char| c.is_ascii_digit() || " +-./()".contains(c);
        let digits = number.chars().filter(char::is_ascii_digit).count();
        if !number.chars().all(known) || !(2..=20).contains(&digits) || number.len() > 40 {
            return Err(AppError::invalid(
                "phones",
                format!("{text:?} is not a phone number. It looks like +1 (555) 123-4567."),
            ));
        }
        Ok(Self(number))
    }

    /// Trusts what the database holds.
    #[cfg(feature = "server")]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    pub fn digits(&self) -> String {
        self.0.chars().filter(char::is_ascii_digit).collect()
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
    #[serde(default)]
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phones: Option<Vec<NewPhone>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Assignment {
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

/// All phones valid, at most one preferred.
pub fn check_phones(phones: &[NewPhone]) -> Result<Vec<Phone>> {
    if phones.len() > PHONES_MAX {
        return Err(AppError::invalid("phones", format!("A contact has at most {PHONES_MAX} phones.")));
    }
    if phones.iter().filter(|phone| phone.preferred).count() > 1 {
        return Err(AppError::invalid("phones", "Only one phone can be the preferred one."));
    }
    phones
        .iter()
        .map(|phone| Ok(Phone { number: PhoneNumber::parse(&phone.number)?, preferred: phone.preferred }))
        .collect()
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
        let phone = PhoneNumber::parse(" +1 (555)  123-4567 ").unwrap();
        assert_eq!(phone.to_string(), "+1 (555) 123-4567");
        assert_eq!(phone.digits(), "15551234567");
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
    fn at_most_one_phone_is_preferred() {
        let phone = |preferred| NewPhone { number: "12345".into(), preferred };
        assert!(check_phones(&[phone(true), phone(false)]).is_ok());
        assert!(check_phones(&[phone(true), phone(true)]).is_err());
    }
}
