//! Preview and import of rows.

use std::collections::HashSet;
use std::time::Duration;

use super::model::{BATCH_MAX, ImportBatch, ImportPreview, ImportResult, ImportRow, LineError, Outcome, PreviewRow};
use super::plan::{Plan, Step, name_key};
use super::read::read;
use super::store::{self, Place};
use crate::event_log::{self, Event, EventKind};
use crate::ids::{AuditEntryId, ContactId};
use crate::live_event::{self, LiveEvent};
use crate::people::audit::model::Action;
use crate::people::audit::service::{self as audit, By};
use crate::people::contacts::model::Contact;
use crate::people::contacts::service::{
    check_may_create, created, insert, is_visible, recognizable, updated, with_checked_fields,
};
use crate::people::contacts::store as contacts;
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::{On, Tx};
use crate::platform::error::{AppError, Result};
use crate::platform::search::fold;

/// Number of contacts whose search texts are read at a time.
const SCAN: i64 = 5000;
/// Number of contacts that are loaded at a time.
const LOAD: usize = 500;
/// Number of changed contacts up to which pages hear of each one. After more, they load everything again.
const EVENTS_MAX: u32 = 10;
/// Number of rows after which pages load everything again during a long import.
const RESYNC_ROWS: u32 = 2000;
/// How long an import can continue with the next batch.
const CONTINUES: Duration = Duration::from_hours(1);

/// A row with its checked fields.
struct CheckedRow {
    row: ImportRow,
    contact: Result<Contact>,
}

fn check(platform: &Platform, rows: Vec<ImportRow>) -> Vec<CheckedRow> {
    let checked =
        |row: ImportRow| CheckedRow { contact: with_checked_fields(platform, &row.contact).map_err(named), row };
    rows.into_iter().map(checked).collect()
}

/// Names the field in the message: a line of a file has no fields to show it beside.
fn named(error: AppError) -> AppError {
    let field = match error.field.as_deref() {
        Some("firstName") => "First name",
        Some("lastName") => "Last name",
        Some("company") => "Company",
        Some("note") => "Note",
        _ => return error,
    };
    AppError { message: format!("{field}: {}", error.message), ..error }
}

/// Returns what an import of a file would change now.
#[tracing::instrument(skip_all)]
pub async fn preview(platform: &Platform, member: &Member, bytes: Vec<u8>) -> Result<ImportPreview> {
    check_may_create(member)?;
    let file = tokio::task::spawn_blocking(move || read(&bytes)).await;
    let file = file.map_err(|error| AppError::unexpected("failed to read a file of contacts", error))??;
    let rows = check(platform, file.rows);
    let mut plan = known(platform.db.on(), member, &rows).await?;
    let planned = tokio::task::spawn_blocking(move || rows.into_iter().map(|row| previewed(&mut plan, row)).collect());
    let mut rows: Vec<_> = planned.await.map_err(|error| AppError::unexpected("failed to plan an import", error))?;
    rows.extend(file.errors.into_iter().map(|LineError { line, message }| PreviewRow {
        row: ImportRow { line, ..ImportRow::default() },
        name: String::new(),
        outcome: Outcome::Error { message },
    }));
    rows.sort_by_key(|row| row.row.line);
    Ok(ImportPreview { rows, ignored_columns: file.ignored_columns })
}

fn previewed(plan: &mut Plan, CheckedRow { row, contact }: CheckedRow) -> PreviewRow {
    let line = row.line;
    let (outcome, name) = match contact.and_then(|new| plan.next(line, row.id, new)) {
        Ok((Step::Create(_), name)) => (Outcome::Create, name),
        Ok((Step::Update(_, changes), name)) => (Outcome::Update { changes }, name),
        Ok((Step::Unchanged(_), name)) => (Outcome::Unchanged, name),
        Err(error) => (Outcome::Error { message: error.message }, String::new()),
    };
    // Only rows that change something are sent again.
    let row = match outcome {
        Outcome::Create | Outcome::Update { .. } => row,
        _ => ImportRow { line, ..ImportRow::default() },
    };
    PreviewRow { row, name, outcome }
}

/// Returns a plan with the contacts that these rows may be about.
async fn known(mut on: On<'_>, member: &Member, rows: &[CheckedRow]) -> Result<Plan> {
    let wanted = Wanted::of(rows);
    let mut after = Place::START;
    let mut ids = Vec::new();
    loop {
        let page = store::page(on.again(), member.organization_id(), None, &after, SCAN).await?;
        ids.extend(page.iter().filter(|place| wanted.may_be(place)).map(|place| place.id));
        match page.into_iter().last() {
            Some(last) => after = last,
            None => break,
        }
    }
    // The oldest first, so that errors are the same each time.
    ids.sort_unstable();
    let mut plan = Plan::default();
    for ids in ids.chunks(LOAD) {
        for contact in contacts::find_all(on.again(), ids).await? {
            let is_visible = is_visible(member, &contact);
            plan.add(contact, is_visible);
        }
    }
    Ok(plan)
}

/// What search texts of contacts contain that rows may be about.
struct Wanted {
    ids: HashSet<ContactId>,
    /// Emails, and the last digits of phones.
    words: HashSet<String>,
    names: HashSet<String>,
    /// Numbers of digits of the phones' ends.
    lengths: HashSet<usize>,
}

impl Wanted {
    fn of(rows: &[CheckedRow]) -> Self {
        let mut wanted =
            Self { ids: HashSet::new(), words: HashSet::new(), names: HashSet::new(), lengths: HashSet::new() };
        wanted.ids.extend(rows.iter().filter_map(|row| row.row.id));
        for contact in rows.iter().filter_map(|row| row.contact.as_ref().ok()) {
            for phone in &contact.phones {
                let ending = phone.number.ending();
                wanted.lengths.insert(ending.len());
                wanted.words.insert(ending);
            }
            if !contact.email.is_empty() {
                wanted.words.insert(fold(&contact.email));
            }
            if let (true, Ok(named)) =
                (contact.phones.is_empty() && contact.email.is_empty(), recognizable(contact.clone()))
            {
                wanted.names.insert(name_key(&named));
            }
        }
        wanted
    }

    fn may_be(&self, place: &Place) -> bool {
        let is_wanted = |word: &str| {
            let ends = || self.lengths.iter().filter_map(|length| word.get(word.len().checked_sub(*length)?..));
            self.words.contains(word) || ends().any(|end| self.words.contains(end))
        };
        self.ids.contains(&place.id)
            || self.names.contains(&place.search_text)
            || place.search_text.split(' ').any(is_wanted)
    }
}

/// Imports rows in one transaction. Repeating it changes nothing. Rows that can't be imported don't keep the others from
/// it.
#[tracing::instrument(skip_all, fields(rows = batch.rows.len()))]
pub async fn import(platform: &Platform, member: &Member, batch: ImportBatch) -> Result<ImportResult> {
    check_may_create(member)?;
    let ImportBatch { rows, remaining, import_id } = batch;
    let rows = check(platform, rows);
    // It waits for other calls in this organization, so that two imports see the same contacts.
    let (mut tx, ref member) = rights::begin_change(platform, member).await?;
    check_may_create(member)?;
    let mut plan = known(tx.on(), member, &rows).await?;
    let mut result = ImportResult { created: 0, updated: 0, unchanged: 0, errors: Vec::new(), import_id: None };
    let (mut events, mut live_events) = (Vec::new(), Vec::new());
    for CheckedRow { row, contact } in rows {
        let step = contact.and_then(|new| plan.next(row.line, row.id, new));
        let (kind, contact) = match step {
            Ok((Step::Create(contact), _)) => {
                result.created += 1;
                (EventKind::ContactCreated, insert(&mut tx, member, contact).await?)
            }
            Ok((Step::Update(contact, _), _)) => {
                result.updated += 1;
                contacts::update(&mut tx, &contact, platform.clock.now()).await?;
                (EventKind::ContactUpdated, contact)
            }
            Ok((Step::Unchanged(_), _)) => {
                result.unchanged += 1;
                continue;
            }
            Err(error) => {
                result.errors.push(LineError { line: row.line, message: error.message });
                continue;
            }
        };
        events.push(Event::contact(kind, contact.channel_id, contact.id));
        live_events.push(if kind == EventKind::ContactCreated { created(&contact) } else { updated(&contact) });
    }
    let (id, total) = note(platform, &mut tx, member, import_id, &result).await?;
    result.import_id = id;
    event_log::record(platform, &mut tx, member.organization_id(), &events).await?;
    tx.commit().await?;
    platform.job_added.notify_one();
    publish(platform, member, live_events, total, remaining).await;
    Ok(result)
}

/// How many contacts an import has changed, as in its audit entry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    created: u32,
    updated: u32,
}

impl Counts {
    fn of(result: &ImportResult) -> Self {
        Self { created: result.created, updated: result.updated }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            created: self.created.saturating_add(other.created),
            updated: self.updated.saturating_add(other.updated),
        }
    }

    fn total(self) -> u32 {
        self.created.saturating_add(self.updated)
    }

    fn detail(self) -> String {
        format!("{} created, {} updated", self.created, self.updated)
    }

    /// Parses what [`Self::detail`] wrote.
    fn read(detail: &str) -> Option<Self> {
        let (created, updated) = detail.split_once(" created, ")?;
        Some(Self { created: created.parse().ok()?, updated: updated.strip_suffix(" updated")?.parse().ok()? })
    }
}

/// Logs what a batch changed in the entry of its import. Returns the entry, and how many contacts it has changed so far.
async fn note(
    platform: &Platform,
    tx: &mut Tx,
    member: &Member,
    id: Option<AuditEntryId>,
    result: &ImportResult,
) -> Result<(Option<AuditEntryId>, u32)> {
    let (by, action) = (By::member(member), Action::ContactsImported);
    let since = platform.clock.now().minus(CONTINUES);
    let begun = match id {
        Some(id) => audit::begun(tx.on(), &by, action, id, since).await?.map(|detail| (id, detail)),
        None => None,
    };
    let counts = Counts::of(result);
    match begun {
        Some((id, detail)) => {
            let all = Counts::read(&detail).unwrap_or_default().plus(counts);
            if counts.total() > 0 {
                audit::amend(tx.on(), id, &all.detail()).await?;
            }
            Ok((Some(id), all.total()))
        }
        None if counts.total() > 0 => {
            let id = audit::begin(platform, tx.on(), &by, action, &counts.detail()).await?;
            Ok((Some(id), counts.total()))
        }
        None => Ok((None, 0)),
    }
}

/// Notifies open pages: of each contact, or, after many changes, that they load everything again.
async fn publish(platform: &Platform, member: &Member, events: Vec<LiveEvent>, total: u32, remaining: u32) {
    let organization = member.organization_id();
    let batch = u32::try_from(BATCH_MAX).unwrap_or(u32::MAX);
    if total <= EVENTS_MAX {
        for event in events {
            live_event::publish(platform, organization, event).await;
        }
    } else if remaining == 0 || (remaining >= RESYNC_ROWS && remaining % RESYNC_ROWS < batch) {
        live_event::publish(platform, organization, LiveEvent::Resync {}).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_as_they_are_written() {
        let counts = Counts { created: 120, updated: 3 };
        assert_eq!(Counts::read(&counts.detail()), Some(counts));
        for other in ["", "12", "a created, 3 updated", "1 created, 2 changed", "-1 created, 2 updated"] {
            assert_eq!(Counts::read(other), None, "{other}");
        }
    }
}
