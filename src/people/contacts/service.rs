//! The rules of contacts: who can view and edit them.

use super::model::{
    Assignment, Contact, ContactUpdate, NewContact, NewPhone, Phone, PhoneNumber, check_contact_email, check_note,
    check_part, check_phones,
};
use super::phone::phone_needle;
use super::store::{self, Listing};
use crate::event_log::{self, Event, EventKind};
use crate::ids::{ChannelId, ContactId};
use crate::live_event::{self, LiveEvent};
use crate::people::accounts::model::NAME_MAX;
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::{Member, check_members, publish_access_change};
use crate::platform::Platform;
use crate::platform::db::{Lockable, On, Tx};
use crate::platform::error::{AppError, Result};
use crate::platform::search_query::SearchQuery;

const PAGE_DEFAULT: i64 = 50;
const PAGE_MAX: i64 = 200;

/// Checks whether this member can view this contact, and everything that belongs to it: owner, or `Contact:View`, or
/// `Contact:ViewAssigned` and assigned; else 403. The caller has checked that the contact belongs to the member's
/// organization.
pub fn check_contact_access(member: &Member, is_assigned: bool) -> Result<()> {
    if member.may(Permission::ContactView) || (is_assigned && member.may(Permission::ContactViewAssigned)) {
        return Ok(());
    }
    Err(not_assigned())
}

/// Returns the error for a contact that exists and is not assigned to the member.
pub fn not_assigned() -> AppError {
    AppError::forbidden("You don't have access to this contact. Ask a colleague to assign you.")
}

/// Returns a contact that this member can view.
pub async fn find(platform: &Platform, member: &Member, id: ContactId) -> Result<Contact> {
    find_on(platform.db.on(), member, id).await
}

/// Does the same on a connection or in a transaction.
pub async fn find_on(on: On<'_>, member: &Member, id: ContactId) -> Result<Contact> {
    let contact = store::find(on, member.organization_id(), id).await?;
    let contact = contact.ok_or_else(|| AppError::not_found("contact"))?;
    check_contact_access(member, contact.member_ids.contains(&member.id))?;
    if !is_in_reach(member, &contact) {
        return Err(AppError::not_found("contact"));
    }
    Ok(contact)
}

/// Returns whether a contact exists for the caller: a token that is limited to another channel does not see it.
fn is_in_reach(member: &Member, contact: &Contact) -> bool {
    member.only_channel().is_none_or(|only| only == contact.channel_id.0)
}

/// By what a program finds a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    Phone(PhoneNumber),
    /// In lower case.
    Email(String),
}

/// Returns the contacts with a phone, in any spelling, or an email, by age.
pub async fn find_by(platform: &Platform, member: &Member, lookup: &Lookup) -> Result<Vec<Contact>> {
    find_by_on(platform.db.on(), member, lookup).await
}

async fn find_by_on(on: On<'_>, member: &Member, lookup: &Lookup) -> Result<Vec<Contact>> {
    let mut contacts = with(on, member, lookup).await?;
    contacts.retain(|contact| is_visible(member, contact));
    Ok(contacts)
}

/// Returns the contacts that a program means, by age.
///
/// # Errors
/// `forbidden` if there are some, and this member can view none of them: another contact would be a duplicate.
async fn meant_by(on: On<'_>, member: &Member, lookup: &Lookup) -> Result<Vec<Contact>> {
    let mut contacts = with(on, member, lookup).await?;
    let is_known = !contacts.is_empty();
    contacts.retain(|contact| is_visible(member, contact));
    if is_known && contacts.is_empty() { Err(not_assigned()) } else { Ok(contacts) }
}

/// Returns the contacts in the caller's reach, by age, also those that this member can't view.
async fn with(on: On<'_>, member: &Member, lookup: &Lookup) -> Result<Vec<Contact>> {
    let organization = member.organization_id();
    let mut contacts = match lookup {
        Lookup::Phone(number) => store::with_phone_like(on, organization, &number.ending()).await?,
        Lookup::Email(email) => store::with_email(on, organization, email).await?,
    };
    contacts.retain(|contact| is_in_reach(member, contact) && has(contact, lookup));
    Ok(contacts)
}

pub(super) fn is_visible(member: &Member, contact: &Contact) -> bool {
    check_contact_access(member, contact.member_ids.contains(&member.id)).is_ok()
}

/// Returns the contact that a message is for: the oldest one with a phone or an email.
pub async fn first_by(platform: &Platform, member: &Member, lookup: &Lookup) -> Result<Option<Contact>> {
    Ok(meant_by(platform.db.on(), member, lookup).await?.into_iter().next())
}

/// Returns the contact that a message is for, or creates it. Two calls at once result in one contact.
pub async fn find_or_create(
    platform: &Platform,
    member: &Member,
    lookup: &Lookup,
    input: NewContact,
) -> Result<Contact> {
    check_may_create(member)?;
    let contact = checked(platform, &input)?;
    let (mut tx, ref member) = rights::begin_change(platform, member).await?;
    if let Some(known) = meant_by(tx.on(), member, lookup).await?.into_iter().next() {
        return Ok(known);
    }
    let contact = insert(&mut tx, member, contact).await?;
    log(platform, &mut tx, member, EventKind::ContactCreated, &contact).await?;
    tx.commit().await?;
    platform.job_added.notify_one();
    live_event::publish(platform, member.organization_id(), created(&contact)).await;
    Ok(contact)
}

fn has(contact: &Contact, lookup: &Lookup) -> bool {
    match lookup {
        Lookup::Phone(number) => contact.phones.iter().any(|phone| phone.number.reaches(number)),
        Lookup::Email(email) => contact.email == *email,
    }
}

/// Returns a page of the contacts that this member can view, by name.
#[tracing::instrument(skip_all)]
pub async fn list(
    platform: &Platform,
    member: &Member,
    search: &str,
    after: Option<ContactId>,
    limit: Option<i64>,
) -> Result<Vec<Contact>> {
    let assigned_to = match (member.may(Permission::ContactView), member.may(Permission::ContactViewAssigned)) {
        (true, _) => None,
        (false, true) => Some(member.id),
        (false, false) => return Ok(Vec::new()),
    };
    let (query, phone) = (SearchQuery::parse(search), phone_needle(search));
    if query.is_none() && !search.trim().is_empty() {
        // The search consists of characters that no name contains.
        return Ok(Vec::new());
    }
    let listing = Listing {
        organization: member.organization_id(),
        assigned_to,
        query: query.as_ref(),
        phone: phone.as_deref(),
        after,
        only_channel: member.only_channel(),
        limit: limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX),
    };
    let is_search = listing.query.is_some();
    let page = async { Ok(store::list(&platform.db, listing).await?) };
    if is_search { platform.searches.run(member.user_id.0, page).await } else { page.await }
}

/// Creates a contact and its conversation.
#[tracing::instrument(skip_all)]
pub async fn create(platform: &Platform, member: &Member, input: NewContact) -> Result<Contact> {
    check_may_create(member)?;
    let contact = checked(platform, &input)?;
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    let contact = insert(&mut tx, member, contact).await?;
    log(platform, &mut tx, member, EventKind::ContactCreated, &contact).await?;
    tx.commit().await?;
    platform.job_added.notify_one();
    live_event::publish(platform, member.organization_id(), created(&contact)).await;
    Ok(contact)
}

/// Updates the contact that has one of these phones, or this email, or creates one. Returns it, and whether it is new.
/// Two calls at once for one phone result in one contact.
///
/// Given fields replace what is stored. New phones are added.
///
/// # Errors
/// `conflict` if several contacts match.
pub async fn save(platform: &Platform, member: &Member, input: NewContact) -> Result<(Contact, bool)> {
    member.require(Permission::ContactEdit)?;
    let new = checked(platform, &input)?;
    // It waits for other calls in this organization, so that both see the same contacts.
    let (mut tx, ref member) = rights::begin_change(platform, member).await?;
    member.require(Permission::ContactEdit)?;
    let phones = new.phones.iter().map(|phone| Lookup::Phone(phone.number.clone()));
    let email = Some(new.email.clone()).filter(|email| !email.is_empty()).map(Lookup::Email);
    let mut known: Vec<Contact> = Vec::new();
    for lookup in phones.chain(email) {
        let found = meant_by(tx.on(), member, &lookup).await?;
        for contact in found {
            if known.iter().all(|other| other.id != contact.id) {
                known.push(contact);
            }
        }
    }
    if known.len() > 1 {
        let ids: Vec<_> = known.iter().take(10).map(|contact| contact.id.to_string()).collect();
        let message = format!("Several contacts match: {}. Update one of them by its ID.", ids.join(", "));
        return Err(AppError::conflict(message));
    }
    let (contact, is_new) = match known.pop() {
        Some(known) => (merged(known, new), false),
        None => (new, true),
    };
    let contact = if is_new {
        check_may_create(member)?;
        insert(&mut tx, member, contact).await?
    } else {
        check_phones(&contact.phones.iter().map(NewPhone::from).collect::<Vec<_>>())?;
        store::update(&mut tx, &contact, platform.clock.now()).await?;
        contact
    };
    let kind = if is_new { EventKind::ContactCreated } else { EventKind::ContactUpdated };
    log(platform, &mut tx, member, kind, &contact).await?;
    tx.commit().await?;
    platform.job_added.notify_one();
    let event = if is_new { created(&contact) } else { updated(&contact) };
    live_event::publish(platform, member.organization_id(), event).await;
    Ok((contact, is_new))
}

/// Rejects members who can't edit contacts, and tokens that can't view a new one.
pub(super) fn check_may_create(member: &Member) -> Result<()> {
    member.require(Permission::ContactEdit)?;
    match member.only_channel() {
        None => Ok(()),
        Some(_) => {
            Err(AppError::forbidden("This access token is limited to one conversation, so it can't create contacts."))
        }
    }
}

/// Returns a contact with what a program says of it.
pub(super) fn merged(known: Contact, new: Contact) -> Contact {
    let given = |new: String, known: String| if new.is_empty() { known } else { new };
    let mut phones = known.phones;
    let has_preferred = phones.iter().any(|phone| phone.preferred);
    for phone in new.phones {
        if !phones.iter().any(|other| other.number.reaches(&phone.number)) {
            phones.push(Phone { preferred: phone.preferred && !has_preferred, ..phone });
        }
    }
    Contact {
        first_name: given(new.first_name, known.first_name),
        last_name: given(new.last_name, known.last_name),
        email: given(new.email, known.email),
        company: given(new.company, known.company),
        note: given(new.note, known.note),
        phones,
        ..known
    }
}

fn checked(platform: &Platform, input: &NewContact) -> Result<Contact> {
    recognizable(with_checked_fields(platform, input)?)
}

/// Returns a contact with checked fields. All of them may be empty.
pub(super) fn with_checked_fields(platform: &Platform, input: &NewContact) -> Result<Contact> {
    Ok(Contact {
        id: ContactId(platform.clock.new_id()),
        channel_id: ChannelId(platform.clock.new_id()),
        first_name: check_part("firstName", &input.first_name)?,
        last_name: check_part("lastName", &input.last_name)?,
        phones: check_phones(&input.phones)?,
        email: check_contact_email(&input.email)?,
        company: check_part("company", &input.company)?,
        note: check_note(&input.note)?,
        member_ids: Vec::new(),
        created_at: platform.clock.now(),
    })
}

pub(super) async fn insert(tx: &mut Tx, member: &Member, contact: Contact) -> Result<Contact> {
    member.require(Permission::ContactEdit)?;
    store::insert(&mut *tx, member.organization_id(), &contact).await?;
    // Members who can view only assigned contacts must be assigned to the one they create.
    let assigned = if member.may(Permission::ContactView) { vec![] } else { vec![member.id] };
    store::replace_members(tx, contact.id, &assigned).await?;
    Ok(Contact { member_ids: assigned, ..contact })
}

/// Returns a contact that lists can show. One without name and phone is named after its email or company.
pub(super) fn recognizable(mut contact: Contact) -> Result<Contact> {
    if !contact.first_name.is_empty() || !contact.last_name.is_empty() || !contact.phones.is_empty() {
        return Ok(contact);
    }
    let name = [&contact.email, &contact.company].into_iter().find(|name| !name.is_empty()).cloned();
    let missing = || AppError::invalid("firstName", "Enter a name, a phone number or an email address.");
    contact.first_name = name.ok_or_else(missing)?.chars().take(NAME_MAX).collect();
    Ok(contact)
}

#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn update(platform: &Platform, member: &Member, id: ContactId, input: ContactUpdate) -> Result<Contact> {
    find(platform, member, id).await?;
    member.require(Permission::ContactEdit)?;
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    member.require(Permission::ContactEdit)?;
    // Two concurrent changes of different fields keep both.
    tx.lock(Lockable::Contact, id.0).await?;
    let mut contact = find_on(tx.on(), member, id).await?;
    if let Some(first) = input.first_name {
        contact.first_name = check_part("firstName", &first)?;
    }
    if let Some(last) = input.last_name {
        contact.last_name = check_part("lastName", &last)?;
    }
    if let Some(phones) = input.phones {
        contact.phones = check_phones(&phones)?;
    }
    if let Some(email) = input.email {
        contact.email = check_contact_email(&email)?;
    }
    if let Some(company) = input.company {
        contact.company = check_part("company", &company)?;
    }
    if let Some(note) = input.note {
        contact.note = check_note(&note)?;
    }
    let contact = recognizable(contact)?;
    store::update(&mut tx, &contact, platform.clock.now()).await?;
    log(platform, &mut tx, member, EventKind::ContactUpdated, &contact).await?;
    tx.commit().await?;
    platform.job_added.notify_one();
    live_event::publish(platform, member.organization_id(), updated(&contact)).await;
    Ok(contact)
}

/// Sets the assigned members.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn assign(platform: &Platform, member: &Member, id: ContactId, input: Assignment) -> Result<Contact> {
    find(platform, member, id).await?;
    member.require(Permission::ContactEdit)?;
    let (mut tx, ref member) = rights::begin_change(platform, member).await?;
    let mut contact = find_on(tx.on(), member, id).await?;
    member.require(Permission::ContactEdit)?;
    contact.member_ids = input.member_ids;
    contact.member_ids.sort_unstable();
    contact.member_ids.dedup();
    check_members(tx.on(), member, "memberIds", &contact.member_ids).await?;
    store::replace_members(&mut tx, id, &contact.member_ids).await?;
    tx.commit().await?;
    publish_access_change(platform, member.organization_id()).await;
    live_event::publish(platform, member.organization_id(), updated(&contact)).await;
    Ok(contact)
}

/// Records an event for programs.
async fn log(platform: &Platform, tx: &mut Tx, member: &Member, kind: EventKind, contact: &Contact) -> Result<()> {
    let event = Event::contact(kind, contact.channel_id, contact.id);
    Ok(event_log::record(platform, tx, member.organization_id(), &[event]).await?)
}

pub(super) fn created(contact: &Contact) -> LiveEvent {
    LiveEvent::ContactCreated { contact_id: contact.id, channel_id: contact.channel_id }
}

pub(super) fn updated(contact: &Contact) -> LiveEvent {
    LiveEvent::ContactUpdated { contact_id: contact.id, channel_id: contact.channel_id }
}
