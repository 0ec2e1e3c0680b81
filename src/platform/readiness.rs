//! Checks whether database and storage can be written and events arrive, for `GET /readyz`. The result is cached for
//! some seconds, because anyone can send the request and each check writes to the disk.

use std::time::Duration;

use tokio::sync::Mutex;
use tracing::Instrument;

use super::Platform;
use super::db::{Db, execute, fetch_value};
use super::error::{AppError, ErrorKind, Result};
use super::timestamp::Timestamp;

/// Timeout for database and storage.
const TIMEOUT: Duration = Duration::from_secs(3);
/// Timeout for a write to the database.
const WRITE_TIMEOUT: Duration = Duration::from_millis(1500);
/// How long a success is cached.
pub const SUCCESS_CACHE_TIME: Duration = Duration::from_secs(5);
/// How long a failure is cached.
const FAILURE_CACHE_TIME: Duration = Duration::from_secs(1);
/// Bytes written into the database: more than fits into its free space.
const PROBE: usize = 32 * 1024;

#[derive(Debug, Default)]
pub struct Readiness {
    last: Mutex<Option<(Timestamp, Result<()>)>>,
}

/// Returns a result that is at most [`SUCCESS_CACHE_TIME`] old. One check runs at a time; other callers wait for its result.
pub async fn check(platform: &Platform) -> Result<()> {
    let platform = platform.clone();
    // Continues when the client disconnects, so that short-lived clients don't restart it.
    let look_once = async move {
        let mut last = platform.readiness.last.lock().await;
        let now = platform.clock.now();
        if let Some((at, outcome)) = &*last
            && now < at.plus(if outcome.is_ok() { SUCCESS_CACHE_TIME } else { FAILURE_CACHE_TIME })
        {
            return outcome.clone();
        }
        let outcome = match tokio::time::timeout(TIMEOUT, look(&platform)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(AppError::new(
                ErrorKind::Unavailable,
                format!("The database or the file storage did not respond within {} seconds.", TIMEOUT.as_secs()),
            )),
        };
        // With any error, this server is not ready.
        let outcome = outcome.map_err(|error| {
            tracing::warn!(%error, "this server is not ready");
            AppError { kind: ErrorKind::Unavailable, ..error }
        });
        *last = Some((now, outcome.clone()));
        outcome
    };
    let looking = tokio::spawn(look_once.in_current_span());
    looking.await.map_err(|error| AppError::unexpected("readiness", error))?
}

async fn look(platform: &Platform) -> Result<()> {
    look_at_database(platform).await?;
    if !platform.events.hears() {
        let message = "Not connected to the events of other servers: no connection to the database lasts.";
        return Err(AppError::new(ErrorKind::Unavailable, message));
    }
    Ok(platform.storage.check().await?)
}

async fn look_at_database(platform: &Platform) -> Result<()> {
    // Committed, because a rolled-back write never reaches the disk.
    let filling = format!("{}{}", platform.clock.now().0, " ".repeat(PROBE));
    let write = async {
        execute!(
            &platform.db,
            "INSERT INTO write_probe (id, filling) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET filling = $1",
            filling
        )
    };
    match (tokio::time::timeout(WRITE_TIMEOUT, write).await, &platform.db) {
        (Ok(written), _) => Ok(written.map(|_| ())?),
        // Another process writes, such as a backup: reads continue, and writes do after it ends. A hanging disk shows
        // in the storage check.
        (Err(_), Db::Sqlite(_)) => Ok(fetch_value!(&platform.db, i64, "SELECT COUNT(*) FROM write_probe").map(|_| ())?),
        (Err(_), Db::Postgres(_)) => Err(AppError::new(ErrorKind::Unavailable, "The database rejects writes.")),
    }
}
