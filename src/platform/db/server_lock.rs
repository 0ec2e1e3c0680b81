//! One server for one SQLite database: live events reach the browsers of one process only, so with a second one people
//! would miss messages.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::bail;
use tokio::time::{Instant, sleep};

use super::DatabaseUrl;
use super::remedy::not_openable;

/// Pause between two attempts.
const RETRY: Duration = Duration::from_millis(100);

/// Keeps other servers from this database until it is dropped or the process ends. Commands beside the server don't need it.
#[derive(Debug)]
pub struct ServerLock(#[expect(dead_code, reason = "the open file holds the lock")] Option<File>);

impl ServerLock {
    /// Locks a SQLite database for a server. Waits up to `timeout` for another one, which may be stopping. PostgreSQL
    /// needs no lock.
    pub async fn acquire(url: &DatabaseUrl, timeout: Duration) -> anyhow::Result<Self> {
        let DatabaseUrl::Sqlite(path) = url else { return Ok(Self(None)) };
        let deadline = Instant::now() + timeout;
        let file = open(path).map_err(|error| not_openable(url, &error))?;
        let mut has_waited = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(Some(file))),
                Err(TryLockError::Error(error)) => {
                    // Some network file systems have no locks.
                    tracing::warn!(%error, "cannot check whether another server uses this database");
                    return Ok(Self(None));
                }
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                    if !has_waited {
                        tracing::info!("another server uses this database; waiting for it to stop");
                    }
                    has_waited = true;
                    sleep(RETRY).await;
                }
                Err(TryLockError::WouldBlock) => bail!(
                    "Another server uses {}. SQLite serves one: stop the other server, or use PostgreSQL and S3 to run \
                     several.",
                    path.display()
                ),
            }
        }
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    OpenOptions::new().write(true).create(true).truncate(false).open(lock_path(path))
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = OsString::from(path.file_name().unwrap_or_default());
    name.push("-server");
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_database_has_one_server() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("attache.db"));
        let first = ServerLock::acquire(&url, Duration::ZERO).await.unwrap();
        let error = ServerLock::acquire(&url, Duration::ZERO).await.unwrap_err();
        assert!(error.to_string().contains("Another server uses"), "{error}");
        drop(first);
        assert!(ServerLock::acquire(&url, Duration::ZERO).await.is_ok());
    }
}
