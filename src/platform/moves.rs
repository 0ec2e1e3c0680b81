//! What a server must know about the move of its installation: whether it may start, and when it must stop. `admin/moving`
//! does the move.

use std::time::Duration;

use anyhow::{Result, bail};
use sqlx::FromRow;

use super::Platform;
use super::config::{Config, DatabaseUrl, StorageConfig};
use super::db::{Db, On, execute, fetch_optional, read_only};
use super::timestamp::Timestamp;

/// How often a running server looks whether the installation was moved.
const WATCH_INTERVAL: Duration = Duration::from_secs(2);
/// How long the first server with the new storage waits for those with the old one to stop: until they look, and then
/// for their running requests.
const ARRIVAL_PAUSE: Duration = Duration::from_secs(15);

crate::named_enum! {
    /// What a move has done.
    pub enum MoveState in "moves.state" {
        /// It copies. Servers work, except while the database is read-only.
        Copying = "copying";
        /// It is complete. This installation stays read-only.
        Moved = "moved";
        /// It is complete, the database is where it was, and a server has started with the new storage.
        Arrived = "arrived";
        /// This database is filled by a move that is not complete.
        Target = "target";
    }
}

#[derive(Debug, Clone, FromRow)]
pub struct MoveRow {
    pub state: MoveState,
    pub installation: String,
    pub leased_until: Option<Timestamp>,
    pub read_only_until: Option<Timestamp>,
    pub from_database: String,
    pub from_storage: String,
    /// `None`: the database stays.
    pub to_database: Option<String>,
    /// `None`: the storage stays.
    pub to_storage: Option<String>,
}

pub async fn find(on: On<'_>) -> sqlx::Result<Option<MoveRow>> {
    fetch_optional!(
        on,
        MoveRow,
        "SELECT state, installation, leased_until, read_only_until, from_database, from_storage, to_database, to_storage
         FROM moves WHERE id = 1"
    )
}

impl DatabaseUrl {
    /// Returns where the database is, without a password.
    pub fn place(&self) -> String {
        match self {
            Self::Sqlite(path) => {
                format!("sqlite:{}", std::path::absolute(path).unwrap_or_else(|_| path.clone()).display())
            }
            Self::Postgres(url) => {
                let Ok(mut url) = reqwest::Url::parse(url) else { return "postgres://".to_owned() };
                // Fails for a URL without a host, which has no password.
                let _ = url.set_password(None);
                let pairs: Vec<_> = url.query_pairs().into_owned().filter(|(name, _)| name != "password").collect();
                url.set_query(None);
                if !pairs.is_empty() {
                    url.query_pairs_mut().extend_pairs(pairs);
                }
                url.to_string()
            }
        }
    }
}

impl StorageConfig {
    /// Returns where the files are, without keys.
    pub fn place(&self) -> String {
        match self {
            Self::LocalDisk { root } => {
                std::path::absolute(root).unwrap_or_else(|_| root.clone()).display().to_string()
            }
            Self::S3(store) => format!("s3://{} at {}", store.bucket, store.endpoint),
        }
    }
}

/// Lets a server start, or a command run, on this database with this storage. Waits while the database is read-only.
///
/// # Errors
/// If the installation is elsewhere now, or not complete yet.
pub async fn admit(db: &Db, config: &Config) -> Result<()> {
    let storage = config.storage.place();
    loop {
        let Some(row) = find(db.on()).await? else { return Ok(()) };
        match row.state {
            MoveState::Target => bail!(
                "A move into this database is not complete. Run `attache move` again where it was started, to complete it."
            ),
            MoveState::Moved => match (&row.to_database, &row.to_storage) {
                (None, Some(to)) if *to == storage => {
                    arrive(db).await?;
                    continue;
                }
                (database, files) => bail!(
                    "This installation was moved to {}. Start the server with these settings. To go back to this one, and \
                     lose what was written there, run `attache move --undo`.",
                    [database.as_deref(), files.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(", ")
                ),
            },
            MoveState::Arrived if row.from_storage == storage => bail!(
                "The files of this installation were moved from {storage} to {}. Start the server with these settings.",
                row.to_storage.unwrap_or_default()
            ),
            MoveState::Copying | MoveState::Arrived => {}
        }
        let Some(until) = row.read_only_until else { return Ok(()) };
        let now = db.time().await?;
        if until <= now {
            return read_only::unguard(&config.database).await;
        }
        tracing::info!(state = %row.state, "waiting: the installation is being moved, and is read-only");
        tokio::time::sleep(Duration::from_millis(until.0.abs_diff(now.0)).min(WATCH_INTERVAL)).await;
    }
}

/// Starts to use the database with the new storage. It stays read-only until servers with the old one have stopped.
async fn arrive(db: &Db) -> Result<()> {
    let until = db.time().await?.plus(ARRIVAL_PAUSE);
    execute!(
        db,
        "UPDATE moves SET state = 'arrived', read_only_until = $1 WHERE id = 1 AND state = 'moved' AND to_database IS NULL",
        until
    )?;
    Ok(())
}

/// Stops this server when another one has started with the storage to which the files were moved: it would store files
/// in the old one. Removes the triggers of a move that was killed.
pub async fn watch(platform: Platform) {
    let storage = platform.config.storage.place();
    loop {
        tokio::select! {
            () = tokio::time::sleep(WATCH_INTERVAL) => {}
            () = platform.stopping() => return,
        }
        match find(platform.db.on()).await {
            Ok(Some(row)) if row.state == MoveState::Arrived && row.from_storage == storage => {
                tracing::error!(to = row.to_storage, "the files were moved; this server stops");
                platform.stop();
                return;
            }
            Ok(Some(row)) if row.state == MoveState::Copying && row.read_only_until.is_some() => {
                if let Err(error) = read_only::unguard(&platform.config.database).await {
                    tracing::debug!(%error, "failed to end what is left of a move");
                }
            }
            Ok(_) => {}
            Err(error) => tracing::debug!(%error, "failed to read whether the installation was moved"),
        }
    }
}
