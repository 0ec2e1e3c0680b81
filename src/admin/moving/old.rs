//! What becomes of the old installation: it is used again, or deleted.

use anyhow::{Context, Result, bail, ensure};
use futures::TryStreamExt;

use super::store;
use crate::platform::config::Config;
use crate::platform::db::{Db, read_only, rows};
use crate::platform::moves::{self, MoveRow, MoveState};
use crate::platform::secret::Secret;
use crate::platform::storage::{ObjectKey, Storage};

/// `attache move --undo`: makes the old installation writable again.
pub async fn undo(config: &Config) -> Result<()> {
    let db = Db::open(&config.database).await?;
    let row = moves::find(db.on()).await?.context("This installation is not being moved, and was not moved.")?;
    match row.state {
        MoveState::Target => bail!("A move into this database is not complete. Undo it where it was started."),
        MoveState::Arrived => bail!("The server works with the new storage already. Move the files back instead."),
        MoveState::Copying | MoveState::Moved => {}
    }
    ensure!(store::forget(&db, db.time().await?).await?, "The move is running. Stop it first.");
    read_only::unguard(&config.database).await?;
    db.close().await;
    println!("This installation can be used again. Empty the target before you move there again.");
    Ok(())
}

/// `attache move --delete-old`: deletes what the old database and the old storage have.
pub async fn delete(config: &Config) -> Result<()> {
    let db = Db::open(&config.database).await?;
    let row = moves::find(db.on()).await?.context("This installation was not moved.")?;
    let (has_old_rows, has_old_files) = old_parts(&row, &config.storage.place())?;
    if has_old_files {
        let secret =
            Secret::load(&db).await?.unwrap_or_else(|| Secret::random(&crate::platform::clock::Clock::default()));
        let storage = Storage::open(&config.storage, secret).await?;
        println!("Deleted {} files in {}.", delete_objects(&storage).await?, config.storage.place());
    }
    db.close().await;
    if has_old_rows {
        rows::delete_all(&config.database).await?;
        println!("Deleted all rows in {}. The database itself can be deleted now.", config.database.place());
    }
    Ok(())
}

/// Returns whether the database is the old one, and whether the storage is.
fn old_parts(row: &MoveRow, storage: &str) -> Result<(bool, bool)> {
    let is_old = row.from_storage == storage && row.to_storage.as_deref().is_some_and(|to| to != storage);
    match row.state {
        MoveState::Moved if row.to_database.is_some() => Ok((true, is_old)),
        MoveState::Arrived if is_old => Ok((false, true)),
        MoveState::Moved => bail!("No server has started with the new storage yet. Start one first."),
        MoveState::Arrived => {
            bail!(
                "These are the new settings. Set those of the old storage, {}, to delete its files.",
                row.from_storage
            )
        }
        MoveState::Copying | MoveState::Target => bail!("The move is not complete."),
    }
}

/// Deletes all objects of Attaché. Returns their number.
async fn delete_objects(storage: &Storage) -> Result<u64> {
    let listed: Vec<_> = storage.list("").try_collect().await?;
    let mut deleted = 0;
    for key in listed.iter().filter_map(|object| object.key.parse::<ObjectKey>().ok()) {
        storage.delete(&key).await?;
        deleted += 1;
    }
    for upload in storage.list_multipart().await? {
        storage.abort_listed(&upload).await?;
    }
    Ok(deleted)
}
