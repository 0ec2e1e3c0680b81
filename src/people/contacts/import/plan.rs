//! What an import does with each row. Pure: the same for a preview, and in the transaction of a batch.
//!
//! A row is about the contact that it was exported from, else about those with one of its phones or its email. A row with
//! neither is about the contact of the same name and company that has neither.

use std::collections::{HashMap, HashSet};

use super::model::Change;
use crate::ids::ContactId;
use crate::people::contacts::model::{Contact, NewPhone, PhoneNumber, check_phones};
use crate::people::contacts::service::{merged, not_assigned, recognizable};
use crate::platform::error::{AppError, Result};
use crate::platform::search::fold;

/// Maximum number of contacts that a row is compared with, by a phone.
const CANDIDATES_MAX: usize = 200;

fn too_many_alike() -> AppError {
    let message = format!(
        "More than {CANDIDATES_MAX} contacts have a phone with this ending. Import this row in a file of its own."
    );
    AppError::invalid("phone", message)
}

/// What a row does. The contact is as it is afterward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Create(Contact),
    Update(Contact, Vec<Change>),
    Unchanged(Contact),
}

struct Known {
    contact: Contact,
    is_visible: bool,
    /// The first row that is about it, and what the rows so far said.
    said: Option<(u32, Contact)>,
}

/// The contacts that rows may be about, and those that earlier rows create.
#[derive(Default)]
pub struct Plan {
    known: Vec<Known>,
    by_id: HashMap<ContactId, usize>,
    /// By the last digits of a phone and its extension.
    by_phone: HashMap<String, Vec<usize>>,
    by_email: HashMap<String, Vec<usize>>,
    /// Those without phone and email.
    by_name: HashMap<String, Vec<usize>>,
}

/// Returns the key by which contacts without phone and email are equal: the folded name and company, as in their search
/// text.
pub fn name_key(contact: &Contact) -> String {
    let name = fold(&format!("{} {}", contact.first_name, contact.last_name)).trim().to_owned();
    [name, fold(&contact.company)].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn is_named_only(contact: &Contact) -> bool {
    contact.phones.is_empty() && contact.email.is_empty()
}

impl Plan {
    /// Adds a stored contact.
    pub fn add(&mut self, contact: Contact, is_visible: bool) {
        let place = self.known.len();
        self.known.push(Known { contact, is_visible, said: None });
        self.index(place);
    }

    fn index(&mut self, place: usize) {
        let contact = &self.known[place].contact;
        let put = |map: &mut HashMap<String, Vec<usize>>, key: String| {
            let places = map.entry(key).or_default();
            if !places.contains(&place) {
                places.push(place);
            }
        };
        self.by_id.insert(contact.id, place);
        for phone in &contact.phones {
            put(&mut self.by_phone, phone.number.key());
        }
        if !contact.email.is_empty() {
            put(&mut self.by_email, contact.email.clone());
        }
        if is_named_only(contact) {
            put(&mut self.by_name, name_key(contact));
        }
    }

    /// Plans the next row. `id` is the contact that it was exported from. Returns the step, and the contact's name
    /// before it.
    ///
    /// # Errors
    /// If the row is about several contacts, about one that the member can't view, or contradicts an earlier row.
    pub fn next(&mut self, line: u32, id: Option<ContactId>, new: Contact) -> Result<(Step, String)> {
        let Some(place) = self.find(id, &new)? else {
            let contact = recognizable(new.clone())?;
            self.known.push(Known { contact: contact.clone(), is_visible: true, said: Some((line, new)) });
            self.index(self.known.len() - 1);
            let name = contact.display_name();
            return Ok((Step::Create(contact), name));
        };
        let Known { contact: before, is_visible, said } = &self.known[place];
        if !is_visible {
            return Err(not_assigned());
        }
        if let Some((first, said)) = said {
            check_agreement(*first, said, &new)?;
        }
        let after = merged(before.clone(), new.clone());
        check_phones(&after.phones.iter().map(NewPhone::from).collect::<Vec<_>>())?;
        let (name, changes) = (before.display_name(), changes(before, &after));
        let said = said.clone().map_or((line, new.clone()), |(first, said)| (first, merged(said, new)));
        self.known[place].said = Some(said);
        self.known[place].contact = after.clone();
        self.index(place);
        Ok((if changes.is_empty() { Step::Unchanged(after) } else { Step::Update(after, changes) }, name))
    }

    /// Returns the contact that a row is about.
    fn find(&self, id: Option<ContactId>, new: &Contact) -> Result<Option<usize>> {
        let exported = id.and_then(|id| self.by_id.get(&id)).copied();
        let own = exported.map(|place| &self.known[place].contact);
        let mut places: Vec<usize> = exported.into_iter().collect();
        // What the contact has already may be another one's too.
        let is_new =
            |number: &PhoneNumber| own.is_none_or(|own| own.phones.iter().all(|phone| !phone.number.reaches(number)));
        for number in new.phones.iter().map(|phone| &phone.number).filter(|number| is_new(number)) {
            let candidates = self.by_phone.get(&number.key()).map_or(&[][..], Vec::as_slice);
            if candidates.len() > CANDIDATES_MAX {
                return Err(too_many_alike());
            }
            places.extend(
                candidates.iter().filter(|place| {
                    self.known[**place].contact.phones.iter().any(|phone| phone.number.reaches(number))
                }),
            );
        }
        if !new.email.is_empty() && own.is_none_or(|own| own.email != new.email) {
            let candidates = self.by_email.get(&new.email).into_iter().flatten().take(CANDIDATES_MAX);
            places.extend(candidates.filter(|place| self.known[**place].contact.email == new.email));
        }
        if exported.is_none() && is_named_only(new) {
            let key = recognizable(new.clone()).map(|named| name_key(&named));
            let candidates = key.ok().and_then(|key| self.by_name.get(&key)).into_iter().flatten().take(CANDIDATES_MAX);
            places.extend(candidates.filter(|place| is_named_only(&self.known[**place].contact)));
        }
        let mut seen = HashSet::new();
        places.retain(|place| seen.insert(*place));
        match places[..] {
            [] => Ok(None),
            [place] => Ok(Some(place)),
            [one, other, ..] => Err(self.ambiguous(one, other)),
        }
    }

    fn ambiguous(&self, one: usize, other: usize) -> AppError {
        let [one, other] = [one, other].map(|place| &self.known[place]);
        if !one.is_visible || !other.is_visible {
            return not_assigned();
        }
        let name = |known: &Known| known.contact.display_name();
        AppError::conflict(format!(
            "This row matches two contacts, {} and {}. Remove the phone number or the email of one of them.",
            name(one),
            name(other)
        ))
    }
}

fn texts(contact: &Contact) -> [(&'static str, &str); 5] {
    [
        ("First name", &contact.first_name),
        ("Last name", &contact.last_name),
        ("Email", &contact.email),
        ("Company", &contact.company),
        ("Note", &contact.note),
    ]
}

/// Rejects a row that says something else of a contact than an earlier one: it is probably about somebody else with the
/// same phone.
fn check_agreement(first: u32, said: &Contact, new: &Contact) -> Result<()> {
    let differs = texts(said)
        .into_iter()
        .zip(texts(new))
        .find(|((_, said), (_, new))| !said.is_empty() && !new.is_empty() && said != new);
    let Some(((field, _), _)) = differs else { return Ok(()) };
    let field = field.to_lowercase();
    Err(AppError::conflict(format!(
        "Line {first} is about the same contact and has another {field}. Correct one of the rows, or remove the phone \
         number or the email that they share."
    )))
}

fn changes(before: &Contact, after: &Contact) -> Vec<Change> {
    let texts = texts(before).into_iter().zip(texts(after)).filter(|(before, after)| before != after);
    let texts = texts.map(|((field, old), (_, new))| (field, old.to_owned(), new.to_owned()));
    let added =
        after.phones.iter().skip(before.phones.len()).map(|phone| ("Phone", String::new(), phone.number.to_string()));
    texts.chain(added).map(|(field, old, new)| Change { field: field.to_owned(), old, new }).collect()
}

#[cfg(test)]
mod tests;
