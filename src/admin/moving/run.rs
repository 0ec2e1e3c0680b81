//! A run of the command: its lease, and the read-only moment. Both end when it is killed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use tokio::time::Instant;
use uuid::Uuid;

use super::store::{self, Places};
use crate::platform::alongside::alongside;
use crate::platform::config::DatabaseUrl;
use crate::platform::db::{Db, read_only};
use crate::platform::moves::{self, MoveRow, MoveState};

/// How long a run that was killed is considered running, and people can't write.
const LEASE: Duration = Duration::from_secs(30);
const RENEW_INTERVAL: Duration = Duration::from_secs(5);
/// Pause between attempts to claim the move.
const CLAIM_INTERVAL: Duration = Duration::from_secs(1);

const LOST: &str = "This run did not respond for too long: people could write again, or another one has begun. Run the same \
     command again.";
const STOPPED: &str = "Stopped. The installation works as before. Run the same command again to go on.";

pub struct Run {
    db: Db,
    url: DatabaseUrl,
    id: Uuid,
    is_read_only: AtomicBool,
}

/// Returns whether a row is of this move.
pub fn is_same(row: &MoveRow, places: &Places) -> bool {
    row.to_database == places.to_database && row.to_storage == places.to_storage
}

impl Run {
    /// Claims the move. Waits until a run that was killed is no longer considered running.
    ///
    /// # Errors
    /// If another one is running, or the move has changed since `continues` was determined.
    pub async fn claim(db: Db, url: DatabaseUrl, id: Uuid, places: &Places, continues: bool) -> Result<Self> {
        let deadline = Instant::now() + LEASE + CLAIM_INTERVAL;
        while !try_claim(&db, id, places, continues).await? {
            if Instant::now() > deadline {
                bail!("A move of this installation is already running.");
            }
            tokio::time::sleep(CLAIM_INTERVAL).await;
        }
        Ok(Self { db, url, id, is_read_only: AtomicBool::new(false) })
    }

    /// Notes the target, after it was found empty.
    pub async fn note_target(&self, places: &Places) -> Result<()> {
        ensure!(store::note_target(self.db.on(), places, self.id).await?, LOST);
        Ok(())
    }

    /// Runs `work` while the lease is renewed, or until `stop`. If the move is not completed, the installation can be
    /// written again.
    pub async fn hold<T>(&self, work: impl Future<Output = Result<T>>, stop: impl Future<Output = ()>) -> Result<T> {
        let outcome = self.renewing(work, stop).await;
        if outcome.is_err()
            && let Err(error) = self.release().await
        {
            tracing::warn!(%error, "failed to end the move; it ends by itself in {} seconds", LEASE.as_secs());
        }
        outcome
    }

    async fn renewing<T>(&self, work: impl Future<Output = Result<T>>, stop: impl Future<Output = ()>) -> Result<T> {
        let (mut work, mut stop) = (std::pin::pin!(work), std::pin::pin!(stop));
        let mut until = Instant::now() + LEASE;
        loop {
            tokio::select! {
                ended = tokio::time::timeout(RENEW_INTERVAL, &mut work) => if let Ok(outcome) = ended { return outcome },
                () = &mut stop => bail!(STOPPED),
            }
            let begun = Instant::now();
            let (ended, renewed) = alongside(&mut work, Box::pin(self.renew())).await;
            if let Some(outcome) = ended {
                return outcome;
            }
            match renewed {
                Ok(true) => until = begun + LEASE,
                Ok(false) => bail!(LOST),
                Err(error) if Instant::now() < until => tracing::warn!(%error, "failed to renew the lease of the move"),
                Err(error) => bail!("The database does not respond ({error})."),
            }
        }
    }

    async fn renew(&self) -> sqlx::Result<bool> {
        if !self.is_read_only.load(Ordering::SeqCst) {
            return store::renew(self.db.on(), self.id, self.db.time().await?.plus(LEASE)).await;
        }
        let mut tx = self.db.begin().await?;
        let is_renewed = store::lock(&mut tx, self.id).await? && {
            let now = tx.time().await?;
            store::renew_read_only(&mut tx, self.id, now, now.plus(LEASE)).await?
        };
        tx.commit().await?;
        Ok(is_renewed)
    }

    /// Makes the installation read-only. Returns when everything that was written before is committed.
    pub async fn begin_read_only(&self) -> Result<()> {
        let until = self.db.time().await?.plus(LEASE);
        ensure!(store::make_read_only(self.db.on(), self.id, until).await?, LOST);
        self.is_read_only.store(true, Ordering::SeqCst);
        read_only::guard(&self.url).await
    }

    /// Completes the move: the installation stays read-only.
    ///
    /// # Errors
    /// If the lease was lost, so that somebody may have written since.
    pub async fn complete(&self) -> Result<()> {
        let mut tx = self.db.begin().await?;
        ensure!(store::lock(&mut tx, self.id).await?, LOST);
        let now = tx.time().await?;
        ensure!(store::complete(&mut tx, self.id, now).await?, LOST);
        Ok(tx.commit().await?)
    }

    async fn release(&self) -> Result<()> {
        store::release(self.db.on(), self.id).await?;
        if self.is_read_only.load(Ordering::SeqCst) {
            read_only::unguard(&self.url).await?;
        }
        Ok(())
    }
}

async fn try_claim(db: &Db, id: Uuid, places: &Places, continues: bool) -> Result<bool> {
    let mut tx = db.begin().await?;
    let now = tx.time().await?;
    let row = moves::find(tx.on()).await?;
    let is_known = row.is_some_and(|row| row.state == MoveState::Copying && is_same(&row, places));
    ensure!(is_known == continues, "Another move has begun or ended. Run the command again.");
    if !store::claim(&mut tx, places, continues, id, (now, now.plus(LEASE))).await? {
        return Ok(false);
    }
    if !continues {
        store::forget_objects(&mut tx).await?;
    }
    tx.commit().await?;
    Ok(true)
}
