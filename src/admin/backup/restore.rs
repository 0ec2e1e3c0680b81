//! Restores a back-up into an empty installation. A failure leaves it empty.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result, bail, ensure};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt, TryStreamExt};

use super::check::{check_lists, check_sizes, listed_objects};
use super::contents::Contents;
use super::lines::LineReader;
use super::manifest::{BackedUpObject, Lost, Manifest, TableFile};
use crate::platform::archive::{Archive, Checksum};
use crate::platform::clock::Clock;
use crate::platform::config::{ArchiveConfig, Config};
use crate::platform::db::rows::{Loading, Row, Table};
use crate::platform::db::{Db, fetch_value};
use crate::platform::secret::Secret;
use crate::platform::storage::{FiledKey, ObjectKey, Storage};
use crate::platform::timestamp::Timestamp;

/// Objects that are copied at a time.
const COPIES: usize = 8;
/// Rows of a statement, and their bytes.
const ROWS_MAX: usize = 500;
const ROWS_BYTES_MAX: usize = 1_000_000;
/// Problems that an error names.
const NAMED_MAX: usize = 10;

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    pub name: String,
    pub created_at: Timestamp,
    pub rows: u64,
    pub files: u64,
    /// Keys of objects that the installation did not have when the back-up was made.
    pub missing: Vec<String>,
}

/// Restores the back-up with this name, or the newest.
pub async fn restore(config: &Config, source: &ArchiveConfig, name: Option<&str>) -> Result<Restored> {
    let archive = Archive::open_to_read(source).await?;
    let (name, manifest) = Contents::read(&archive).await?.choose(name)?;
    refuse_problems(&name, check_lists(&archive, &manifest).await?)?;
    let objects = listed_objects(&archive, &manifest).await?;
    let (objects, lost): (Vec<_>, Vec<_>) = objects.into_iter().partition(|object| object.lost.is_none());
    refuse_problems(&name, check_sizes(&archive, &objects).await?)?;
    let storage = Storage::open(&config.storage, Secret::random(&Clock::default())).await?;
    refuse_other_objects(&storage, &objects).await?;
    prepare_database(config, &manifest).await?;
    let restored = async {
        copy_objects(&archive, &storage, &objects).await?;
        load_rows(&archive, config, &manifest, &lost).await
    };
    if let Err(error) = restored.await {
        remove_objects(&storage, &objects).await;
        return Err(error.context(format!("The back-up {name} was not restored, and the installation is empty")));
    }
    Db::open(&config.database)
        .await
        .context("The rows are restored, but the database can't be upgraded")?
        .close()
        .await;
    let missing = lost.into_iter().filter(|object| object.lost == Some(Lost::Missing)).map(|object| object.key);
    Ok(Restored {
        name,
        created_at: manifest.created_at,
        rows: manifest.tables.iter().map(|table| table.rows).sum(),
        files: objects.len() as u64,
        missing: missing.collect(),
    })
}

fn refuse_problems(backup: &str, problems: Vec<String>) -> Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    let more = if problems.len() > NAMED_MAX { "\n…" } else { "" };
    let named: Vec<_> = problems.into_iter().take(NAMED_MAX).collect();
    bail!("The back-up {backup} is damaged, and nothing was restored:\n{}{more}", named.join("\n"))
}

/// Objects of the back-up itself are those of an interrupted attempt.
async fn refuse_other_objects(storage: &Storage, objects: &[BackedUpObject]) -> Result<()> {
    let own: HashSet<_> = objects.iter().map(|object| object.key.as_str()).collect();
    let mut listed = storage.list("");
    while let Some(found) = listed.try_next().await? {
        if !own.contains(found.key.as_str()) {
            bail!(
                "The storage is not empty: it has {}. A back-up is restored into an empty installation only.",
                found.key
            );
        }
    }
    Ok(())
}

/// Creates the tables of the back-up's version in an empty database.
async fn prepare_database(config: &Config, manifest: &Manifest) -> Result<()> {
    let db = Db::connect(&config.database).await?;
    let prepared = prepare(&db, manifest).await;
    db.close().await;
    prepared
}

async fn prepare(db: &Db, manifest: &Manifest) -> Result<()> {
    let migration = db.migration().await?;
    if migration > 0 {
        let rows =
            fetch_value!(db.on(), i64, "SELECT (SELECT count(*) FROM organizations) + (SELECT count(*) FROM users)")?;
        ensure!(rows == 0, "The database is not empty. A back-up is restored into an empty installation only.");
    }
    ensure!(
        migration <= manifest.migration,
        "The database has the tables of a newer version than the back-up (migrations {migration} and {}). Restore into a \
         new database.",
        manifest.migration
    );
    db.migrate_to(manifest.migration).await
}

async fn copy_objects(archive: &Archive, storage: &Storage, objects: &[BackedUpObject]) -> Result<()> {
    let mut copies = FuturesUnordered::new();
    for object in objects {
        while copies.len() >= COPIES {
            copies.next().await.transpose()?;
        }
        copies.push(copy(archive, storage, object).boxed());
    }
    while copies.next().await.transpose()?.is_some() {}
    Ok(())
}

async fn copy(archive: &Archive, storage: &Storage, object: &BackedUpObject) -> Result<()> {
    let key = parse(&object.key)?;
    let checksum = Checksum::default();
    let bytes = archive.read(&object.name).await.with_context(|| format!("Cannot read {}", object.name))?;
    let stored = storage.put_stream(&key, &object.content_type, object.size, checksum.of(bytes)).await;
    stored.with_context(|| format!("Cannot copy {}", object.name))?;
    ensure!(checksum.end().1 == object.sha256, "{} is damaged: its bytes have changed.", object.name);
    Ok(())
}

fn parse(key: &str) -> Result<ObjectKey> {
    key.parse().map_err(|()| anyhow::anyhow!("{key:?} is not the key of an object."))
}

async fn remove_objects(storage: &Storage, objects: &[BackedUpObject]) {
    for object in objects {
        let Ok(key) = parse(&object.key) else { continue };
        if let Err(error) = storage.delete(&key).await {
            tracing::warn!(%error, key = object.key, "failed to remove a file after a failed restore");
        }
    }
}

/// Loads all rows in one transaction.
async fn load_rows(archive: &Archive, config: &Config, manifest: &Manifest, lost: &[BackedUpObject]) -> Result<()> {
    let mut loading = Loading::begin(&config.database).await?;
    let mut tables: HashMap<_, _> = loading.tables.drain(..).map(|table| (table.name.clone(), table)).collect();
    for file in &manifest.tables {
        let table = tables.remove(&file.table);
        let table = table.filter(|table| table.columns == file.columns);
        let table = table.with_context(|| format!("The table {} differs from that of the back-up.", file.table))?;
        let loaded = load_table(&mut loading, archive, file, &table).await;
        loaded.with_context(|| format!("Cannot restore the table {}", file.table))?;
    }
    if let Some(table) = tables.keys().next() {
        bail!("The back-up does not have the table {table}.");
    }
    loading.resume().await?;
    for object in lost.iter().filter(|object| object.lost == Some(Lost::Purged)) {
        mark_purged(&mut loading, &parse(&object.key)?, manifest.created_at).await?;
    }
    loading.commit().await
}

async fn load_table(loading: &mut Loading, archive: &Archive, file: &TableFile, table: &Table) -> Result<()> {
    let mut lines = LineReader::open(archive, &file.file).await?;
    let (mut rows, mut bytes): (Vec<Row>, usize) = (Vec::new(), 0);
    while let Some(line) = lines.next().await? {
        bytes += line.len();
        rows.push(serde_json::from_str(&line)?);
        if rows.len() >= ROWS_MAX || bytes >= ROWS_BYTES_MAX {
            loading.insert(table, &rows).await?;
            (rows, bytes) = (Vec::new(), 0);
        }
    }
    if !rows.is_empty() {
        loading.insert(table, &rows).await?;
    }
    let (rows, sha256) = loading.fingerprint(table).await?;
    ensure!(rows == file.rows, "It has {rows} rows, not {}.", file.rows);
    ensure!(sha256 == file.rows_sha256, "The rows are not those of the back-up.");
    Ok(())
}

/// Ends what was ending when the back-up was made: the file was deleted permanently, and its bytes are gone.
async fn mark_purged(loading: &mut Loading, key: &ObjectKey, at: Timestamp) -> Result<()> {
    let (id, statements): (_, &[&str]) = match *key {
        ObjectKey::Attachment(id) | ObjectKey::Filed(FiledKey { id, .. }) => (
            id,
            &[
                "UPDATE channels SET icon_id = NULL WHERE icon_id = {id}",
                "UPDATE attachments SET deleted_at = COALESCE(deleted_at, {at}), purged_at = {at} WHERE id = {id}",
            ],
        ),
        ObjectKey::UserAvatar(_, id)
        | ObjectKey::BotAvatar(_, id)
        | ObjectKey::OrganizationAvatar(_, id)
        | ObjectKey::Emoji(_, id) => (
            id,
            &[
                "UPDATE users SET avatar_id = NULL WHERE avatar_id = {id}",
                "UPDATE bots SET avatar_id = NULL WHERE avatar_id = {id}",
                "UPDATE organizations SET logo_id = NULL WHERE logo_id = {id}",
                "UPDATE emojis SET removed_at = COALESCE(removed_at, {at}) WHERE id = {id}",
                "UPDATE pictures SET status = 'removed' WHERE id = {id}",
            ],
        ),
        ObjectKey::Staging(..) | ObjectKey::Derived(..) => return Ok(()),
    };
    for statement in statements {
        loading.run_for(&statement.replace("{at}", &at.0.to_string()), id).await?;
    }
    Ok(())
}
