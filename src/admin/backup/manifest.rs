//! What a back-up consists of, with the checksum of everything. It is written last: a back-up without it is incomplete.

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::platform::archive::Archive;
use crate::platform::db::Db;
use crate::platform::db::rows::{Column, hex};
use crate::platform::storage::StorageError;
use crate::platform::timestamp::Timestamp;

/// Changes when a version can't read what an earlier one has written.
const FORMAT: u64 = 1;

/// The folder of all back-ups in an archive.
pub const FOLDER: &str = "snapshots/";
/// The file that makes a back-up complete.
pub const MANIFEST: &str = "manifest.json";

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// Identifies the installation: a hash of its secret.
    pub installation: String,
    /// The version of Attaché that made it.
    pub version: String,
    /// The newest migration of the database.
    pub migration: i64,
    pub created_at: Timestamp,
    pub tables: Vec<TableFile>,
    /// Lists of [`BackedUpObject`].
    pub objects: Vec<StoredFile>,
}

/// A file of the archive.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredFile {
    pub name: String,
    /// Bytes.
    pub size: u64,
    pub sha256: String,
}

/// All rows of a table: a JSON array a line, compressed by gzip.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TableFile {
    pub table: String,
    pub columns: Vec<Column>,
    pub rows: u64,
    /// The checksum of the lines without compression.
    pub rows_sha256: String,
    pub file: StoredFile,
}

/// A line of the lists of objects.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BackedUpObject {
    /// The key in the storage.
    pub key: String,
    pub content_type: String,
    /// Bytes.
    pub size: u64,
    /// The file of the archive.
    pub name: String,
    pub sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<Lost>,
}

/// Why the archive does not have an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lost {
    /// The file was deleted permanently between the copy of the database and that of the file.
    Purged,
    /// The storage did not have it, or not with the size of its row.
    Missing,
}

/// Returns the name of a file of a back-up.
pub fn file_of(backup: &str, file: &str) -> String {
    format!("{FOLDER}{backup}/{file}")
}

fn checksum(manifest: &Value) -> String {
    hex(&Sha256::digest(manifest.to_string()))
}

impl Manifest {
    pub async fn write(&self, archive: &Archive, backup: &str) -> Result<()> {
        let manifest = serde_json::to_value(self)?;
        let file = json!({ "format": FORMAT, "sha256": checksum(&manifest), "manifest": manifest });
        Ok(archive.put_bytes(&file_of(backup, MANIFEST), serde_json::to_vec_pretty(&file)?).await?)
    }

    /// Reads a manifest and checks it.
    ///
    /// # Errors
    /// Says whether the back-up is incomplete, damaged, or of a newer version.
    pub async fn read(archive: &Archive, backup: &str) -> Result<Self> {
        let name = file_of(backup, MANIFEST);
        let bytes = match archive.read_bytes(&name).await {
            Err(StorageError::NotFound) => bail!("The back-up {backup} is incomplete: it has no {MANIFEST}."),
            read => read.with_context(|| format!("Cannot read {name}"))?,
        };
        let damaged = || format!("The back-up {backup} is damaged: {name} was changed or cut off.");
        let file: Value = serde_json::from_slice(&bytes).with_context(damaged)?;
        let manifest = &file["manifest"];
        let is_newer = file["format"].as_u64().is_some_and(|format| format > FORMAT)
            || manifest["migration"].as_i64().is_some_and(|migration| migration > Db::newest_migration());
        if is_newer {
            bail!(
                "The back-up {backup} was made by a newer version, {}. This is version {}. Restore it with the newer \
                 version.",
                manifest["version"].as_str().unwrap_or("unknown"),
                env!("CARGO_PKG_VERSION")
            );
        }
        ensure!(file["sha256"].as_str() == Some(&checksum(manifest)), damaged());
        serde_json::from_value(manifest.clone()).with_context(damaged)
    }
}
