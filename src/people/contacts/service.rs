//! The rules of contacts: who can view and edit them.

use super::model::{Assignment, Contact, ContactUpdate, NewContact, Phone, check_part, check_phones, search_text};
use super::phone::phone_needle;
use super::store::{self, Listing};
use crate::ids::{ChannelId, ContactId};
use crate::live_event::{self, LiveEvent};
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::{Member, check_members, publish_access_change};
use crate::platform::Platform;
use crate::platform::db::{Lockable, On};
use crate::platform::error::{AppError, Result};
use crate::platform::search::needle;

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

async fn find_on(on: On<'_>, member: &Member, id: ContactId) -> Result<Contact> {
    let contact = store::find(on, member.organization_id(), id).await?;
    let contact = contact.ok_or_else(|| AppError::not_found("contact"))?;
    check_contact_access(member, contact.member_ids.contains(&member.id))?;
    Ok(contact)
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
    let (needle, phone) = (needle(search), phone_needle(search));
    if needle.is_none() && !search.trim().is_empty() {
        // The search consists of characters that no name contains.
        return Ok(Vec::new());
    }
    let listing = Listing {
        organization: member.organization_id(),
        assigned_to,
        needle: needle.as_deref().unwrap_or_default(),
        phone: phone.as_deref(),
        after,
        limit: limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX),
    };
    let is_search = !listing.needle.is_empty();
    let page = async { Ok(store::list(&platform.db, listing).await?) };
    if is_search { platform.searches.run(member.user_id.0, page).await } else { page.await }
}

/// Creates a contact and its conversation.
#[tracing::instrument(skip_all)]
pub async fn create(platform: &Platform, member: &Member, input: NewContact) -> Result<Contact> {
    member.require(Permission::ContactEdit)?;
    let contact = Contact {
        id: ContactId(platform.clock.new_id()),
        channel_id: ChannelId(platform.clock.new_id()),
        first_name: check_part("firstName", &input.first_name)?,
        last_name: check_part("lastName", &input.last_name)?,
        phones: check_phones(&input.phones)?,
        member_ids: Vec::new(),
        created_at: platform.clock.now(),
    };
    check_recognizable(&contact.first_name, &contact.last_name, &contact.phones)?;
    let search = search_text(&contact.first_name, &contact.last_name, &contact.phones);
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    member.require(Permission::ContactEdit)?;
    store::insert(&mut tx, member.organization_id(), &contact, &search).await?;
    // Members who can view only assigned contacts must be assigned to the one they create.
    let assigned = if member.may(Permission::ContactView) { vec![] } else { vec![member.id] };
    store::replace_members(&mut tx, contact.id, &assigned).await?;
    tx.commit().await?;
    live_event::publish(platform, member.organization_id(), created(&contact)).await;
    Ok(Contact { member_ids: assigned, ..contact })
}

fn check_recognizable(first: &str, last: &str, phones: &[Phone]) -> Result<()> {
    if first.is_empty() && last.is_empty() && phones.is_empty() {
        return Err(AppError::invalid("firstName", "Enter a name or a phone number."));
    }
    Ok(())
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
    check_recognizable(&contact.first_name, &contact.last_name, &contact.phones)?;
    let search = search_text(&contact.first_name, &contact.last_name, &contact.phones);
    store::update(&mut tx, &contact, &search, platform.clock.now()).await?;
    tx.commit().await?;
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

fn created(contact: &Contact) -> LiveEvent {
    LiveEvent::ContactCreated { contact_id: contact.id, channel_id: contact.channel_id }
}

fn updated(contact: &Contact) -> LiveEvent {
    LiveEvent::ContactUpdated { contact_id: contact.id, channel_id: contact.channel_id }
}
