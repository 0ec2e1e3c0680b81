//! The page that imports contacts from a CSV file: it shows what would change, then sends the rows in batches.

use dioxus::html::FileData;
use dioxus::prelude::*;
use lucide_dioxus::{CircleAlert, FileUp};

use super::contact_frame::{ContactFrame, MayNotEdit};
use super::import_preview::{ErrorList, Listed, Summary, SummaryLists};
use crate::app::Route;
use crate::people::contacts::import::api::{import_contacts, preview_file};
use crate::people::contacts::import::model::{BATCH_MAX, FILE_MAX, ImportBatch, ImportResult, ImportRow, LineError};
use crate::people::contacts::model::Search;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::platform::browser;
use crate::platform::error::{AppError, Result};
use crate::platform::json::Body;
use crate::ui::{NavLink, ProgressBar, use_hydrated, use_submit};

/// Maximum size of a batch, in bytes of its texts, so that its JSON stays below the limit of a request.
const BATCH_BYTES: usize = 400_000;
const FIELD: &str = "#pick-contacts";

#[derive(Debug, Clone, PartialEq, Default)]
struct Progress {
    total: usize,
    done: usize,
    created: u32,
    updated: u32,
    errors: Listed<LineError>,
}

impl Progress {
    fn add(&mut self, rows: usize, result: ImportResult) {
        self.done += rows;
        self.created += result.created;
        self.updated += result.updated;
        for error in result.errors {
            self.errors.push(error);
        }
    }

    fn percent(&self) -> u8 {
        u8::try_from(self.done * 100 / self.total.max(1)).unwrap_or(100)
    }
}

#[component]
pub fn ImportContactsPage() -> Element {
    let session = use_session();
    rsx! {
        ContactFrame { title: "Import contacts",
            if session.may(Permission::ContactEdit) {
                Import {}
            } else {
                MayNotEdit { role: session.role.title() }
            }
        }
    }
}

#[component]
fn Import() -> Element {
    let hydrated = use_hydrated();
    let submit = use_submit();
    let mut summary = use_signal(|| None::<Summary>);
    let mut progress = use_signal(|| None::<Progress>);
    // The rows that are not imported yet, and the import that they belong to.
    let mut waiting = use_signal(Vec::<ImportRow>::new);
    let mut import_id = use_signal(|| None);
    let pick = move |event: FormEvent| {
        let files = event.files();
        async move {
            if let Some((shown, rows)) = submit.run(open(files)).await {
                waiting.set(rows);
                import_id.set(None);
                progress.set(None);
                summary.set(Some(shown));
            }
            browser::empty_file_field(FIELD);
        }
    };
    let send = move || async move {
        loop {
            let count = batch_size(&waiting.peek());
            if count == 0 {
                break;
            }
            let rows = waiting.peek()[..count].to_vec();
            let remaining = u32::try_from(waiting.peek().len() - count).unwrap_or(u32::MAX);
            let batch = ImportBatch { rows, remaining, import_id: *import_id.peek() };
            // A batch whose answer was lost is sent again: it changes nothing then.
            let Some(result) = submit.run(import_contacts(Body(batch))).await else { break };
            waiting.write().drain(..count);
            import_id.set(result.import_id);
            if let Some(progress) = &mut *progress.write() {
                progress.add(count, result);
            }
        }
    };
    let start = move |()| {
        progress.set(Some(Progress { total: waiting.peek().len(), ..Progress::default() }));
        summary.set(None);
        spawn(send());
    };
    let is_new = summary.read().is_none() && progress.read().is_none();
    let is_importing = progress.read().is_some() && !waiting.read().is_empty();
    rsx! {
        div { class: "page-in form", "data-component": "ImportContacts", "aria-busy": submit.is_busy().then_some("true"),
            if is_new {
                p {
                    "Choose a CSV file from Google Contacts, Outlook, Apple Contacts or a spreadsheet. You see what changes before anything is imported."
                }
                p { class: "muted",
                    "Contacts are matched by phone number and email. The first line has the column names, such as First name, Last name, Phone, Email, Company and Note."
                }
            }
            input {
                id: "pick-contacts",
                class: "sr-only",
                r#type: "file",
                accept: ".csv,text/csv,text/tab-separated-values",
                tabindex: "-1",
                "aria-label": "CSV file",
                onchange: pick,
            }
            if let Some(message) = submit.other_error(&[]) {
                p { class: "notice notice-danger", role: "alert",
                    CircleAlert { class: "icon" }
                    span { class: "grow", "{message}" }
                }
            }
            if let Some(summary) = summary() {
                SummaryLists { summary, busy: submit.is_busy(), on_import: start }
            }
            if let Some(progress) = progress() {
                ImportProgress { progress, is_importing }
            }
            div { class: "form-foot",
                if is_importing && !submit.is_busy() {
                    button { class: "btn btn-primary", r#type: "button", onclick: move |_| { spawn(send()); }, "Continue import" }
                }
                if !is_importing {
                    button {
                        class: "btn",
                        r#type: "button",
                        disabled: !hydrated || submit.is_busy(),
                        onclick: move |_| browser::click(FIELD),
                        FileUp { class: "icon" }
                        if is_new { "Choose CSV file" } else { "Choose another file" }
                    }
                    NavLink { class: "btn", to: Route::ContactsPage { search: Search::default() }.href(), "Show contacts" }
                }
            }
        }
    }
}

/// Returns how many of the first rows fit into a request.
fn batch_size(rows: &[ImportRow]) -> usize {
    let mut bytes = 0;
    let fits = |row: &&ImportRow| {
        let contact = &row.contact;
        let texts = [&contact.first_name, &contact.last_name, &contact.email, &contact.company, &contact.note];
        let phones = contact.phones.iter().map(|phone| phone.number.len());
        bytes += texts.iter().map(|text| text.len()).chain(phones).sum::<usize>();
        bytes <= BATCH_BYTES
    };
    rows.iter().take(BATCH_MAX).take_while(fits).count().max(1).min(rows.len())
}

/// Reads the picked file and asks what its import would change.
async fn open(files: Vec<FileData>) -> Result<(Summary, Vec<ImportRow>), AppError> {
    let Some(file) = files.into_iter().next() else {
        return Err(AppError::invalid("file", "Choose a CSV file."));
    };
    if file.size() > FILE_MAX as u64 {
        return Err(AppError::invalid("file", "The file is larger than 5 MB. Split it into smaller files."));
    }
    let unreadable = || AppError::invalid("file", "The file could not be read. Choose it again.");
    let bytes = file.read_bytes().await.map_err(|_| unreadable())?;
    Ok(Summary::of(file.name(), preview_file(bytes.to_vec()).await?))
}

#[component]
fn ImportProgress(progress: Progress, is_importing: bool) -> Element {
    let percent = progress.percent();
    let Progress { total, done, created, updated, errors } = progress;
    rsx! {
        if is_importing {
            ProgressBar { label: "Importing contacts", percent }
            p { class: "num", role: "status", "{done} of {total} rows" }
        } else {
            p { role: "status", "Import finished: {created} added, {updated} changed." }
        }
        ErrorList { errors }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::contacts::model::NewContact;

    #[test]
    fn batches_are_bounded_by_rows_and_bytes() {
        let row = |length: usize| ImportRow {
            contact: NewContact { note: "x".repeat(length), ..NewContact::default() },
            ..ImportRow::default()
        };
        assert_eq!(batch_size(&[]), 0);
        assert_eq!(batch_size(&vec![row(1); 1000]), BATCH_MAX);
        assert_eq!(batch_size(&vec![row(BATCH_BYTES / 10); 50]), 10);
        assert_eq!(batch_size(&[row(2 * BATCH_BYTES), row(1)]), 1);
    }
}
