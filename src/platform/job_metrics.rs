//! Numbers of jobs: what was done, and what waits.

use std::sync::atomic::Ordering;
use std::time::Duration;

use metrics::{counter, gauge, histogram};
use sqlx::FromRow;
use tokio::time::Instant;

use super::Platform;
use super::db::fetch_all;
use super::jobs::Job;
use super::timestamp::Timestamp;

pub const DONE: &str = "attache_jobs_total";
pub const DURATION: &str = "attache_job_duration_seconds";
pub const WAITING: &str = "attache_jobs";
pub const OLDEST: &str = "attache_job_oldest_due_seconds";

/// A job that is done now.
pub struct Running<'p> {
    platform: &'p Platform,
    kind: &'static str,
    since: Instant,
}

pub fn begin<'p>(platform: &'p Platform, kind: &'static str) -> Running<'p> {
    platform.jobs_running.fetch_add(1, Ordering::Relaxed);
    Running { platform, kind, since: Instant::now() }
}

impl Running<'_> {
    /// Counts it as done or failed.
    pub fn end(self, is_ok: bool) {
        self.platform.jobs_running.fetch_sub(1, Ordering::Relaxed);
        counter!(DONE, "kind" => self.kind, "outcome" => if is_ok { "done" } else { "failed" }).increment(1);
        histogram!(DURATION, "kind" => self.kind).record(self.since.elapsed());
    }
}

#[derive(FromRow)]
struct Waiting {
    name: String,
    due: i64,
    running: i64,
    scheduled: i64,
    given_up: i64,
    oldest: Option<Timestamp>,
}

/// Looks at the queue: how many jobs of each kind are in which state, and since when the oldest could be done.
pub async fn measure_queue(platform: &Platform, jobs: &[Job]) -> sqlx::Result<()> {
    let now = platform.clock.now();
    let rows = fetch_all!(
        platform.db.on(),
        Waiting,
        "SELECT name,
           count(CASE WHEN due_at <= $1 AND (leased_until IS NULL OR leased_until <= $1) THEN 1 END) AS due,
           count(CASE WHEN leased_until > $1 THEN 1 END) AS running,
           count(CASE WHEN due_at > $1 AND (leased_until IS NULL OR leased_until <= $1) THEN 1 END) AS scheduled,
           count(CASE WHEN due_at IS NULL THEN 1 END) AS given_up,
           min(CASE WHEN due_at <= $1 AND (leased_until IS NULL OR leased_until <= $1) THEN due_at END) AS oldest
         FROM jobs GROUP BY name",
        now
    )?;
    // A kind without rows has none left.
    for job in jobs {
        let row = rows.iter().find(|row| row.name == job.name);
        let states = row.map_or([0; 4], |row| [row.due, row.running, row.scheduled, row.given_up]);
        for (state, count) in ["due", "running", "scheduled", "given_up"].into_iter().zip(states) {
            gauge!(WAITING, "kind" => job.name, "state" => state)
                .set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
        }
        let oldest = row.and_then(|row| row.oldest).map_or(0, |oldest| now.0.saturating_sub(oldest.0));
        let age = Duration::from_millis(u64::try_from(oldest).unwrap_or(0));
        gauge!(OLDEST, "kind" => job.name).set(age.as_secs_f64());
    }
    Ok(())
}
