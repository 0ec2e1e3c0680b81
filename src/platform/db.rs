//! The database: SQLite by default, PostgreSQL when `DATABASE_URL` says so. One SQL text serves both.

use std::time::Duration;

use sqlx::postgres::{PgPoolOptions, Postgres};
use sqlx::sqlite::{Sqlite, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, PgConnection, PgPool, QueryBuilder, SqlitePool, Transaction, pool::PoolConnection};

use super::config::DatabaseUrl;

#[derive(Debug, Clone)]
pub enum Db {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// How long somebody waits for a database that is busy, or away.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why the server cannot start on this database, and what to do.
fn refused(url: &DatabaseUrl, error: &dyn std::fmt::Display) -> anyhow::Error {
    match url {
        DatabaseUrl::Sqlite(path) => anyhow::anyhow!(
            "{} cannot be opened ({error}). Set DATA_DIR, or the path in DATABASE_URL, to where this user may write.",
            path.display()
        ),
        DatabaseUrl::Postgres(_) => anyhow::anyhow!(
            "The database that DATABASE_URL names cannot be reached ({error}). Start it, or correct DATABASE_URL; it \
             looks like postgres://user:password@host:5432/database."
        ),
    }
}

/// A transaction on either engine. Dropped without [`Tx::commit`] it undoes all.
pub enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Db {
    /// Connects and migrates.
    pub async fn open(url: &DatabaseUrl) -> anyhow::Result<Self> {
        let db = Self::connect(url).await?;
        if let Self::Sqlite(_) = &db {
            // Its folder may be read and not written.
            db.write_and_undo().await.map_err(|error| refused(url, &error))?;
        }
        match &db {
            Self::Sqlite(pool) => sqlx::migrate!("migrations/sqlite").run(pool).await?,
            Self::Postgres(pool) => sqlx::migrate!("migrations/postgres").run(pool).await?,
        }
        Ok(db)
    }

    /// Connects and changes nothing.
    pub async fn connect(url: &DatabaseUrl) -> anyhow::Result<Self> {
        match url {
            DatabaseUrl::Sqlite(path) => {
                if let Some(folder) = path.parent() {
                    tokio::fs::create_dir_all(folder).await.map_err(|error| refused(url, &error))?;
                }
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(true)
                    .foreign_keys(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Normal)
                    .busy_timeout(PATIENCE);
                let pool = SqlitePoolOptions::new().max_connections(8).connect_with(options).await;
                Ok(Self::Sqlite(pool.map_err(|error| refused(url, &error))?))
            }
            DatabaseUrl::Postgres(server) => {
                // The pool would try again and again, and in the end not say what was wrong.
                let tried = tokio::time::timeout(PATIENCE, PgConnection::connect(server)).await;
                tried.map_err(|_| refused(url, &"no answer"))?.map_err(|error| refused(url, &error))?.close().await?;
                let pool = PgPoolOptions::new().max_connections(16).acquire_timeout(PATIENCE).connect(server).await;
                Ok(Self::Postgres(pool.map_err(|error| refused(url, &error))?))
            }
        }
    }

    /// Starts a transaction that writes. On SQLite the write lock is taken at once, so that it cannot be refused half-way.
    pub async fn begin(&self) -> Result<Tx, sqlx::Error> {
        match self {
            Self::Sqlite(pool) => pool.begin_with("BEGIN IMMEDIATE").await.map(Tx::Sqlite),
            Self::Postgres(pool) => pool.begin().await.map(Tx::Postgres),
        }
    }

    /// Whether it can be written: a transaction alone does not tell, for SQLite begins a reading one where it cannot.
    pub async fn write_and_undo(&self) -> sqlx::Result<()> {
        let mut tx = self.begin().await?;
        crate::platform::db::execute!(tx, "CREATE TABLE attache_probe (id INTEGER)")?;
        Ok(())
    }

    pub async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }
}

/// What a statement runs on: a connection of the pool, or the transaction under way. A type and no trait: the compiler
/// cannot yet see that a future which is generic over such a trait can change threads (rust-lang/rust#100013).
pub enum On<'a> {
    Pool(&'a Db),
    Tx(&'a mut Tx),
}

pub enum Lease<'a> {
    SqlitePooled(PoolConnection<Sqlite>),
    PostgresPooled(PoolConnection<Postgres>),
    Sqlite(&'a mut sqlx::SqliteConnection),
    Postgres(&'a mut sqlx::PgConnection),
}

/// A lease, by engine.
pub enum Connection<'a> {
    Sqlite(&'a mut sqlx::SqliteConnection),
    Postgres(&'a mut sqlx::PgConnection),
}

impl Lease<'_> {
    pub fn connection(&mut self) -> Connection<'_> {
        match self {
            Self::SqlitePooled(connection) => Connection::Sqlite(connection),
            Self::PostgresPooled(connection) => Connection::Postgres(connection),
            Self::Sqlite(connection) => Connection::Sqlite(connection),
            Self::Postgres(connection) => Connection::Postgres(connection),
        }
    }
}

impl Db {
    /// For one statement by itself.
    pub fn on(&self) -> On<'_> {
        On::Pool(self)
    }

    pub async fn lease(&self) -> Result<Lease<'_>, sqlx::Error> {
        match self {
            Self::Sqlite(pool) => pool.acquire().await.map(Lease::SqlitePooled),
            Self::Postgres(pool) => pool.acquire().await.map(Lease::PostgresPooled),
        }
    }
}

impl Tx {
    /// For a statement of this transaction.
    pub fn on(&mut self) -> On<'_> {
        On::Tx(self)
    }

    #[expect(clippy::unused_async, reason = "awaited by the macros like that of the pool")]
    pub async fn lease(&mut self) -> Result<Lease<'_>, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(tx) => Lease::Sqlite(tx),
            Self::Postgres(tx) => Lease::Postgres(tx),
        })
    }
}

impl<'a> On<'a> {
    pub async fn lease(self) -> Result<Lease<'a>, sqlx::Error> {
        match self {
            Self::Pool(db) => db.lease().await,
            Self::Tx(tx) => tx.lease().await,
        }
    }
}

/// Runs one statement on either engine: `run!(on, query, fetch, bindings…)`. The features use the macros below it.
macro_rules! run {
    ($on:expr, $query:expr, $method:ident $(, $arg:expr)*) => {
        match ($on).lease().await {
            Ok(mut lease) => match lease.connection() {
                $crate::platform::db::Connection::Sqlite(connection) => $query$(.bind($arg))*.$method(connection).await,
                $crate::platform::db::Connection::Postgres(connection) => $query$(.bind($arg))*.$method(connection).await,
            },
            Err(error) => Err(error),
        }
    };
}

/// All rows of a query, as `$row`.
macro_rules! fetch_all {
    ($on:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::platform::db::run!($on, sqlx::query_as::<_, $row>($sql), fetch_all $(, $arg)*)
    };
}

/// All rows that belong to one of `$ids`, which are not empty: `$before` ends where the list begins, such as `… WHERE id`.
macro_rules! fetch_all_of {
    ($on:expr, $row:ty, $before:expr, $ids:expr, $after:expr $(,)?) => {
        match ($on).lease().await {
            Ok(mut lease) => match lease.connection() {
                $crate::platform::db::Connection::Sqlite(connection) => {
                    $crate::platform::db::in_list($before, $ids, $after)
                        .build_query_as::<$row>()
                        .fetch_all(connection)
                        .await
                }
                $crate::platform::db::Connection::Postgres(connection) => {
                    $crate::platform::db::in_list($before, $ids, $after)
                        .build_query_as::<$row>()
                        .fetch_all(connection)
                        .await
                }
            },
            Err(error) => Err(error),
        }
    };
}

/// The first row of a query, if there is one.
macro_rules! fetch_optional {
    ($on:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::platform::db::run!($on, sqlx::query_as::<_, $row>($sql), fetch_optional $(, $arg)*)
    };
}

/// The only value of a query that always answers one row of one column.
macro_rules! fetch_value {
    ($on:expr, $value:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::platform::db::run!($on, sqlx::query_scalar::<_, $value>($sql), fetch_one $(, $arg)*)
    };
}

/// Runs a statement; answers how many rows it touched.
macro_rules! execute {
    ($on:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        match ($on).lease().await {
            Ok(mut lease) => match lease.connection() {
                $crate::platform::db::Connection::Sqlite(connection) => {
                    sqlx::query($sql)$(.bind($arg))*.execute(connection).await.map(|done| done.rows_affected())
                }
                $crate::platform::db::Connection::Postgres(connection) => {
                    sqlx::query($sql)$(.bind($arg))*.execute(connection).await.map(|done| done.rows_affected())
                }
            },
            Err(error) => Err(error),
        }
    };
}

pub(crate) use {execute, fetch_all, fetch_all_of, fetch_optional, fetch_value, run};

/// A query with a list of values, one placeholder each: the two engines have no list parameter in common.
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

/// Whether a statement was refused because such a row is already there.
pub fn is_unique_violation(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}

/// How SQLite would go about a text, a line for each step. Without statistics, as on a new installation.
#[cfg(test)]
pub async fn plan(sql: &str) -> Vec<String> {
    let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    sqlx::migrate!("migrations/sqlite").run(&pool).await.unwrap();
    let ask = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
    let steps = sqlx::query_as::<_, (i64, i64, i64, String)>(ask).fetch_all(&pool).await.unwrap();
    steps.into_iter().map(|(.., step)| step).collect()
}
