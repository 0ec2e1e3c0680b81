//! Rows of a CSV file with contacts, and what an import does with each.

use serde::{Deserialize, Serialize};

use crate::ids::{AuditEntryId, ContactId};
use crate::people::contacts::model::NewContact;
use crate::platform::lists;

/// Maximum size of a file, in bytes.
pub const FILE_MAX: usize = 5 * 1024 * 1024;
/// Maximum number of rows of a file.
pub const ROWS_MAX: usize = 10_000;
/// Maximum number of rows that are imported in one transaction, because other changes wait for it.
pub const BATCH_MAX: usize = 200;

/// A row of a file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportRow {
    /// Where the row begins, counted from 1.
    pub line: u32,
    /// The contact that it was exported from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ContactId>,
    /// Its cells. Empty ones change nothing.
    pub contact: NewContact,
}

/// What an import does with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Outcome {
    Create,
    Update { changes: Vec<Change> },
    Unchanged,
    Error { message: String },
}

/// A field that an import changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// For people.
    pub field: String,
    /// Empty if there was nothing, and for a phone that is added.
    pub old: String,
    pub new: String,
}

/// A row with what an import would do with it now.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PreviewRow {
    pub row: ImportRow,
    /// The contact's name before the import.
    pub name: String,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportPreview {
    pub rows: Vec<PreviewRow>,
    /// Names of columns with values that are not imported.
    pub ignored_columns: Vec<String>,
}

/// A part of an import.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportBatch {
    #[serde(deserialize_with = "lists::at_most::<{ BATCH_MAX }, _, _>")]
    pub rows: Vec<ImportRow>,
    /// Number of rows that come after these.
    pub remaining: u32,
    /// The `importId` of the batch before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import_id: Option<AuditEntryId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportResult {
    pub created: u32,
    pub updated: u32,
    pub unchanged: u32,
    pub errors: Vec<LineError>,
    /// The audit entry of the import, which the next batch continues. `None` as long as nothing was changed.
    pub import_id: Option<AuditEntryId>,
}

/// A row that was not imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineError {
    pub line: u32,
    pub message: String,
}
