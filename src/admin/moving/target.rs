//! The new database and the new storage: they are empty, or have what this move has copied before.

use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use futures::TryStreamExt;

use super::store::{self, Places};
use crate::platform::config::{Config, DatabaseUrl, MoveTarget, StorageConfig};
use crate::platform::db::Db;
use crate::platform::moves::{self, MoveState};
use crate::platform::secret::Secret;
use crate::platform::storage::Storage;

/// A target that can be written.
pub struct Target {
    pub database: Option<(DatabaseUrl, Db)>,
    pub storage: Option<Arc<Storage>>,
}

/// Refuses a target that is where the installation is, or would be inside of it.
pub fn refuse_own(config: &Config, target: &MoveTarget) -> Result<()> {
    if let Some(database) = &target.database
        && database.place() == config.database.place()
    {
        bail!("The installation is in {} already. Choose another database.", database.place());
    }
    if let Some(storage) = &target.storage {
        let is_inside = match (&config.storage, storage) {
            (StorageConfig::LocalDisk { root }, StorageConfig::LocalDisk { root: to }) => {
                let (root, to) = (std::path::absolute(root)?, std::path::absolute(to)?);
                root.starts_with(&to) || to.starts_with(&root)
            }
            (StorageConfig::S3(own), StorageConfig::S3(to)) => own.bucket == to.bucket && own.endpoint == to.endpoint,
            _ => false,
        };
        ensure!(!is_inside, "The files are in {} already. Choose another storage.", config.storage.place());
    }
    Ok(())
}

impl Target {
    /// Opens the target. Writes nothing but tables without rows, and the mark of a database that is not complete.
    /// `continues`: an earlier run has written to it.
    pub async fn open(target: &MoveTarget, places: &Places, secret: Secret, continues: bool) -> Result<Self> {
        let storage = match &target.storage {
            None => None,
            Some(config) => {
                let storage = Storage::open(config, secret).await.context("Cannot open the new storage")?;
                if !continues {
                    refuse_objects(&storage, &config.place()).await?;
                }
                Some(Arc::new(storage))
            }
        };
        let database = match &target.database {
            None => None,
            Some(url) => {
                let db = Db::connect(url).await.context("Cannot open the new database")?;
                if let Err(error) = prepare(&db, places).await {
                    db.close().await;
                    return Err(error);
                }
                Some((url.clone(), db))
            }
        };
        Ok(Self { database, storage })
    }
}

async fn refuse_objects(storage: &Storage, place: &str) -> Result<()> {
    if let Some(object) = storage.list("").try_next().await? {
        bail!("{place} is not empty: it has {}. Choose an empty storage.", object.key);
    }
    Ok(())
}

/// Creates the tables in an empty database, and marks it.
async fn prepare(db: &Db, places: &Places) -> Result<()> {
    let (migration, newest) = (db.migration().await?, Db::newest_migration());
    ensure!(
        migration <= newest,
        "The new database was used by a newer version (migrations {migration} and {newest}). Choose an empty database."
    );
    db.migrate_to(newest).await.context("Cannot create the tables of the new database")?;
    let row = moves::find(db.on()).await?;
    let is_own = row.is_some_and(|row| row.state == MoveState::Target && row.installation == places.installation);
    if !is_own {
        ensure!(store::count_people(db).await? == 0, "The new database is not empty. Choose an empty database.");
    }
    ensure!(
        store::mark_target(db, places).await?,
        "The new database belongs to another move. Choose an empty database."
    );
    Ok(())
}
