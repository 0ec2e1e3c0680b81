//! Copies all rows of one moment to the new database, in one transaction, and compares each table.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};
use futures::TryStreamExt;

use crate::admin::stored_objects::StoredObjects;
use crate::platform::config::DatabaseUrl;
use crate::platform::db::rows::{Fingerprint, Loading, Named, Row, Snapshot, Table};

/// Rows of a statement, and their bytes.
const ROWS_MAX: usize = 500;
const ROWS_BYTES_MAX: usize = 1_000_000;
/// Tables whose rows require objects.
const WITH_OBJECTS: [&str; 3] = ["attachments", "message_attachments", "pictures"];

/// Returns the objects that the rows require now.
pub async fn required(database: &DatabaseUrl) -> Result<StoredObjects> {
    let mut snapshot = Snapshot::open(database).await.context("Cannot read the database")?;
    let mut required = StoredObjects::default();
    for table in snapshot.tables().await?.iter().filter(|table| WITH_OBJECTS.contains(&&*table.name)) {
        let mut rows = snapshot.rows(table);
        while let Some(row) = rows.try_next().await? {
            required.add(&table.name, &Named::new(&table.columns, &row))?;
        }
    }
    snapshot.close().await?;
    Ok(required)
}

/// Copies all rows. Returns their number. A failure leaves the new database as it was.
pub async fn copy(from: &DatabaseUrl, to: &DatabaseUrl) -> Result<u64> {
    let mut snapshot = Snapshot::open(from).await.context("Cannot read the database")?;
    let mut loading = Loading::begin(to).await.context("Cannot write to the new database")?;
    let mut targets: HashMap<_, _> = loading.tables.drain(..).map(|table| (table.name.clone(), table)).collect();
    let mut copied = 0;
    for table in snapshot.tables().await? {
        let target = targets.remove(&table.name).filter(|target| target.columns == table.columns);
        let target = target.with_context(|| format!("The table {} differs in the new database.", table.name))?;
        let rows = copy_table(&mut snapshot, &table, &mut loading, &target).await;
        copied += rows.with_context(|| format!("Cannot copy the table {}", table.name))?;
    }
    ensure!(targets.is_empty(), "The new database has tables that the old one does not have.");
    loading.resume().await?;
    loading.commit().await?;
    snapshot.close().await?;
    Ok(copied)
}

async fn copy_table(snapshot: &mut Snapshot, table: &Table, loading: &mut Loading, target: &Table) -> Result<u64> {
    let mut read = Fingerprint::default();
    let (mut batch, mut bytes): (Vec<Row>, usize) = (Vec::new(), 0);
    let mut rows = snapshot.rows(table);
    while let Some(row) = rows.try_next().await? {
        let line = serde_json::to_string(&row)?;
        read.add(&line);
        bytes += line.len();
        batch.push(row);
        if batch.len() >= ROWS_MAX || bytes >= ROWS_BYTES_MAX {
            loading.insert(target, &batch).await?;
            (batch, bytes) = (Vec::new(), 0);
        }
    }
    drop(rows);
    if !batch.is_empty() {
        loading.insert(target, &batch).await?;
    }
    let (read, written) = (read.end(), loading.fingerprint(target).await?);
    ensure!(read.0 == written.0, "It has {} rows in the new database, not {}.", written.0, read.0);
    ensure!(read == written, "The rows in the new database are not those of the old one.");
    Ok(read.0)
}
