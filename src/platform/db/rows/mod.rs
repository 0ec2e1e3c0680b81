//! All rows of a database, in a form that both engines share: JSON arrays, table by table. Back-ups are made of them.
//! Knows no feature.
//!
//! Bytes and ids are hexadecimal, booleans are 0 or 1. Rows are sorted by their key, so that equal tables of both
//! engines have equal lines.

mod integrity;
mod loading;
mod snapshot;
mod sql;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use loading::{Loading, delete_all};
pub use snapshot::Snapshot;

/// Tables that are built from others, differ between the engines, have no content, or belong to this database alone.
const DERIVED: [&str; 6] =
    ["_sqlx_migrations", "message_index_progress", "moved_objects", "moves", "search_documents", "write_probe"];
/// Beginnings of the names of SQLite's own tables.
const DERIVED_PREFIXES: [&str; 2] = ["search_grams", "sqlite_"];

/// A type that both engines have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Also ids.
    Bytes,
    Integer,
    Boolean,
    Text,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
}

/// A table with its columns, in the order of their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    /// The columns of its primary key.
    key: Vec<String>,
    /// The engine's own types, in the order of the columns.
    declared: Vec<String>,
}

impl Table {
    fn is_derived(name: &str) -> bool {
        DERIVED.contains(&name) || DERIVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    }
}

/// A row, in the order of the table's columns.
pub type Row = Vec<serde_json::Value>;

/// A value of a row by the name of its column. `None` if it is null.
pub struct Named<'a> {
    columns: &'a [Column],
    row: &'a Row,
}

impl<'a> Named<'a> {
    pub fn new(columns: &'a [Column], row: &'a Row) -> Self {
        Self { columns, row }
    }

    fn value(&self, name: &str) -> Option<&'a serde_json::Value> {
        let at = self.columns.iter().position(|column| column.name == name)?;
        self.row.get(at)
    }

    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.value(name)?.as_str()
    }

    pub fn integer(&self, name: &str) -> Option<i64> {
        self.value(name)?.as_i64()
    }

    pub fn id(&self, name: &str) -> Option<uuid::Uuid> {
        uuid::Uuid::try_parse(self.text(name)?).ok()
    }
}

/// Computes the number of rows and their checksum, which is the same on both engines.
#[derive(Default)]
pub struct Fingerprint {
    rows: u64,
    digest: Sha256,
}

impl Fingerprint {
    /// Adds the line of a row, without its end.
    pub fn add(&mut self, line: &str) {
        self.rows += 1;
        self.digest.update(line);
        self.digest.update("\n");
    }

    /// Returns the number of rows, and the SHA-256 of their lines in hexadecimal.
    pub fn end(self) -> (u64, String) {
        (self.rows, hex(&self.digest.finalize()))
    }
}

/// Formats bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
