//! Contacts and their phone numbers.

use std::fmt;

use serde::{Deserialize, Serialize};

pub use super::phone::PhoneNumber;
use crate::ids::MemberId;
use crate::ids::{ChannelId, ContactId};
use crate::platform::error::{AppError, Result};
use crate::platform::lists;
#[cfg(feature = "server")]
use crate::platform::search::fold;
use crate::platform::timestamp::Timestamp;

/// Maximum length of a contact's note, in characters.
pub const NOTE_MAX: usize = 2000;
/// Maximum number of phones of a contact.
pub const PHONES_MAX: usize = 20;

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
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub company: String,
    #[serde(default)]
    pub note: String,
    /// The assigned members.
    pub member_ids: Vec<MemberId>,
    pub created_at: Timestamp,
}

impl Contact {
    /// Returns the preferred phone, else the first.
    pub fn main_phone(&self) -> Option<&PhoneNumber> {
        let preferred = self.phones.iter().find(|phone| phone.preferred);
        preferred.or(self.phones.first()).map(|phone| &phone.number)
    }

    /// Returns the name, else the phone, for lists.
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
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub company: String,
    #[serde(default)]
    pub note: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewPhone {
    pub number: String,
    #[serde(default)]
    pub preferred: bool,
}

impl From<&Phone> for NewPhone {
    fn from(phone: &Phone) -> Self {
        Self { number: phone.number.to_string(), preferred: phone.preferred }
    }
}

/// Changes of a contact. Omitted fields stay.
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Assignment {
    #[serde(deserialize_with = "lists::distinct::<{ lists::MEMBERS_MAX }, _, _>")]
    pub member_ids: Vec<MemberId>,
}

/// The search in the list's URL: `search=` and the text. The router decodes the URL before it looks for `&`, so the
/// text extends to the end.
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

/// Checks one of a contact's names. It may be empty if there is a phone.
pub fn check_part(field: &str, text: &str) -> Result<String> {
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    crate::people::accounts::model::check_name(field, text)
}

/// Checks an email address. It may be empty.
pub fn check_contact_email(text: &str) -> Result<String> {
    if text.trim().is_empty() { Ok(String::new()) } else { crate::people::accounts::model::check_email(text) }
}

/// Checks a note. It may have several lines, and may be empty.
pub fn check_note(text: &str) -> Result<String> {
    let note: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
    if note.chars().count() > NOTE_MAX {
        return Err(AppError::invalid("note", format!("Use at most {NOTE_MAX} characters.")));
    }
    Ok(note.trim().to_owned())
}

/// Checks that all phones are valid, without duplicates, and at most one is preferred.
pub fn check_phones(phones: &[NewPhone]) -> Result<Vec<Phone>> {
    if phones.len() > PHONES_MAX {
        return Err(AppError::invalid("phones", format!("A contact can have at most {PHONES_MAX} phone numbers.")));
    }
    if phones.iter().filter(|phone| phone.preferred).count() > 1 {
        return Err(AppError::invalid("phones", "Only one phone number can be preferred."));
    }
    let mut checked: Vec<Phone> = Vec::new();
    for phone in phones {
        let number = PhoneNumber::parse(&phone.number)?;
        if checked.iter().any(|other| other.number.is_same(&number)) {
            return Err(AppError::invalid("phones", format!("{number} is listed twice. Remove one.")));
        }
        checked.push(Phone { number, preferred: phone.preferred });
    }
    Ok(checked)
}

/// Returns the text for searches and sorting: names, folded, then digits, email and company.
#[cfg(feature = "server")]
pub fn search_text(contact: &Contact) -> String {
    let digits = contact.phones.iter().map(|phone| phone.number.digits());
    let name = fold(&format!("{} {}", contact.first_name, contact.last_name)).trim().to_owned();
    let parts = std::iter::once(name).chain(digits).chain([fold(&contact.email), fold(&contact.company)]);
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let twice = [phone("+44 (0)20 7946 0958", false), phone("+44 20 7946 0958", false)];
        assert!(check_phones(&twice).is_err());
    }
}
