//! Concurrent requests: each has decided what to do before any of them writes.

use std::future::Future;
use std::time::Duration;

use attache::ids::{MemberId, OrganizationId, RoleId};
use attache::people::organizations::store;
use attache::platform::config::DatabaseUrl;
use attache::platform::db::{Db, Lockable};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::TestApp;

/// How long a request may take to reach a locked row.
const ARRIVAL_TIMEOUT: Duration = Duration::from_secs(10);

/// The same for a request that may be rejected before it reaches the row.
const REFUSAL_TIMEOUT: Duration = Duration::from_millis(500);

/// Locked rows in the database, so that requests wait before they write. On SQLite there is nothing to lock: writers
/// wait for each other from the start.
pub struct Barrier {
    lock: Option<PgConnection>,
    /// Asks who waits. In a transaction PostgreSQL would repeat its first result.
    observer: Option<PgConnection>,
    waiting: i64,
}

impl Barrier {
    /// Locks the rows that `select` returns. `{id}` is replaced by the id.
    pub async fn hold(app: &TestApp, select: &str, id: &str) -> Self {
        let DatabaseUrl::Postgres(url) = &app.platform.config.database else {
            return Self { lock: None, observer: None, waiting: 0 };
        };
        let mut lock = PgConnection::connect(url).await.expect("the database can be reached");
        let select = select.replace("{id}", &format!("'{id}'::uuid"));
        let held = lock.execute(AssertSqlSafe(format!("BEGIN; {select} FOR UPDATE"))).await;
        held.expect("the rows can be locked");
        let observer = PgConnection::connect(url).await.expect("the database can be reached");
        Self { lock: Some(lock), observer: Some(observer), waiting: 0 }
    }

    /// Starts a request and waits until it waits for a locked row, or was rejected before.
    pub async fn start<T: Send + 'static>(
        &mut self,
        request: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        let started = tokio::spawn(request);
        let Some(observer) = &mut self.observer else { return started };
        let deadline = Instant::now() + ARRIVAL_TIMEOUT;
        while !started.is_finished() {
            assert!(Instant::now() < deadline, "the request goes past the rows, or never comes to them");
            let count = "SELECT count(*) FROM pg_stat_activity
                         WHERE datname = current_database() AND wait_event_type = 'Lock'";
            let waiting: i64 = sqlx::query_scalar(count).fetch_one(&mut *observer).await.expect("a count");
            if waiting > self.waiting {
                self.waiting = waiting;
                break;
            }
            sleep(Duration::from_millis(5)).await;
        }
        started
    }

    /// Lets all requests continue.
    pub async fn release(self) {
        if let Some(mut lock) = self.lock {
            lock.execute("ROLLBACK").await.expect("the rows are released");
        }
    }
}

/// Starts two requests that meet at the rows that `select` returns, the first one first. Returns both results.
pub async fn meet<A: Send + 'static, B: Send + 'static>(
    app: &TestApp,
    (select, id): (&str, &str),
    first: impl Future<Output = A> + Send + 'static,
    second: impl Future<Output = B> + Send + 'static,
) -> (A, B) {
    let mut barrier = Barrier::hold(app, select, id).await;
    let (first, second) = (barrier.start(first).await, barrier.start(second).await);
    barrier.release().await;
    (first.await.expect("the first request ends"), second.await.expect("the second request ends"))
}

/// Does the same, with `other` first if `is_reversed`.
pub fn meet_in_order<A: Send + 'static, B: Send + 'static>(
    app: &TestApp,
    rows: (&str, &str),
    is_reversed: bool,
    one: impl Future<Output = A> + Send + 'static,
    other: impl Future<Output = B> + Send + 'static,
) -> impl Future<Output = (A, B)> {
    // On the heap: they would be here four times.
    let (one, other) = (Box::pin(one), Box::pin(other));
    async move {
        if !is_reversed {
            return meet(app, rows, one, other).await;
        }
        let (other, one) = meet(app, rows, other, one).await;
        (one, other)
    }
}

/// Waits until a request waits for a locked row. SQLite does not report that.
async fn arrival(app: &TestApp) {
    let Db::Postgres(pools) = &app.platform.db else { return sleep(REFUSAL_TIMEOUT / 2).await };
    let deadline = Instant::now() + REFUSAL_TIMEOUT;
    let waiting = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock')";
    while Instant::now() < deadline {
        if sqlx::query_scalar(waiting).fetch_one(&pools.requests).await.expect("an answer") {
            return;
        }
        sleep(Duration::from_millis(5)).await;
    }
}

/// Runs a request that waits for another transaction, which revokes the role of the member who sent it. By then the
/// request has loaded its member with the earlier permissions.
pub async fn overtaken_by_role<T: Send + 'static>(
    app: &TestApp,
    member: (Uuid, Uuid),
    role: Uuid,
    request: impl Future<Output = T> + Send + 'static,
) -> T {
    let (organization, member) = (OrganizationId(member.0), MemberId(member.1));
    let mut tx = app.platform.db.begin().await.expect("a transaction");
    tx.lock(Lockable::Organization, organization.0).await.expect("the organization is locked");
    let started = tokio::spawn(request);
    arrival(app).await;
    let given = store::update_member_role(tx.on(), organization, member, RoleId(role)).await;
    assert!(given.expect("the role is given"), "somebody else is an owner");
    tx.commit().await.expect("the role is given");
    started.await.expect("the request ends")
}
