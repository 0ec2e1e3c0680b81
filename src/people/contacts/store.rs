//! SQL of contacts.

use std::collections::HashMap;

use const_format::concatcp;
use sqlx::FromRow;
use uuid::Uuid;

use super::model::{Contact, Phone, PhoneNumber, search_text};
use crate::ids::{ChannelId, ContactId, MemberId, OrganizationId};
use crate::platform::db::{Db, On, Tx, execute, fetch_all, fetch_all_of, insert_pairs};
use crate::platform::search_query::SearchQuery;
use crate::platform::timestamp::Timestamp;

type Result<T> = std::result::Result<T, sqlx::Error>;

#[derive(FromRow)]
struct ContactRow {
    id: ContactId,
    channel_id: ChannelId,
    first_name: String,
    last_name: String,
    email: String,
    company: String,
    note: String,
    created_at: Timestamp,
}

/// The columns of [`ContactRow`], of a contact `c` with its channel `ch`. Deleted contacts are hidden until they are removed.
const SELECT_CONTACTS: &str =
    "SELECT c.id, ch.id AS channel_id, c.first_name, c.last_name, c.email, c.company, c.note, c.created_at
         FROM contacts c JOIN channels ch ON ch.contact_id = c.id AND ch.deleted_at IS NULL WHERE ";

#[derive(FromRow)]
struct PhoneRow {
    contact_id: ContactId,
    number: String,
    preferred: bool,
}

#[derive(FromRow)]
struct AssignedRow {
    contact_id: ContactId,
    member_id: MemberId,
}

/// Inserts a contact with its conversation.
pub async fn insert(tx: &mut Tx, organization: OrganizationId, contact: &Contact) -> Result<()> {
    execute!(
        &mut *tx,
        "INSERT INTO contacts (id, organization_id, first_name, last_name, search_text, created_at, updated_at, email,
           company, note)
         VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9)",
        contact.id,
        organization,
        &contact.first_name,
        &contact.last_name,
        search_text(contact),
        contact.created_at,
        &contact.email,
        &contact.company,
        &contact.note
    )?;
    execute!(
        &mut *tx,
        "INSERT INTO channels (id, organization_id, kind, name, private, contact_id, created_at)
         VALUES ($1, $2, 'contact', '', FALSE, $3, $4)",
        contact.channel_id,
        organization,
        contact.id,
        contact.created_at
    )?;
    insert_phones(tx, contact.id, &contact.phones).await
}

async fn insert_phones(tx: &mut Tx, contact: ContactId, phones: &[Phone]) -> Result<()> {
    for (position, phone) in (0_i32..).zip(phones) {
        execute!(
            &mut *tx,
            "INSERT INTO contact_phones (contact_id, position, number, preferred) VALUES ($1, $2, $3, $4)",
            contact,
            position,
            phone.number.to_string(),
            phone.preferred
        )?;
    }
    Ok(())
}

pub async fn update(tx: &mut Tx, contact: &Contact, now: Timestamp) -> Result<()> {
    execute!(
        &mut *tx,
        "UPDATE contacts SET first_name = $2, last_name = $3, search_text = $4, updated_at = $5, email = $6, company = $7,
           note = $8
         WHERE id = $1",
        contact.id,
        &contact.first_name,
        &contact.last_name,
        search_text(contact),
        now,
        &contact.email,
        &contact.company,
        &contact.note
    )?;
    execute!(&mut *tx, "DELETE FROM contact_phones WHERE contact_id = $1", contact.id)?;
    insert_phones(tx, contact.id, &contact.phones).await
}

/// Folds the search texts of the next `limit` contacts. Returns their ids.
pub async fn refold(tx: &mut Tx, after: Uuid, limit: i64) -> Result<Vec<Uuid>> {
    let rows = fetch_all!(
        &mut *tx,
        ContactRow,
        concatcp!(SELECT_CONTACTS, "c.id > $1 ORDER BY c.id LIMIT CAST($2 AS BIGINT)"),
        after,
        limit
    )?;
    let folded = fetch_all!(
        &mut *tx,
        (ContactId, String),
        "SELECT id, search_text FROM contacts WHERE id > $1 ORDER BY id LIMIT CAST($2 AS BIGINT)",
        after,
        limit
    )?;
    let folded: HashMap<_, _> = folded.into_iter().collect();
    let contacts = complete(tx.on(), rows).await?;
    for contact in &contacts {
        execute!(
            &mut *tx,
            "UPDATE contacts SET search_text = $2 WHERE id = $1 AND search_text = $3 AND search_text <> $2",
            contact.id,
            search_text(contact),
            folded.get(&contact.id)
        )?;
    }
    Ok(contacts.into_iter().map(|contact| contact.id.0).collect())
}

pub async fn replace_members(tx: &mut Tx, contact: ContactId, members: &[MemberId]) -> Result<()> {
    execute!(&mut *tx, "DELETE FROM contact_members WHERE contact_id = $1", contact)?;
    insert_pairs!(tx, "INSERT INTO contact_members (contact_id, member_id) ", contact, members)
}

pub async fn find(mut on: On<'_>, organization: OrganizationId, id: ContactId) -> Result<Option<Contact>> {
    let rows = fetch_all!(
        on.again(),
        ContactRow,
        concatcp!(SELECT_CONTACTS, "c.organization_id = $1 AND c.id = $2"),
        organization,
        id
    )?;
    Ok(complete(on, rows).await?.pop())
}

/// Returns these contacts, which are of one organization. `ids` must not be empty.
pub async fn find_all(mut on: On<'_>, ids: &[ContactId]) -> Result<Vec<Contact>> {
    let rows = fetch_all_of!(
        on.again(),
        ContactRow,
        concatcp!(SELECT_CONTACTS, "c.id"),
        ids.iter().copied(),
        "ORDER BY c.id"
    )?;
    complete(on, rows).await
}

/// Returns the contacts whose search text contains the end of a phone number, by age. They may have other numbers that
/// end the same.
pub async fn with_phone_like(mut on: On<'_>, organization: OrganizationId, digits: &str) -> Result<Vec<Contact>> {
    let rows = fetch_all!(
        on.again(),
        ContactRow,
        concatcp!(SELECT_CONTACTS, "c.organization_id = $1 AND instr(c.search_text, $2) > 0 ORDER BY c.id"),
        organization,
        digits
    )?;
    complete(on, rows).await
}

/// Returns the contacts with an email, by age.
pub async fn with_email(mut on: On<'_>, organization: OrganizationId, email: &str) -> Result<Vec<Contact>> {
    let rows = fetch_all!(
        on.again(),
        ContactRow,
        concatcp!(SELECT_CONTACTS, "c.organization_id = $1 AND c.email = $2 AND c.email <> '' ORDER BY c.id"),
        organization,
        email
    )?;
    complete(on, rows).await
}

pub struct Listing<'a> {
    pub organization: OrganizationId,
    /// Only contacts that this member is assigned to; `None`: all.
    pub assigned_to: Option<MemberId>,
    /// What their search texts contain; `None`: all.
    pub query: Option<&'a SearchQuery>,
    /// The digits of a phone, if a number is searched.
    pub phone: Option<&'a str>,
    /// The only channel that the caller's token can access.
    pub only_channel: Option<Uuid>,
    /// The last contact of the page before.
    pub after: Option<ContactId>,
    pub limit: i64,
}

/// Returns a page of contacts by name.
pub async fn list(db: &Db, listing: Listing<'_>) -> Result<Vec<Contact>> {
    let rows = fetch_all!(
        db,
        ContactRow,
        concatcp!(
            SELECT_CONTACTS,
            "c.organization_id = $1
           AND ($2 IS NULL OR EXISTS (SELECT 1 FROM contact_members cm WHERE cm.contact_id = c.id AND cm.member_id = $2))
           AND (instr(c.search_text, $6) > 0 OR (instr(c.search_text, $3) > 0
             AND NOT EXISTS (SELECT 1 FROM json_each($8) t WHERE instr(c.search_text, t.value) = 0)))
           AND ($4 IS NULL OR (c.search_text, c.id) > (SELECT a.search_text, a.id FROM contacts a WHERE a.id = $4 AND a.organization_id = $1))
           AND ($7 IS NULL OR ch.id = $7)
         ORDER BY c.search_text, c.id LIMIT CAST($5 AS BIGINT)"
        ),
        listing.organization,
        listing.assigned_to,
        listing.query.map_or("", SearchQuery::longest_word),
        listing.after,
        listing.limit,
        listing.phone,
        listing.only_channel,
        listing.query.map_or_else(|| "[]".to_owned(), SearchQuery::terms_json)
    )?;
    complete(db.on(), rows).await
}

async fn phones_of(
    on: On<'_>,
    contacts: impl ExactSizeIterator<Item = ContactId>,
) -> Result<HashMap<ContactId, Vec<Phone>>> {
    if contacts.len() == 0 {
        return Ok(HashMap::new());
    }
    let ids: Vec<_> = contacts.collect();
    let rows = fetch_all_of!(
        on,
        PhoneRow,
        "SELECT contact_id, number, preferred FROM contact_phones WHERE contact_id",
        ids.iter().copied(),
        "ORDER BY position"
    )?;
    let mut phones_of: HashMap<_, Vec<_>> = HashMap::new();
    for PhoneRow { contact_id, number, preferred } in rows {
        phones_of.entry(contact_id).or_default().push(Phone { number: PhoneNumber::stored(number), preferred });
    }
    Ok(phones_of)
}

/// Adds phones and assigned members, with one query each for a whole page.
async fn complete(mut on: On<'_>, rows: Vec<ContactRow>) -> Result<Vec<Contact>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = || rows.iter().map(|row| row.id);
    let mut phones_of = phones_of(on.again(), ids()).await?;
    let assigned = fetch_all_of!(
        on,
        AssignedRow,
        "SELECT contact_id, member_id FROM contact_members WHERE contact_id",
        ids(),
        "ORDER BY member_id"
    )?;
    let mut members_of: HashMap<_, Vec<_>> = HashMap::new();
    for row in assigned {
        members_of.entry(row.contact_id).or_default().push(row.member_id);
    }
    let contact = |row: ContactRow| Contact {
        id: row.id,
        channel_id: row.channel_id,
        first_name: row.first_name,
        last_name: row.last_name,
        phones: phones_of.remove(&row.id).unwrap_or_default(),
        email: row.email,
        company: row.company,
        note: row.note,
        member_ids: members_of.remove(&row.id).unwrap_or_default(),
        created_at: row.created_at,
    };
    Ok(rows.into_iter().map(contact).collect())
}
