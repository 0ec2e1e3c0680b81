//! What an import would change: errors by line, changed contacts, new ones.

use dioxus::prelude::*;
use lucide_dioxus::{CircleAlert, Info};

use crate::people::contacts::import::model::{Change, ImportPreview, ImportRow, LineError, Outcome, PreviewRow};
use crate::ui::use_hydrated;

/// Maximum number of rows of each list.
const ROWS_SHOWN: usize = 100;

/// The first rows of a list, and how many there are.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed<T> {
    first: Vec<T>,
    count: usize,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { first: Vec::new(), count: 0 }
    }
}

impl<T> Listed<T> {
    pub fn push(&mut self, row: T) {
        self.count += 1;
        if self.first.len() < ROWS_SHOWN {
            self.first.push(row);
        }
    }

    fn more(&self) -> usize {
        self.count - self.first.len()
    }
}

/// What an import would change.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Summary {
    file_name: String,
    total: usize,
    /// Names.
    new: Listed<String>,
    /// Names and changes, with the lines.
    changed: Listed<(u32, String, Vec<Change>)>,
    errors: Listed<LineError>,
    ignored_columns: String,
}

impl Summary {
    /// Returns what a page shows of a preview, and the rows to import.
    pub fn of(file_name: String, preview: ImportPreview) -> (Self, Vec<ImportRow>) {
        let ignored_columns = preview.ignored_columns.join(", ");
        let mut summary = Self { file_name, total: preview.rows.len(), ignored_columns, ..Self::default() };
        let mut rows = Vec::new();
        for PreviewRow { row, name, outcome } in preview.rows {
            match outcome {
                Outcome::Create => {
                    summary.new.push(name);
                    rows.push(row);
                }
                Outcome::Update { changes } => {
                    summary.changed.push((row.line, name, changes));
                    rows.push(row);
                }
                Outcome::Error { message } => summary.errors.push(LineError { line: row.line, message }),
                Outcome::Unchanged => {}
            }
        }
        (summary, rows)
    }
}

/// `on_import` is called by the button that imports the rows without errors.
#[component]
pub fn SummaryLists(summary: Summary, busy: bool, on_import: EventHandler<()>) -> Element {
    let hydrated = use_hydrated();
    let Summary { file_name, total, new, changed, errors, ignored_columns } = summary;
    let importable = new.count + changed.count;
    let same = total - importable - errors.count;
    let label = if importable == total {
        format!("Import {total} rows")
    } else {
        format!("Import {importable} of {total} rows")
    };
    rsx! {
        h2 { class: "pane-title truncate", title: "{file_name}", "{file_name}" }
        p { role: "status", "{new.count} new, {changed.count} changed, {same} without changes, {errors.count} with errors" }
        if !ignored_columns.is_empty() {
            p { class: "notice",
                Info { class: "icon" }
                span { class: "grow", "These columns aren't imported: {ignored_columns}." }
            }
        }
        ErrorList { errors }
        ChangedList { changed }
        NewList { names: new }
        if importable > 0 {
            div { class: "form-foot",
                button { class: "btn btn-primary", r#type: "button", disabled: busy || !hydrated, onclick: move |_| on_import(()), "{label}" }
            }
        } else {
            p { class: "muted", "There is nothing to import." }
        }
    }
}

/// The lines that can't be imported, with what to do.
#[component]
pub fn ErrorList(errors: Listed<LineError>) -> Element {
    if errors.count == 0 {
        return rsx! {};
    }
    let more = errors.more();
    rsx! {
        section { class: "import-list",
            h3 { class: "label",
                CircleAlert { class: "icon" }
                "Rows with errors"
            }
            ul { "aria-label": "Rows with errors",
                for LineError { line, message } in errors.first {
                    li { key: "{line}",
                        span { class: "num muted", "Line {line}" }
                        span { dir: "auto", "{message}" }
                    }
                }
            }
            More { count: more }
        }
    }
}

#[component]
fn ChangedList(changed: Listed<(u32, String, Vec<Change>)>) -> Element {
    if changed.count == 0 {
        return rsx! {};
    }
    let more = changed.more();
    rsx! {
        section { class: "import-list",
            h3 { class: "label", "Changed contacts" }
            ul { "aria-label": "Changed contacts",
                for (line , name , changes) in changed.first {
                    li { key: "{line}",
                        span { class: "truncate", dir: "auto", "{name}" }
                        span { class: "import-changes",
                            for Change { field, old, new } in changes {
                                span { key: "{field}{new}", dir: "auto",
                                    span { class: "muted", "{field}: " }
                                    if !old.is_empty() {
                                        del { "{old}" }
                                        " → "
                                    }
                                    ins { "{new}" }
                                }
                            }
                        }
                    }
                }
            }
            More { count: more }
        }
    }
}

#[component]
fn NewList(names: Listed<String>) -> Element {
    if names.count == 0 {
        return rsx! {};
    }
    let more = names.more();
    rsx! {
        section { class: "import-list",
            h3 { class: "label", "New contacts" }
            ul { "aria-label": "New contacts",
                for (place , name) in names.first.into_iter().enumerate() {
                    li { key: "{place}",
                        span { class: "truncate", dir: "auto", "{name}" }
                    }
                }
            }
            More { count: more }
        }
    }
}

#[component]
fn More(count: usize) -> Element {
    rsx! {
        if count > 0 {
            p { class: "muted", "and {count} more" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_shows_the_first_rows_and_counts_all() {
        let row = |line: u32, outcome: Outcome| PreviewRow {
            row: ImportRow { line, ..ImportRow::default() },
            name: format!("Row {line}"),
            outcome,
        };
        let error = || Outcome::Error { message: "No".to_owned() };
        let mut rows: Vec<_> = (2..252).map(|line| row(line, Outcome::Create)).collect();
        rows.push(row(252, Outcome::Update { changes: Vec::new() }));
        rows.extend([row(253, Outcome::Unchanged), row(254, error())]);
        let preview = ImportPreview { rows, ignored_columns: vec!["Birthday".to_owned(), "Labels".to_owned()] };
        let (summary, rows) = Summary::of("a.csv".to_owned(), preview);
        assert_eq!((rows.len(), rows[250].line), (251, 252));
        assert_eq!((summary.new.count, summary.new.first.len(), summary.new.more()), (250, ROWS_SHOWN, 150));
        assert_eq!((summary.changed.count, summary.errors.count, summary.total), (1, 1, 253));
        assert_eq!(summary.ignored_columns, "Birthday, Labels");
    }
}
