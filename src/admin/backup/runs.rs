//! SQL of the runs of back-ups: one at a time for each target, and how the last ones ended.

use std::time::Duration;

use anyhow::{Result, bail};
use sqlx::FromRow;
use uuid::Uuid;

use crate::platform::Platform;
use crate::platform::alongside::alongside;
use crate::platform::db::{On, execute, fetch_optional};
use crate::platform::timestamp::Timestamp;

/// Duration of a lease. A server that dies loses it.
const LEASE: Duration = Duration::from_mins(1);
/// The pause after which the lease of a run is made longer.
const RENEW_INTERVAL: Duration = Duration::from_secs(10);

/// How the last back-ups to a target ended.
#[derive(Debug, Clone, Default, FromRow)]
pub struct LastRuns {
    /// When the last complete one began.
    pub begun_at: Option<Timestamp>,
    pub succeeded_at: Option<Timestamp>,
    pub failed_at: Option<Timestamp>,
    /// Of the last failure.
    pub error: Option<String>,
}

pub async fn last(on: On<'_>, target: &str) -> sqlx::Result<LastRuns> {
    let row = fetch_optional!(
        on,
        LastRuns,
        "SELECT begun_at, succeeded_at, failed_at, error FROM backup_runs WHERE target = $1",
        target
    )?;
    Ok(row.unwrap_or_default())
}

/// Runs `work` while no other server runs a back-up to this target, and records how it ended.
///
/// # Errors
/// If another one is running, or the lease was lost, because the database did not respond.
pub async fn exclusively<T>(platform: &Platform, target: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
    let (holder, begun_at) = (platform.clock.new_id(), platform.clock.now());
    let mut until = begun_at.plus(LEASE);
    if !claim(platform, target, holder, begun_at).await? {
        bail!("A back-up to {target} is already running.");
    }
    let mut work = std::pin::pin!(work);
    let outcome = loop {
        if let Ok(outcome) = tokio::time::timeout(RENEW_INTERVAL, &mut work).await {
            break outcome;
        }
        let now = platform.clock.now();
        let renewal = Box::pin(renew(platform, target, holder, now.plus(LEASE)));
        let (ended, renewed) = alongside(&mut work, renewal).await;
        if let Some(outcome) = ended {
            break outcome;
        }
        match renewed {
            Ok(true) => until = now.plus(LEASE),
            Ok(false) => bail!("Another back-up to {target} has begun, because this one did not respond."),
            Err(error) if now < until => tracing::warn!(%error, "failed to renew the lease of a back-up"),
            Err(error) => bail!("The database does not respond ({error})."),
        }
    };
    let now = platform.clock.now();
    match &outcome {
        Ok(_) => execute!(
            platform.db.on(),
            "UPDATE backup_runs SET leased_until = NULL, begun_at = $3, succeeded_at = $4 WHERE target = $1 AND lease_id = $2",
            target,
            holder,
            begun_at,
            now
        )?,
        Err(error) => execute!(
            platform.db.on(),
            "UPDATE backup_runs SET leased_until = NULL, failed_at = $3, error = $4 WHERE target = $1 AND lease_id = $2",
            target,
            holder,
            now,
            format!("{error:#}")
        )?,
    };
    outcome
}

async fn claim(platform: &Platform, target: &str, holder: Uuid, now: Timestamp) -> sqlx::Result<bool> {
    let claimed = execute!(
        platform.db.on(),
        "INSERT INTO backup_runs (target, lease_id, leased_until) VALUES ($1, $2, $3)
         ON CONFLICT (target) DO UPDATE SET lease_id = excluded.lease_id, leased_until = excluded.leased_until
         WHERE backup_runs.leased_until IS NULL OR backup_runs.leased_until <= $4",
        target,
        holder,
        now.plus(LEASE),
        now
    )?;
    Ok(claimed > 0)
}

/// Returns `false` if the lease was lost.
async fn renew(platform: &Platform, target: &str, holder: Uuid, until: Timestamp) -> sqlx::Result<bool> {
    let renewed = execute!(
        platform.db.on(),
        "UPDATE backup_runs SET leased_until = $3 WHERE target = $1 AND lease_id = $2",
        target,
        holder,
        until
    )?;
    Ok(renewed > 0)
}
