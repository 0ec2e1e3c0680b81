//! Makes a back-up: the rows of one moment, then the objects that they require. The manifest is written last.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt, TryStreamExt};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::contents::{Contents, Known, KnownFiles, OBJECTS, known_files};
use super::copy::{Copied, Source, copy};
use super::lines::LineWriter;
use super::lists::ObjectLists;
use super::manifest::{BackedUpObject, Lost, Manifest, TableFile, file_of};
use super::{prune, runs};
use crate::admin::stored_objects::{DerivedOwner, StoredObjects};
use crate::platform::Platform;
use crate::platform::archive::Archive;
use crate::platform::config::{ArchiveConfig, StorageConfig};
use crate::platform::db::rows::{Fingerprint, Named, Snapshot, Table, hex};
use crate::platform::storage::{Derived, ObjectKey};

/// Complete back-ups that are kept in an archive, with this one.
pub const KEPT: usize = 7;
/// Objects that are copied at a time.
const COPIES: usize = 8;
/// The content type of previews.
const PREVIEW_TYPE: &str = "image/webp";

/// What a run did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Summary {
    pub name: String,
    pub rows: u64,
    /// All files of the back-up.
    pub files: u64,
    /// Files that were copied by this run, and their bytes.
    pub copied: u64,
    pub copied_bytes: u64,
    /// Files that were deleted permanently while it ran.
    pub purged: u64,
    /// Keys of objects that the storage should have, and has not.
    pub missing: Vec<String>,
}

/// Makes a back-up, while no other one to this target runs.
pub async fn create(platform: &Platform, config: &ArchiveConfig) -> Result<Summary> {
    refuse_own_storage(platform, config)?;
    let work = async {
        let archive = Arc::new(Archive::open(config).await?);
        make(platform, archive).await
    };
    runs::exclusively(platform, &config.to_string(), Box::pin(work)).await
}

/// A back-up beside the files would be lost with them.
fn refuse_own_storage(platform: &Platform, config: &ArchiveConfig) -> Result<()> {
    let absolute = |path: &Path| std::fs::canonicalize(path).or_else(|_| std::path::absolute(path));
    let is_own = match (config, &platform.config.storage) {
        (ArchiveConfig::Folder(folder), StorageConfig::LocalDisk { root }) => {
            absolute(folder)?.starts_with(absolute(root)?)
        }
        (ArchiveConfig::Bucket { store, .. }, StorageConfig::S3(own)) => {
            store.bucket == own.bucket && store.endpoint == own.endpoint
        }
        _ => false,
    };
    if is_own {
        bail!("{config} is where the files are stored. Choose another place, so that one loss does not take both.");
    }
    Ok(())
}

/// Returns what identifies an installation, without revealing its secret.
fn installation(platform: &Platform) -> String {
    hex(&Sha256::digest(platform.secret.sign("back-up")))
}

async fn make(platform: &Platform, archive: Arc<Archive>) -> Result<Summary> {
    archive.sweep().await?;
    let contents = Contents::read(&archive).await?;
    let installation = installation(platform);
    if let Some((backup, _)) = contents.complete.iter().find(|(_, manifest)| manifest.installation != installation) {
        bail!("The back-up {backup} there is of another installation. Choose another place.");
    }
    for (backup, reason) in &contents.damaged {
        tracing::warn!(backup, reason, "there is a damaged back-up");
    }
    let known = known_files(&archive, &contents, KEPT - 1).await?;
    let created_at = platform.clock.now();
    let mut run = Run {
        platform: platform.clone(),
        lists: ObjectLists::new(platform.clone(), archive.clone(), created_at.to_rfc3339().replace(':', "-")),
        archive,
        known,
        summary: Summary { name: created_at.to_rfc3339().replace(':', "-"), ..Summary::default() },
    };
    let (tables, migration, required) = run.copy_rows().await?;
    run.copy_objects(required).await?;
    let Run { archive, lists, known, mut summary, .. } = run;
    let manifest = Manifest {
        installation,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        migration,
        created_at,
        tables,
        objects: lists.end().await?,
    };
    manifest.write(&archive, &summary.name).await.context("Cannot write the manifest")?;
    prune::remove_old(&archive, &contents, &known).await?;
    summary.missing.sort();
    Ok(summary)
}

struct Run {
    platform: Platform,
    archive: Arc<Archive>,
    known: KnownFiles,
    lists: ObjectLists,
    summary: Summary,
}

impl Run {
    /// Copies all rows of one moment. Returns the tables, the newest migration, and what the rows require.
    async fn copy_rows(&mut self) -> Result<(Vec<TableFile>, i64, StoredObjects)> {
        let mut snapshot = Snapshot::open(&self.platform.config.database).await.context("Cannot read the database")?;
        let migration = snapshot.migration().await?;
        let (mut files, mut required) = (Vec::new(), StoredObjects::default());
        for table in snapshot.tables().await? {
            let copied = self.copy_table(&mut snapshot, &table, &mut required).await;
            files.push(copied.with_context(|| format!("Cannot copy the table {}", table.name))?);
        }
        snapshot.close().await?;
        self.summary.rows = files.iter().map(|file| file.rows).sum();
        Ok((files, migration, required))
    }

    async fn copy_table(
        &self,
        snapshot: &mut Snapshot,
        table: &Table,
        required: &mut StoredObjects,
    ) -> Result<TableFile> {
        let mut lines = LineWriter::begin(&self.platform.storage).await?;
        let mut fingerprint = Fingerprint::default();
        let mut rows = snapshot.rows(table);
        while let Some(row) = rows.try_next().await? {
            required.add(&table.name, &Named::new(&table.columns, &row))?;
            let line = serde_json::to_string(&row)?;
            fingerprint.add(&line);
            lines.line(&line).await?;
        }
        let (rows, rows_sha256) = fingerprint.end();
        let name = file_of(&self.summary.name, &format!("rows/{}.jsonl.gz", table.name));
        let file = lines.store(&self.archive, &name).await?;
        Ok(TableFile { table: table.name.clone(), columns: table.columns.clone(), rows, rows_sha256, file })
    }

    /// Copies what the archive does not have yet.
    async fn copy_objects(&mut self, required: StoredObjects) -> Result<()> {
        let mut copies = FuturesUnordered::new();
        let objects = required.objects.into_iter().map(Source::of);
        // Previews are listed after the rows were read: one that a row mentions was stored before.
        let derived = self.derived(&required.derived).await?;
        for source in objects.chain(derived) {
            if self.reuse(&source).await? {
                continue;
            }
            while copies.len() >= COPIES {
                if let Some(copied) = copies.next().await {
                    self.add(copied?).await?;
                }
            }
            copies.push(copy(self.platform.clone(), self.archive.clone(), source).boxed());
        }
        while let Some(copied) = copies.next().await {
            self.add(copied?).await?;
        }
        Ok(())
    }

    async fn derived(&self, owners: &HashMap<Uuid, DerivedOwner>) -> Result<Vec<Source>> {
        let mut found = Vec::new();
        let mut listed = self.platform.storage.list("derived/");
        while let Some(object) = listed.try_next().await? {
            let Ok(key @ ObjectKey::Derived(id, which)) = object.key.parse() else { continue };
            let Some(owner) = owners.get(&id) else { continue };
            let content_type = match which {
                Derived::Placeless => owner.content_type.clone(),
                _ => PREVIEW_TYPE.to_owned(),
            };
            // One that is made again gets another name, because files of the archive never change.
            let name = format!("{OBJECTS}{key}@{}-{}", object.modified.0, object.size);
            found.push(Source { key, name, size: object.size, content_type, row: None });
        }
        Ok(found)
    }

    /// Lists an object that the archive has already.
    async fn reuse(&mut self, source: &Source) -> Result<bool> {
        let known = self.known.get_mut(&source.name);
        let Some(known) = known.filter(|known| known.is_present && known.size == source.size) else { return Ok(false) };
        known.is_kept = true;
        self.summary.files += 1;
        let object = source.listed(hex(&known.sha256), None);
        self.lists.add(&object).await?;
        Ok(true)
    }

    async fn add(&mut self, copied: Option<Copied>) -> Result<()> {
        let Some(Copied { object, sha256 }) = copied else { return Ok(()) };
        match object.lost {
            None => {
                self.summary.files += 1;
                self.summary.copied += 1;
                self.summary.copied_bytes += object.size;
                let known = Known { size: object.size, sha256, is_present: true, is_kept: true };
                self.known.insert(object.name.clone(), known);
            }
            Some(Lost::Purged) => self.summary.purged += 1,
            Some(Lost::Missing) => {
                tracing::warn!(key = object.key, "the storage does not have a file that the database requires");
                self.summary.missing.push(object.key.clone());
            }
        }
        self.lists.add(&object).await
    }
}

impl Source {
    /// Returns its line in the lists of objects.
    pub fn listed(&self, sha256: String, lost: Option<Lost>) -> BackedUpObject {
        BackedUpObject {
            key: self.key.to_string(),
            content_type: self.content_type.clone(),
            size: self.size,
            name: self.name.clone(),
            sha256,
            lost,
        }
    }
}
