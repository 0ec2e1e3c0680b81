//! Background jobs: durable, retried, and run by one worker even with several servers.
//!
//! A job is a row, written in the transaction that causes the work. A worker claims it by a lease; a worker that dies
//! loses the lease, and the job runs again. So each job must be safe to run twice.
//!
//! Each job is in a lane, mostly that of an organization. Lanes alternate, so that much work of one does not delay
//! another.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::{Database, Encode, FromRow, QueryBuilder, Type};
use tracing::Instrument;
use uuid::Uuid;

use super::alongside::alongside;
use super::db::read_only::is_refusal;
use super::db::{Lane, On, execute, fetch_all, fetch_optional, run};
use super::error::Result;
use super::timestamp::Timestamp;
use super::{Platform, job_metrics};

/// Maximum concurrent jobs of a server, without deliveries.
const WORKERS: usize = 4;
/// Maximum concurrent deliveries of a server.
const DELIVERY_WORKERS: usize = 8;
/// Maximum concurrent jobs of a lane over all servers, so that workers stay free for other lanes. On PostgreSQL two
/// servers that claim at the same time may exceed it by one: it is for fairness, and each job is still claimed once.
const MAX_PER_LANE: i64 = 2;
/// Number of jobs of a lane that a worker tries to claim before it continues with the next lane. Other workers may be
/// faster.
const MAX_CLAIM_ATTEMPTS: i64 = 50;
/// The lane of work for the whole installation.
pub const INSTALLATION: Uuid = Uuid::nil();
/// Poll interval of an idle worker; jobs of its own server wake it at once.
const IDLE: Duration = Duration::from_secs(2);
/// Timeout of a job, unless it has its own.
const RUN_MAX: Duration = Duration::from_mins(9);
/// Duration of a lease. After a crash another worker, or the same server when it starts again, continues the job soon.
const LEASE: Duration = Duration::from_secs(30);
/// The pause after which the lease of a job that still runs is made longer.
const RENEW_INTERVAL: Duration = Duration::from_secs(5);

/// What happens to work that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Tries before it is given up. Recurring work starts again with its next turn.
    pub tries: i32,
    /// The pause after the first failure; each further one is four times as long.
    pub first_pause: Duration,
}

impl Retry {
    pub const USUAL: Self = Self { tries: 5, first_pause: Duration::from_secs(10) };

    fn pause(self, failures: i32) -> Duration {
        self.first_pause * 4_u32.pow(u32::try_from(failures - 1).unwrap_or(0).min(6))
    }
}

/// Which workers run a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workers {
    Usual,
    /// Deliveries to other servers, which may respond slowly or never. Their workers do nothing else, so that they delay
    /// no other job.
    Deliveries,
}

/// Work that requests ask for: a struct of its own, whose fields are its payload.
pub trait Queued: Sized + Send + 'static {
    /// Its name in the table `jobs`. Rows of older versions have it too, so it never changes.
    const NAME: &'static str;
    const RETRY: Retry = Retry::USUAL;
    const WORKERS: Workers = Workers::Usual;

    /// What it is about, as it is stored. Two of one name and one key are one piece of work.
    fn key(&self) -> Uuid;

    fn from_key(key: Uuid) -> Self;

    /// Does the work. Returns how many things it changed.
    fn run(self, platform: Platform, attempt: Attempt) -> impl Future<Output = Result<u64>> + Send;
}

/// Work that comes again by itself.
pub trait Recurring: 'static {
    /// Its name in the table `jobs`. Rows of older versions have it too, so it never changes.
    const NAME: &'static str;
    /// The pause between two runs.
    const EVERY: Duration;
    const RETRY: Retry = Retry::USUAL;
    /// Timeout of a run.
    const RUN_MAX: Duration = RUN_MAX;

    /// Does the work. Returns how many things it changed.
    fn run(platform: Platform) -> impl Future<Output = Result<u64>> + Send;
}

/// A try of queued work.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    /// For whom it is done.
    pub lane: Uuid,
    /// Whether a failure gives the work up.
    pub is_last: bool,
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Task {
    /// Nil for recurring work.
    pub subject: Uuid,
    pub attempt: Attempt,
}

/// A kind of job. All kinds are in one list, `crate::jobs::JOBS`.
pub struct Job {
    pub name: &'static str,
    /// `None`: it is queued.
    pub every: Option<Duration>,
    pub retry: Retry,
    pub workers: Workers,
    pub run_max: Duration,
    pub run: fn(Platform, Task) -> BoxFuture<'static, Result<u64>>,
}

impl Job {
    pub const fn queued<Q: Queued>() -> Self {
        Self {
            name: Q::NAME,
            every: None,
            retry: Q::RETRY,
            workers: Q::WORKERS,
            run_max: RUN_MAX,
            run: |platform, task| Q::from_key(task.subject).run(platform, task.attempt).boxed(),
        }
    }

    pub const fn recurring<R: Recurring>() -> Self {
        Self {
            name: R::NAME,
            every: Some(R::EVERY),
            retry: R::RETRY,
            workers: Workers::Usual,
            run_max: R::RUN_MAX,
            run: |platform, _| R::run(platform).boxed(),
        }
    }
}

#[derive(FromRow)]
struct ClaimedJob {
    name: String,
    subject: Uuid,
    lane: Uuid,
    attempts: i32,
    leased_until: Timestamp,
}

/// Writes a job down, or asks for one that is there to be done (again). Wake the workers after the commit.
/// `lane` is the id of whom the work is for: an organization, a person, or [`INSTALLATION`].
pub async fn enqueue<Q: Queued>(on: On<'_>, job: &Q, lane: Uuid, due: Timestamp) -> sqlx::Result<()> {
    enqueue_named(on, Q::NAME, job.key(), lane, due).await
}

/// The same as [`enqueue`] for a job of a room above, which the caller can't import.
pub async fn enqueue_named(on: On<'_>, name: &'static str, key: Uuid, lane: Uuid, due: Timestamp) -> sqlx::Result<()> {
    execute!(
        on,
        "INSERT INTO jobs (name, subject, due_at, attempts, lane) VALUES ($1, $2, $3, 0, $4)
         ON CONFLICT (name, subject) DO UPDATE SET due_at = $3, attempts = 0, leased_until = NULL, lane = $4",
        name,
        key,
        due,
        lane
    )?;
    Ok(())
}

/// The same as [`enqueue`] for several of a kind, in one statement.
pub async fn enqueue_all<Q: Queued>(on: On<'_>, jobs: &[Q], lane: Uuid, due: Timestamp) -> sqlx::Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    run!(
        on,
        "INSERT",
        enqueue_query(Q::NAME, jobs.iter().map(Queued::key), lane, due).build_query_as::<(Uuid,)>().persistent(false),
        fetch_all
    )?;
    Ok(())
}

fn enqueue_query<D>(
    name: &'static str,
    subjects: impl Iterator<Item = Uuid>,
    lane: Uuid,
    due: Timestamp,
) -> QueryBuilder<D>
where
    D: Database,
    &'static str: for<'q> Encode<'q, D> + Type<D>,
    Uuid: for<'q> Encode<'q, D> + Type<D>,
    Timestamp: for<'q> Encode<'q, D> + Type<D>,
{
    let mut query = QueryBuilder::new("INSERT INTO jobs (name, subject, due_at, attempts, lane) ");
    query.push_values(subjects, |mut row, subject| {
        row.push_bind(name).push_bind(subject).push_bind(due).push("0").push_bind(lane);
    });
    query.push(
        " ON CONFLICT (name, subject)
         DO UPDATE SET due_at = excluded.due_at, attempts = 0, leased_until = NULL, lane = excluded.lane
         RETURNING subject",
    );
    query
}

/// Starts the workers of this server. They end when the server stops.
pub async fn start(platform: &Platform, jobs: &'static [Job]) -> sqlx::Result<()> {
    ensure_recurring(platform, jobs).await?;
    for (workers, count) in [(Workers::Usual, WORKERS), (Workers::Deliveries, DELIVERY_WORKERS)] {
        for _ in 0..count {
            tokio::spawn(work(platform.clone(), jobs, workers));
        }
    }
    Ok(())
}

/// Runs all due jobs, one after the other. For tests and for the command line.
pub async fn run_due(platform: &Platform, jobs: &'static [Job]) -> sqlx::Result<()> {
    ensure_recurring(platform, jobs).await?;
    while run_next(platform, jobs, None).await? {}
    Ok(())
}

async fn ensure_recurring(platform: &Platform, jobs: &[Job]) -> sqlx::Result<()> {
    for job in jobs.iter().filter(|job| job.every.is_some()) {
        execute!(
            platform.db.on(),
            "INSERT INTO jobs (name, subject, due_at, attempts, lane) VALUES ($1, $2, $3, 0, $4)
             ON CONFLICT (name, subject) DO NOTHING",
            job.name,
            Uuid::nil(),
            platform.clock.now(),
            INSTALLATION
        )?;
    }
    Ok(())
}

async fn work(platform: Platform, jobs: &'static [Job], workers: Workers) {
    let added = match workers {
        Workers::Usual => &platform.job_added,
        Workers::Deliveries => &platform.delivery_added,
    };
    loop {
        let ran = run_next(&platform, jobs, Some(workers)).await.unwrap_or_else(|error| {
            // Jobs wait while the installation is being moved, and are moved with it.
            if !is_refusal(&error) {
                tracing::error!(%error, "failed to read the jobs");
            }
            false
        });
        if ran {
            continue;
        }
        tokio::select! {
            () = added.notified() => {}
            () = tokio::time::sleep(IDLE) => {}
            () = platform.stopping() => return,
        }
    }
}

/// Claims a due job, of these workers or of any, and runs it. Returns whether there was one.
async fn run_next(platform: &Platform, jobs: &'static [Job], workers: Option<Workers>) -> sqlx::Result<bool> {
    let Some(mut taken) = take(platform, jobs, workers).await? else { return Ok(false) };
    let Some(job) = jobs.iter().find(|job| job.name == taken.name) else { return Ok(false) };
    let attempt = Attempt { lane: taken.lane, is_last: taken.attempts >= job.retry.tries };
    let task = Task { subject: taken.subject, attempt };
    // A panic fails this job alone, not the worker.
    let span = tracing::error_span!("job", kind = job.name, subject = %task.subject, lane = %task.attempt.lane, attempt = taken.attempts);
    let run = async { Lane::Job.run((job.run)(platform.clone(), task)).await }.instrument(span);
    let run = std::panic::AssertUnwindSafe(run).catch_unwind();
    let running = job_metrics::begin(platform, job.name);
    let mut run = std::pin::pin!(tokio::time::timeout(job.run_max, run));
    let ended = loop {
        match tokio::time::timeout(RENEW_INTERVAL, &mut run).await {
            Ok(ended) => break ended,
            Err(_) => {
                if let (Some(ended), ()) = alongside(&mut run, Box::pin(renew(platform, &mut taken))).await {
                    break ended;
                }
            }
        }
    };
    let outcome = match ended {
        Ok(Ok(Ok(count))) => Ok(count),
        Ok(Ok(Err(error))) => Err(error.to_string()),
        Ok(Err(_)) => Err("it panicked".to_owned()),
        Err(_) => Err("it timed out".to_owned()),
    };
    running.end(outcome.is_ok());
    match outcome {
        Ok(count) => {
            if count > 0 {
                tracing::debug!(job = job.name, subject = %taken.subject, count, "job done");
            }
            done(platform, job, &taken, count).await?;
        }
        Err(reason) => {
            tracing::warn!(job = job.name, subject = %taken.subject, attempt = taken.attempts, %reason, "job failed");
            failed(platform, job, &taken, &reason).await?;
        }
    }
    Ok(true)
}

/// Claims a job of the least busy lane, and among several such the longest due. One guarded statement: of two workers
/// one gets the job.
async fn take(platform: &Platform, jobs: &[Job], workers: Option<Workers>) -> sqlx::Result<Option<ClaimedJob>> {
    let now = platform.clock.now();
    let on = || platform.db.on();
    let is_mine = |job: &&Job| workers.is_none_or(|workers| job.workers == workers);
    for (lane, running) in lanes(on(), now).await? {
        if running >= MAX_PER_LANE {
            return Ok(None);
        }
        // Another version of the server may know other jobs: it runs its own.
        let due = fetch_all!(
            on(),
            (String, Uuid),
            "SELECT name, subject FROM jobs
             WHERE lane = $2 AND due_at <= $1 AND (leased_until IS NULL OR leased_until <= $1) ORDER BY due_at LIMIT CAST($3 AS BIGINT)",
            now,
            lane,
            MAX_CLAIM_ATTEMPTS
        )?;
        for (name, subject) in
            due.into_iter().filter(|(name, _)| jobs.iter().filter(is_mine).any(|job| job.name == name))
        {
            let taken = fetch_optional!(
                on(),
                ClaimedJob,
                "UPDATE jobs SET leased_until = $4, attempts = attempts + 1
                 WHERE name = $1 AND subject = $2 AND due_at <= $3 AND (leased_until IS NULL OR leased_until <= $3)
                   AND (SELECT count(*) FROM jobs r WHERE r.lane = $5 AND r.leased_until > $3) < $6
                 RETURNING name, subject, lane, attempts, leased_until",
                &name,
                subject,
                now,
                now.plus(LEASE),
                lane,
                MAX_PER_LANE
            )?;
            if taken.is_some() {
                return Ok(taken);
            }
        }
    }
    Ok(None)
}

/// Returns the lanes that have due jobs, with the number of their running jobs, the least busy first. The query skips from lane to
/// lane along the index, so its cost does not depend on the number of jobs.
async fn lanes(on: On<'_>, now: Timestamp) -> sqlx::Result<Vec<(Uuid, i64)>> {
    fetch_all!(
        on,
        (Uuid, i64),
        "SELECT lane, running FROM (
           SELECT l.lane,
             (SELECT count(*) FROM jobs r WHERE r.lane = l.lane AND r.leased_until > $1) AS running,
             (SELECT w.due_at FROM jobs w WHERE w.lane = l.lane AND w.due_at <= $1
                AND (w.leased_until IS NULL OR w.leased_until <= $1) ORDER BY w.due_at LIMIT 1) AS due_at
           FROM (
             WITH RECURSIVE known (lane) AS (
               SELECT * FROM (SELECT lane FROM jobs WHERE due_at IS NOT NULL ORDER BY lane LIMIT 1) AS first
               UNION ALL
               SELECT (SELECT n.lane FROM jobs n WHERE n.due_at IS NOT NULL AND n.lane > k.lane ORDER BY n.lane LIMIT 1)
               FROM known k WHERE k.lane IS NOT NULL
             )
             SELECT lane FROM known WHERE lane IS NOT NULL
           ) AS l
         ) AS waiting
         WHERE due_at IS NOT NULL ORDER BY running, due_at",
        now
    )
}

/// A failure is retried soon. A lost lease stays lost: another worker runs the job too.
async fn renew(platform: &Platform, taken: &mut ClaimedJob) {
    let until = platform.clock.now().plus(LEASE);
    let renewed = execute!(
        platform.db.on(),
        "UPDATE jobs SET leased_until = $4 WHERE name = $1 AND subject = $2 AND leased_until = $3",
        &taken.name,
        taken.subject,
        taken.leased_until,
        until
    );
    match renewed {
        Ok(0) => {}
        Ok(_) => taken.leased_until = until,
        Err(error) => tracing::warn!(%error, job = taken.name, "failed to renew a lease"),
    }
}

/// Only the holder of the lease records the end: a job that was scheduled again stays due.
async fn done(platform: &Platform, job: &Job, taken: &ClaimedJob, count: u64) -> sqlx::Result<()> {
    let now = platform.clock.now();
    match job.every {
        None => execute!(
            platform.db.on(),
            "DELETE FROM jobs WHERE name = $1 AND subject = $2 AND leased_until = $3",
            &taken.name,
            taken.subject,
            taken.leased_until
        )?,
        Some(every) => execute!(
            platform.db.on(),
            "UPDATE jobs SET due_at = $4, attempts = 0, leased_until = NULL, last_error = NULL, done_at = $5, done_count = $6
             WHERE name = $1 AND subject = $2 AND leased_until = $3",
            &taken.name,
            taken.subject,
            taken.leased_until,
            now.plus(every),
            now,
            i64::try_from(count).unwrap_or(i64::MAX)
        )?,
    };
    Ok(())
}

async fn failed(platform: &Platform, job: &Job, taken: &ClaimedJob, reason: &str) -> sqlx::Result<()> {
    let now = platform.clock.now();
    let (due, attempts) = match (taken.attempts < job.retry.tries, job.every) {
        (true, _) => (Some(now.plus(job.retry.pause(taken.attempts))), taken.attempts),
        (false, Some(every)) => (Some(now.plus(every)), 0),
        (false, None) => (None, taken.attempts),
    };
    execute!(
        platform.db.on(),
        "UPDATE jobs SET due_at = $4, attempts = $5, leased_until = NULL, last_error = $6
         WHERE name = $1 AND subject = $2 AND leased_until = $3",
        &taken.name,
        taken.subject,
        taken.leased_until,
        due,
        attempts,
        reason
    )?;
    Ok(())
}
