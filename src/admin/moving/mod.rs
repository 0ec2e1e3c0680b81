//! `attache move`: moves an installation to another database, another storage, or both, while people work.
//!
//! Files are copied first. For the last moment the installation is read-only: what has changed since is copied, then all
//! rows, and everything is compared. docs/operating.md describes how to use it, docs/decisions why it works so.

mod objects;
mod old;
mod progress;
mod rows;
mod run;
mod store;
mod target;

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::platform::clock::Clock;
use crate::platform::config::{Config, DatabaseUrl, MoveSettings, MoveTarget, StorageConfig};
use crate::platform::db::Db;
use crate::platform::db::rows::hex;
use crate::platform::moves::{self, MoveState};
use crate::platform::secret::Secret;
use crate::platform::storage::Storage;
use objects::Objects;
pub use old::{delete, undo};
use progress::Progress;
use run::{Run, is_same};
use store::Places;
use target::Target;

/// A pass that copies fewer objects is the last one while people work.
const FEW: u64 = 200;
/// Passes while people work.
const PASSES_MAX: u32 = 20;

/// What was moved.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Moved {
    /// 0 if the database stays.
    pub rows: u64,
    /// 0 if the files stay.
    pub files: u64,
    /// Keys of objects that the storage should have, and had not.
    pub missing: Vec<String>,
}

/// `attache move`: moves, and prints with which settings to start.
pub async fn run_command(config: &Config, settings: &MoveSettings) -> Result<()> {
    if settings.undo {
        return old::undo(config).await;
    }
    if settings.delete_old {
        return old::delete(config).await;
    }
    let target = settings.target(&config.data_dir)?;
    let moved = move_to(config, &target, interrupted()).await?;
    match moved {
        Some(moved) => print(&moved),
        None => println!("This installation was moved there before."),
    }
    print_settings(&target);
    Ok(())
}

async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

fn print(moved: &Moved) {
    println!("Moved {} rows and {} files. All match their checksums.", moved.rows, moved.files);
    for key in &moved.missing {
        println!("Missing in the storage: {key}");
    }
    if !moved.missing.is_empty() {
        println!("The move is complete, without these files. `attache verify` says more.");
    }
}

fn print_settings(target: &MoveTarget) {
    println!(
        "\nThe old installation is read-only from now on. Stop its servers, and start them with these settings:\n"
    );
    if let Some(database) = &target.database {
        let place = database.place();
        match database {
            DatabaseUrl::Sqlite(_) => println!("  DATABASE_URL={place}"),
            DatabaseUrl::Postgres(_) => println!("  DATABASE_URL={place}  (with the password)"),
        }
    }
    match &target.storage {
        None => {}
        Some(StorageConfig::LocalDisk { .. }) => {
            let place = target.storage.as_ref().map(StorageConfig::place).unwrap_or_default();
            println!("  STORAGE_ROOT={place}  (and none of S3_…)");
        }
        Some(StorageConfig::S3(store)) => {
            println!("  S3_BUCKET={}\n  S3_ENDPOINT={}\n  S3_REGION={}", store.bucket, store.endpoint, store.region);
            println!("  S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY as in TO_S3_…  (and no STORAGE_ROOT)");
        }
    }
    println!(
        "\nThe old data stays. When you no longer need it, run `attache move --delete-old` with the old settings."
    );
}

/// Moves the installation of `config`. Returns `None` if it was moved to this target before. Ends early at `stop`.
pub async fn move_to(config: &Config, to: &MoveTarget, stop: impl Future<Output = ()> + Send) -> Result<Option<Moved>> {
    target::refuse_own(config, to)?;
    let db = Db::open(&config.database).await?;
    let moved = Box::pin(move_from(config, &db, to, stop)).await;
    db.close().await;
    moved
}

async fn move_from(
    config: &Config,
    db: &Db,
    to: &MoveTarget,
    stop: impl Future<Output = ()> + Send,
) -> Result<Option<Moved>> {
    let secret = Secret::load(db).await?.context("This database has no installation yet. Start the server first.")?;
    let places = Places {
        installation: hex(&Sha256::digest(secret.sign("move"))),
        from_database: config.database.place(),
        from_storage: config.storage.place(),
        to_database: to.database.as_ref().map(DatabaseUrl::place),
        to_storage: to.storage.as_ref().map(StorageConfig::place),
    };
    let row = moves::find(db.on()).await?;
    let mut continues = false;
    if let Some(row) = row {
        match row.state {
            MoveState::Target => bail!("A move into this database is not complete. Run it again where it was started."),
            MoveState::Moved if is_same(&row, &places) => {
                finish(to).await?;
                return Ok(None);
            }
            MoveState::Moved => {
                bail!("This installation was moved before. Run `attache move --undo` to move it again.")
            }
            MoveState::Copying => continues = is_same(&row, &places),
            MoveState::Arrived => {}
        }
    }
    let run = Run::claim(db.clone(), config.database.clone(), Clock::default().new_id(), &places, continues).await?;
    let work = async {
        let target = Target::open(to, &places, secret.clone(), continues).await?;
        run.note_target(&places).await?;
        let moved = copy(config, db, &target, secret, &run).await?;
        run.complete().await?;
        finish(to).await?;
        if let Some((_, db)) = target.database {
            db.close().await;
        }
        Ok(Some(moved))
    };
    run.hold(Box::pin(work), stop).await
}

async fn copy(config: &Config, db: &Db, target: &Target, secret: Secret, run: &Run) -> Result<Moved> {
    let mut moved = Moved::default();
    let mut storage = None;
    if let Some(to) = &target.storage {
        let from = Arc::new(Storage::open(&config.storage, secret).await?);
        let mut objects = Objects::begin(db.clone(), from, to.clone(), Progress::new()).await?;
        for _ in 0..PASSES_MAX {
            if objects.pass(rows::required(&config.database).await?).await?.copied < FEW {
                break;
            }
        }
        objects.compare().await?;
        storage = Some(objects);
    }
    run.begin_read_only().await?;
    println!("The installation is read-only.");
    if let Some(objects) = &mut storage {
        let pass = objects.last_pass(rows::required(&config.database).await?).await?;
        (moved.files, moved.missing) = (pass.files, pass.missing);
    }
    if let Some((url, _)) = &target.database {
        moved.rows = rows::copy(&config.database, url).await?;
    }
    Ok(moved)
}

/// Makes the new database ready for a server, after the old one has been made read-only.
async fn finish(to: &MoveTarget) -> Result<()> {
    let Some(url) = &to.database else { return Ok(()) };
    let db = Db::connect(url).await?;
    let finished = store::unmark_target(&db).await;
    db.close().await;
    Ok(finished?)
}
