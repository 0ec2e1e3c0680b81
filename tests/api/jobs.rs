//! Background jobs: each is run by one worker, again after a failure, and after a worker that died.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::Platform;
use attache::platform::db::Db;
use attache::platform::error::{AppError, Result};
use attache::platform::jobs::{Attempt, INSTALLATION, Job, Queued, Retry, Workers, enqueue, run_due};
use futures::FutureExt;
use futures::future::ready;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use uuid::Uuid;

use crate::support::{Engines, TestApp, on_both_engines, until};

on_both_engines![
    a_job_runs_once,
    two_servers_share_the_work,
    a_failing_job_pauses_longer_each_time_and_is_given_up,
    a_panic_fails_the_job_alone,
    a_worker_that_died_loses_its_lease,
    a_lease_is_short_and_lasts_as_long_as_its_job,
    a_job_may_hold_a_transaction_when_its_lease_is_renewed,
    a_recurring_job_comes_again,
    much_work_of_one_lane_does_not_delay_another,
    every_job_of_the_product_runs_on_an_empty_database,
];

const SUBJECT: Uuid = Uuid::from_u128(7);
const MINUTE: Duration = Duration::from_mins(1);

/// Work of the tests, which finds what it does in a list of its own.
macro_rules! queued {
    ($($work:ident = $name:literal),+ $(,)?) => {$(
        struct $work(Uuid);

        impl Queued for $work {
            const NAME: &'static str = $name;

            fn key(&self) -> Uuid {
                self.0
            }

            fn from_key(key: Uuid) -> Self {
                Self(key)
            }

            async fn run(self, _: Platform, _: Attempt) -> Result<u64> {
                Ok(0)
            }
        }
    )+};
}

queued! {
    Once = "once",
    Shared = "shared",
    Failing = "failing",
    Panicking = "panicking",
    Orphaned = "orphaned",
    Long = "long",
    Holding = "holding",
    Slow = "slow",
}

async fn add<Q: Queued>(app: &TestApp, work: Q) {
    let now = app.platform.clock.now();
    enqueue(app.platform.db.on(), &work, INSTALLATION, now).await.expect("the job is written");
}

async fn run(app: &TestApp, jobs: &'static [Job]) {
    run_due(&app.platform, jobs).await.expect("jobs can be read");
}

/// Returns how many rows of this job are in a state.
async fn count(app: &TestApp, name: &str, state: &str) -> u64 {
    // A no-op update returns the number of rows on either engine.
    app.sql(&format!("UPDATE jobs SET attempts = attempts WHERE name = '{name}' AND {state}"), "").await
}

/// Declares a job with a separate counter for each engine, because both run in one process.
macro_rules! counted_job {
    ($name:literal, $every:expr, $outcome:expr) => {{
        static RUNS: AtomicU32 = AtomicU32::new(0);
        static JOBS: &[Job] = &[Job {
            name: $name,
            every: $every,
            retry: Retry::USUAL,
            workers: Workers::Usual,
            run_max: MINUTE,
            run: |_, task| {
                RUNS.fetch_add(1, Ordering::SeqCst);
                ready($outcome(task)).boxed()
            },
        }];
        (JOBS, &RUNS)
    }};
}

type Counted = (&'static [Job], &'static AtomicU32);

fn by_engine(app: &TestApp, sqlite: Counted, postgres: Counted) -> Counted {
    if app.engines == Engines::SqliteLocal { sqlite } else { postgres }
}

macro_rules! counted {
    ($app:expr, $name:literal, $every:expr, $outcome:expr) => {
        by_engine($app, counted_job!($name, $every, $outcome), counted_job!($name, $every, $outcome))
    };
}

async fn a_job_runs_once(app: TestApp) {
    let (jobs, runs) = counted!(&app, "once", None, |_| Ok(1));
    add(&app, Once(SUBJECT)).await;
    add(&app, Once(SUBJECT)).await;
    run(&app, jobs).await;
    run(&app, jobs).await;
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    assert_eq!(count(&app, "once", "1 = 1").await, 0);
}

async fn two_servers_share_the_work(app: TestApp) {
    let (jobs, runs) = counted!(&app, "shared", None, |_| Ok(1));
    for subject in 0..40 {
        add(&app, Shared(Uuid::from_u128(subject))).await;
    }
    let other = app.second_server().await;
    tokio::join!(run(&app, jobs), run(&other, jobs), run(&app, jobs), run(&other, jobs));
    assert_eq!(runs.load(Ordering::SeqCst), 40);
}

async fn a_failing_job_pauses_longer_each_time_and_is_given_up(app: TestApp) {
    let (jobs, runs) = counted!(&app, "failing", None, |task: attache::platform::jobs::Task| {
        assert_eq!(task.subject, SUBJECT);
        Err(AppError::not_found("thing"))
    });
    add(&app, Failing(SUBJECT)).await;
    for (tries, pause) in [(1, 9), (1, 1), (2, 39), (2, 1), (3, 159), (3, 1), (4, 639), (4, 1), (5, 100_000)] {
        run(&app, jobs).await;
        assert_eq!(runs.load(Ordering::SeqCst), tries, "before a pause of {pause} s");
        app.advance(Duration::from_secs(pause));
    }
    run(&app, jobs).await;
    assert_eq!(runs.load(Ordering::SeqCst), 5);
    assert_eq!(count(&app, "failing", "due_at IS NULL AND last_error IS NOT NULL").await, 1);
    add(&app, Failing(SUBJECT)).await;
    run(&app, jobs).await;
    assert_eq!(runs.load(Ordering::SeqCst), 6, "asked for again, it is tried again");
}

async fn a_panic_fails_the_job_alone(app: TestApp) {
    let (jobs, runs) = counted!(&app, "panicking", None, |_| panic!("on purpose"));
    add(&app, Panicking(SUBJECT)).await;
    run(&app, jobs).await;
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    assert_eq!(count(&app, "panicking", "last_error = 'it panicked'").await, 1);
}

async fn a_worker_that_died_loses_its_lease(app: TestApp) {
    let (jobs, runs) = counted!(&app, "orphaned", None, |_| Ok(1));
    add(&app, Orphaned(SUBJECT)).await;
    let until = app.platform.clock.now().plus(MINUTE).0;
    app.sql(&format!("UPDATE jobs SET leased_until = {until}, attempts = 1 WHERE name = 'orphaned'"), "").await;
    run(&app, jobs).await;
    assert_eq!(runs.load(Ordering::SeqCst), 0, "another worker seems to be at it");
    app.advance(2 * MINUTE);
    run(&app, jobs).await;
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

/// For each engine, because both run in one process: what the job below waits for.
static GATES: [Semaphore; 2] = [const { Semaphore::const_new(0) }; 2];

fn gate(db: &Db) -> &'static Semaphore {
    &GATES[usize::from(matches!(db, Db::Postgres(_)))]
}

static LONG: &[Job] = &[Job {
    name: "long",
    every: None,
    retry: Retry::USUAL,
    workers: Workers::Usual,
    run_max: MINUTE,
    run: |platform, _| async move { Ok(gate(&platform.db).acquire().await.map_or(0, |_| 1)) }.boxed(),
}];

/// Returns when the lease of the job expires; read only, so that polling blocks no writer.
async fn leased_until(db: &Db) -> Option<i64> {
    let statement = "SELECT max(leased_until) FROM jobs WHERE name = 'long'";
    let until = match db {
        Db::Sqlite(pools) => sqlx::query_scalar(statement).fetch_one(&pools.writer).await,
        Db::Postgres(pools) => sqlx::query_scalar(statement).fetch_one(&pools.requests).await,
    };
    until.expect("the database can be asked")
}

async fn a_lease_is_short_and_lasts_as_long_as_its_job(app: TestApp) {
    let platform = app.platform.clone();
    let started = platform.clock.now();
    add(&app, Long(SUBJECT)).await;
    let running = tokio::spawn(async move { run_due(&platform, LONG).await });
    let db = &app.platform.db;
    until("the job is taken", async || leased_until(db).await.is_some()).await;
    assert!(leased_until(db).await < Some(started.plus(MINUTE).0), "a server that dies is replaced within a minute");
    app.advance(MINUTE);
    until("the lease is renewed", async || leased_until(db).await > Some(started.plus(MINUTE).0)).await;
    gate(db).add_permits(1);
    running.await.expect("it does not panic").expect("jobs can be read");
    assert_eq!(count(&app, "long", "1 = 1").await, 0, "the lease that was renewed wrote its end");
}

/// Time that the job below holds a transaction: longer than the interval of renewals.
const HELD: Duration = Duration::from_secs(6);

static HOLDING: &[Job] = &[Job {
    name: "holding",
    every: None,
    retry: Retry::USUAL,
    workers: Workers::Usual,
    run_max: MINUTE,
    run: |platform, _| {
        async move {
            let tx = platform.db.begin().await?;
            tokio::time::sleep(HELD).await;
            tx.commit().await?;
            Ok(1)
        }
        .boxed()
    },
}];

async fn a_job_may_hold_a_transaction_when_its_lease_is_renewed(app: TestApp) {
    add(&app, Holding(SUBJECT)).await;
    let started = Instant::now();
    run(&app, HOLDING).await;
    // A renewal that stopped the job would wait for its connection until that fails.
    assert!(started.elapsed() < HELD + Duration::from_secs(3), "{:?}", started.elapsed());
    assert_eq!(count(&app, "holding", "1 = 1").await, 0);
}

/// For each engine: what the jobs below wait for.
static SLOW_GATES: [Semaphore; 2] = [const { Semaphore::const_new(0) }; 2];

static SLOW: &[Job] = &[Job {
    name: "slow",
    every: None,
    retry: Retry::USUAL,
    workers: Workers::Usual,
    run_max: MINUTE,
    run: |platform, task| {
        async move {
            if task.attempt.lane != QUICK_LANE {
                let gate = &SLOW_GATES[usize::from(matches!(platform.db, Db::Postgres(_)))];
                gate.acquire().await.expect("the gate is open").forget();
            }
            Ok(1)
        }
        .boxed()
    },
}];
const SLOW_LANE: Uuid = Uuid::from_u128(1);
const QUICK_LANE: Uuid = Uuid::from_u128(2);

async fn much_work_of_one_lane_does_not_delay_another(app: TestApp) {
    let now = app.platform.clock.now();
    for subject in 0..50 {
        let work = Slow(Uuid::from_u128(subject));
        enqueue(app.platform.db.on(), &work, SLOW_LANE, now).await.expect("the job is written");
    }
    let other = app.second_server().await;
    // Two workers on each of two servers.
    let workers: Vec<_> = [&app, &app, &other, &other]
        .map(|server| server.platform.clone())
        .map(|platform| tokio::spawn(async move { run_due(&platform, SLOW).await }))
        .into();
    until("the slow lane has all that it may have", async || {
        count(&app, "slow", "leased_until IS NOT NULL").await == 2
    })
    .await;
    enqueue(app.platform.db.on(), &Slow(Uuid::from_u128(99)), QUICK_LANE, now).await.expect("it is written");
    run(&app, SLOW).await;
    assert_eq!(count(&app, "slow", "1 = 1").await, 50, "the other lane's job is done, and none of the slow ones");
    assert_eq!(count(&app, "slow", "leased_until IS NOT NULL").await, 2);
    SLOW_GATES[usize::from(!app.is_local_disk())].add_permits(50);
    for worker in workers {
        worker.await.expect("it does not panic").expect("jobs can be read");
    }
    run(&app, SLOW).await;
    assert_eq!(count(&app, "slow", "1 = 1").await, 0);
}

async fn a_recurring_job_comes_again(app: TestApp) {
    let (jobs, runs) = counted!(&app, "recurring", Some(MINUTE), |_| Ok(3));
    for (turns, pause) in [(1, 59), (1, 1), (2, 0)] {
        run(&app, jobs).await;
        assert_eq!(runs.load(Ordering::SeqCst), turns);
        app.advance(Duration::from_secs(pause));
    }
    assert_eq!(count(&app, "recurring", "done_at IS NOT NULL AND done_count = 3").await, 1);
}

async fn every_job_of_the_product_runs_on_an_empty_database(app: TestApp) {
    run(&app, JOBS).await;
    run(&app, JOBS).await;
    for job in JOBS.iter().filter(|job| job.every.is_some()) {
        assert_eq!(count(&app, job.name, "done_at IS NOT NULL AND last_error IS NULL").await, 1, "{}", job.name);
    }
}

#[test]
fn every_job_is_documented() {
    let text = include_str!("../../docs/operating.md");
    for job in JOBS {
        assert!(text.contains(&format!("\n| `{}` |", job.name)), "docs/operating.md lacks {}", job.name);
    }
}
