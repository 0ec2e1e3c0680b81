//! The database: SQLite by default, PostgreSQL if `DATABASE_URL` is set. One SQL text serves both.

pub mod fault;
mod lane;
mod lease;
mod lock;
mod macros;
mod name_keys;
pub mod read_only;
mod readers;
mod remedy;
mod retry;
pub mod rows;
mod server_lock;
mod stopwatch;
mod suspicion;
pub mod text_index;

use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, Postgres};
use sqlx::sqlite::{Sqlite, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, PgPool, QueryBuilder, SqlitePool, Transaction};

pub use lane::{JOB_STATEMENT_LIMIT, Lane, STATEMENT_LIMIT};
pub use lease::{Access, Connection, Lease, silence_limit, silent};
pub use lock::Lockable;
pub use remedy::{WRITE_REMEDY, newer_version};
pub use retry::retry_collisions;
pub use server_lock::ServerLock;
pub use stopwatch::{DURATION as STATEMENT_DURATION, SLOW, Stopwatch, timed};

use super::config::DatabaseUrl;
use super::private_folder::create_private_folder;
use readers::Readers;
use remedy::{not_migrated, not_openable, refused};
use suspicion::Suspicion;

/// A connected database. Cheap to clone.
#[derive(Debug, Clone)]
pub enum Db {
    Sqlite(SqlitePools),
    Postgres(PostgresPools),
}

/// Many connections that read and one that writes. SQLite has one writer at a time anyway; here writers queue in order.
#[derive(Debug, Clone)]
pub struct SqlitePools {
    readers: Readers,
    pub writer: SqlitePool,
}

/// Separate connections for each [`Lane`]: the server itself ends a statement after the lane's limit.
#[derive(Debug, Clone)]
pub struct PostgresPools {
    pub requests: PgPool,
    searches: PgPool,
    jobs: PgPool,
    sizes: PoolSizes,
    suspicion: Suspicion,
}

/// How many connections each [`Lane`] has. One more listens for events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PoolSizes {
    requests: u32,
    searches: u32,
    jobs: u32,
}

impl PoolSizes {
    /// Divides `connections`, of which there are at least [`POSTGRES_CONNECTIONS_MIN`].
    fn of(connections: u32) -> Self {
        let pooled = connections.saturating_sub(1);
        let searches = (pooled * 2 / 13).max(1);
        let jobs = (pooled * 3 / 13).max(2);
        Self { requests: pooled.saturating_sub(searches + jobs).max(2), searches, jobs }
    }
}

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// Connection timeout at start.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a statement waits for a connection, and on SQLite a transaction for other writers.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// Number of SQLite connections that read.
const READERS: usize = 8;
const READERS_MAX: u32 = 8;
/// Maximum concurrent searches over all members: half of the readers, so that other reads find one.
pub const SEARCHES: usize = READERS / 2;
/// Connections of a server to PostgreSQL by default, with the one that listens for events.
pub const POSTGRES_CONNECTIONS: u32 = 27;
/// With fewer, requests, searches and jobs would wait for each other.
pub const POSTGRES_CONNECTIONS_MIN: u32 = 7;
/// Statement timeout of searches. Longer than a search's deadline, which counts from its start and not from that of a
/// statement.
const SEARCH_STATEMENT_LIMIT: Duration = Duration::from_secs(5);

/// A pool of connections at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolState {
    pub name: &'static str,
    pub max: u32,
    /// Connections that are open, in use or not.
    pub open: u32,
    /// Open connections that nothing uses.
    pub idle: usize,
}

/// A transaction on either engine. Rolls back if dropped without [`Tx::commit`].
pub enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres { tx: Transaction<'static, Postgres>, suspicion: Suspicion },
}

impl Db {
    /// Connects and runs the migrations.
    pub async fn open(url: &DatabaseUrl) -> anyhow::Result<Self> {
        Self::open_with(url, POSTGRES_CONNECTIONS).await
    }

    /// Connects with at most so many connections to PostgreSQL, and runs the migrations.
    pub async fn open_with(url: &DatabaseUrl, connections: u32) -> anyhow::Result<Self> {
        let db = Self::connect_with(url, connections).await?;
        if let Self::Sqlite(_) = &db {
            // The folder may be readable but not writable.
            db.write_and_undo().await.map_err(|error| refused(url, &error))?;
        }
        db.migrate_to(Self::newest_migration()).await?;
        name_keys::fill(&db).await?;
        Ok(db)
    }

    /// Returns the number of the newest migration that this version knows. Both engines have the same.
    pub fn newest_migration() -> i64 {
        SQLITE_MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default()
    }

    /// Runs the migrations up to a number.
    pub async fn migrate_to(&self, number: i64) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(pools) => SQLITE_MIGRATIONS.run_to(number, &pools.writer).await,
            // A migration may take long; the connections of jobs allow that.
            Self::Postgres(pools) => POSTGRES_MIGRATIONS.run_to(number, &pools.jobs).await,
        }
        .map_err(not_migrated)
    }

    /// Returns the number of the newest migration that ran on this database: 0 on one without tables.
    pub async fn migration(&self) -> sqlx::Result<i64> {
        let is_new = match self {
            Self::Sqlite(pools) => {
                let find = "SELECT count(*) = 0 FROM sqlite_master WHERE name = '_sqlx_migrations'";
                sqlx::query_scalar(find).fetch_one(&pools.writer).await?
            }
            Self::Postgres(pools) => {
                sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NULL").fetch_one(&pools.jobs).await?
            }
        };
        if is_new {
            return Ok(0);
        }
        let newest = fetch_value!(self, Option<i64>, "SELECT max(version) FROM _sqlx_migrations")?;
        Ok(newest.unwrap_or_default())
    }

    /// Connects without changing anything.
    pub async fn connect(url: &DatabaseUrl) -> anyhow::Result<Self> {
        Self::connect_with(url, POSTGRES_CONNECTIONS).await
    }

    async fn connect_with(url: &DatabaseUrl, connections: u32) -> anyhow::Result<Self> {
        match url {
            DatabaseUrl::Sqlite(path) => {
                if let Some(folder) = path.parent() {
                    create_private_folder(folder).await.map_err(|error| not_openable(url, &error))?;
                }
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(true)
                    .foreign_keys(true)
                    // An acknowledged commit must be on disk: with NORMAL, the last commits could be lost in a power
                    // failure.
                    .synchronous(SqliteSynchronous::Full)
                    .busy_timeout(ACQUIRE_TIMEOUT)
                    // Slow ones are logged by the stopwatch, with their place.
                    .disable_statement_logging();
                let readers = Readers::new(READERS, &options, ACQUIRE_TIMEOUT);
                let writer = SqlitePoolOptions::new()
                    .max_connections(1)
                    .acquire_timeout(ACQUIRE_TIMEOUT)
                    .idle_timeout(None)
                    .max_lifetime(None)
                    .test_before_acquire(false)
                    // When the disk is full, SQLite ends a transaction itself, and the rollback fails: the connection
                    // could never begin another transaction.
                    .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
                    .connect_with(options.journal_mode(SqliteJournalMode::Wal))
                    .await;
                Ok(Self::Sqlite(SqlitePools { readers, writer: writer.map_err(|error| refused(url, &error))? }))
            }
            DatabaseUrl::Postgres(server) => {
                // The pool would retry until its timeout and not report the cause.
                let tried = tokio::time::timeout(CONNECT_TIMEOUT, PgConnection::connect(server)).await;
                let connection = tried.map_err(|_| not_openable(url, &"no answer"))?;
                check_encoding(connection.map_err(|error| refused(url, &error))?).await?;
                let options: PgConnectOptions = server.parse().map_err(|error| refused(url, &error))?;
                let options = options.disable_statement_logging();
                let (suspicion, sizes) = (Suspicion::default(), PoolSizes::of(connections));
                let pool = |connections, limit| postgres_pool(&options, connections, limit, suspicion.clone());
                Ok(Self::Postgres(PostgresPools {
                    requests: pool(sizes.requests, STATEMENT_LIMIT),
                    searches: pool(sizes.searches, SEARCH_STATEMENT_LIMIT),
                    jobs: pool(sizes.jobs, JOB_STATEMENT_LIMIT),
                    sizes,
                    suspicion,
                }))
            }
        }
    }

    /// Begins a transaction that writes. On SQLite it acquires the write lock at once, so that it can't fail half-way.
    pub async fn begin(&self) -> Result<Tx, sqlx::Error> {
        // All of it is waiting: for a connection, on SQLite for the others that write.
        let _stopwatch = Stopwatch::start("db::begin", "BEGIN");
        match self {
            Self::Sqlite(pools) => pools.writer.begin_with("BEGIN IMMEDIATE").await.map(Tx::Sqlite),
            Self::Postgres(pools) => {
                let tx = pools.pool(Lane::current()).begin().await?;
                Ok(Tx::Postgres { tx, suspicion: pools.suspicion.clone() })
            }
        }
    }

    /// Checks that the database can be written. Beginning a transaction is not enough, because SQLite begins a
    /// read-only one if it must.
    pub async fn write_and_undo(&self) -> sqlx::Result<()> {
        let mut tx = self.begin().await?;
        crate::platform::db::execute!(tx, "CREATE TABLE attache_probe (id INTEGER)")?;
        Ok(())
    }

    /// Returns the state of each pool of connections.
    pub fn pools(&self) -> Vec<PoolState> {
        let state = |name, pool: (u32, usize), max| PoolState { name, max, open: pool.0, idle: pool.1 };
        match self {
            Self::Sqlite(pools) => {
                let (open, idle) = pools.readers.state();
                let writer = (pools.writer.size(), pools.writer.num_idle());
                vec![state("readers", (open, idle), READERS_MAX), state("writer", writer, 1)]
            }
            Self::Postgres(pools) => {
                let of = |name, pool: &PgPool, max| state(name, (pool.size(), pool.num_idle()), max);
                vec![
                    of("requests", &pools.requests, pools.sizes.requests),
                    of("searches", &pools.searches, pools.sizes.searches),
                    of("jobs", &pools.jobs, pools.sizes.jobs),
                ]
            }
        }
    }

    pub async fn close(&self) {
        match self {
            Self::Sqlite(pools) => {
                pools.readers.close().await;
                // The last connection to close writes the log back into the database.
                pools.writer.close().await;
            }
            Self::Postgres(pools) => {
                for pool in [&pools.requests, &pools.searches, &pools.jobs] {
                    pool.close().await;
                }
            }
        }
    }
}

impl Tx {
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        let mut stopwatch = Stopwatch::start("db::commit", "COMMIT");
        stopwatch.leased();
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres { tx, suspicion } => {
                let committed = tx.commit().await;
                suspicion.note(committed.as_ref().err());
                committed
            }
        }
    }
}

/// What a statement runs on: a connection of the pool, or the current transaction. This is not a trait, because the
/// compiler does not accept that a future which is generic over such a trait is `Send` (rust-lang/rust#100013).
pub enum On<'a> {
    Pool(&'a Db),
    Tx(&'a mut Tx),
}

impl PostgresPools {
    fn pool(&self, lane: Lane) -> &PgPool {
        match lane {
            Lane::Request => &self.requests,
            Lane::Search(_) => &self.searches,
            Lane::Job => &self.jobs,
        }
    }
}

impl Db {
    /// Returns a target for one statement outside of a transaction.
    pub fn on(&self) -> On<'_> {
        On::Pool(self)
    }

    pub async fn lease(&self, access: Access) -> Result<Lease<'_>, sqlx::Error> {
        let lane = Lane::current();
        match (self, access) {
            (Self::Sqlite(pools), Access::Read) => pools.readers.lease(lane.limit()).await.map(Lease::Reader),
            (Self::Sqlite(pools), Access::Write) => pools.writer.acquire().await.map(Lease::Writer),
            (Self::Postgres(pools), _) => {
                let connection = pools.pool(lane).acquire().await?;
                Ok(Lease::PostgresPooled { connection, lane, is_done: false, suspicion: pools.suspicion.clone() })
            }
        }
    }
}

impl Tx {
    /// Returns a target for a statement of this transaction.
    pub fn on(&mut self) -> On<'_> {
        On::Tx(self)
    }

    #[expect(clippy::unused_async, reason = "awaited by the macros like that of the pool")]
    pub async fn lease(&mut self, _: Access) -> Result<Lease<'_>, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(tx) => Lease::Sqlite(tx),
            Self::Postgres { tx, suspicion } => Lease::Postgres { connection: tx, suspicion },
        })
    }
}

impl<'a> On<'a> {
    /// Returns a target for another statement on the same connection.
    pub fn again(&mut self) -> On<'_> {
        match self {
            Self::Pool(db) => On::Pool(db),
            Self::Tx(tx) => On::Tx(tx),
        }
    }

    pub async fn lease(self, access: Access) -> Result<Lease<'a>, sqlx::Error> {
        match self {
            Self::Pool(db) => db.lease(access).await,
            Self::Tx(tx) => tx.lease(access).await,
        }
    }
}

/// Rejects a database that can't store every text: each such write would fail later.
async fn check_encoding(mut connection: PgConnection) -> anyhow::Result<()> {
    let encoding: String = sqlx::query_scalar("SHOW server_encoding").fetch_one(&mut connection).await?;
    connection.close().await?;
    if encoding == "UTF8" { Ok(()) } else { Err(remedy::not_utf8(&encoding)) }
}

/// Creates a pool whose connections end a statement after `limit`.
fn postgres_pool(server: &PgConnectOptions, connections: u32, limit: Duration, suspicion: Suspicion) -> PgPool {
    let limit = limit.as_millis().to_string();
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // Done below, without asking suspect connections: they may not respond.
        .test_before_acquire(false)
        .before_acquire(move |connection, about| {
            let is_suspect = suspicion.covers(about.age);
            Box::pin(async move {
                if is_suspect {
                    return Ok(false);
                }
                connection.ping().await.map(|()| true)
            })
        })
        .after_connect(move |connection, _| {
            let limit = limit.clone();
            Box::pin(async move {
                // PostgreSQL before 14, and some platforms, can't detect that a client has disconnected. Before 12 it
                // can't be told to plan a statement once: it would plan some with many tables each time they run.
                let set = "SELECT set_config('statement_timeout', $1, false),
                             (SELECT set_config(name, '1s', false) FROM pg_settings
                              WHERE name = 'client_connection_check_interval'),
                             (SELECT set_config(name, 'force_generic_plan', false) FROM pg_settings
                              WHERE name = 'plan_cache_mode')";
                sqlx::query(set).bind(limit).execute(connection).await?;
                Ok(())
            })
        })
        .connect_lazy_with(server.clone())
}

pub(crate) use macros::{execute, fetch_all, fetch_all_of, fetch_optional, fetch_value, insert_pairs, run};

/// Builds a query with a list of values, one placeholder each: the two engines have no common list parameter.
pub fn in_list<D, T>(before: &str, values: impl IntoIterator<Item = T>, after: &str) -> QueryBuilder<D>
where
    D: sqlx::Database,
    T: for<'q> sqlx::Encode<'q, D> + sqlx::Type<D> + 'static,
{
    let mut query = QueryBuilder::new(before);
    query.push(" IN (");
    let mut list = query.separated(", ");
    for value in values {
        list.push_bind(value);
    }
    query.push(") ").push(after);
    query
}

/// Builds an INSERT of a row for each of `rights` that ignores existing rows.
pub fn pairs<D, L, R>(before: &str, left: L, rights: &[R]) -> QueryBuilder<D>
where
    D: sqlx::Database,
    L: for<'q> sqlx::Encode<'q, D> + sqlx::Type<D> + Copy + 'static,
    R: for<'q> sqlx::Encode<'q, D> + sqlx::Type<D> + Copy + 'static,
{
    let mut query = QueryBuilder::new(before);
    query.push_values(rights, |mut row, right| {
        row.push_bind(left).push_bind(*right);
    });
    query.push(" ON CONFLICT DO NOTHING");
    query
}

/// Returns whether a statement failed because such a row already exists.
pub fn is_unique_violation(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}

/// Returns SQLite's query plan, a line for each step. Without statistics, as on a new installation.
#[cfg(test)]
pub async fn plan(sql: &str) -> Vec<String> {
    let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    sqlx::migrate!("migrations/sqlite").run(&pool).await.unwrap();
    let ask = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
    let steps = sqlx::query_as::<_, (i64, i64, i64, String)>(ask).fetch_all(&pool).await.unwrap();
    steps.into_iter().map(|(.., step)| step).collect()
}
