//! Makes a database read-only for all its servers: triggers refuse every write while the row of `moves` says so. They
//! exist only from the first read-only moment of a move until it ends, so that other writes cost nothing.
//!
//! The times in `moves` are those of the database, because several servers and the command compare with them.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, SqliteConnection};

use super::rows::Snapshot;
use super::{Db, Tx, fault};
use crate::platform::config::DatabaseUrl;
use crate::platform::timestamp::Timestamp;

/// The error of a refused write on PostgreSQL. SQLite has no codes of its own for triggers.
pub const SQLSTATE: &str = "AT001";

const SQLITE_TIME: &str = "SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER)";
const POSTGRES_TIME: &str = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";
/// How long SQLite waits for the writer before.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// How long PostgreSQL waits for the writers before. New ones wait behind it.
const SET_LOCK_TIMEOUT: &str = "SET LOCAL lock_timeout = '3s'";
/// Attempts to lock the tables, and the pause between them.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_secs(1);
/// The lock on the row makes a change of it wait for transactions that were admitted before.
const POSTGRES_FUNCTION: &str = "CREATE OR REPLACE FUNCTION refuse_write() RETURNS trigger LANGUAGE plpgsql AS $$
     DECLARE
       known moves%ROWTYPE;
     BEGIN
       SELECT * INTO known FROM moves WHERE id = 1 FOR SHARE;
       IF known.state = 'moved' OR known.read_only_until > extract(epoch FROM clock_timestamp()) * 1000 THEN
         RAISE EXCEPTION 'the installation is being moved' USING ERRCODE = 'AT001';
       END IF;
       RETURN NULL;
     END $$";
const SQLITE_TRIGGERS: &str = "SELECT 'DROP TRIGGER \"' || name || '\"' FROM sqlite_master
     WHERE type = 'trigger' AND name LIKE 'refuse\\_%' ESCAPE '\\'";

impl Db {
    /// Returns the time of the database.
    pub async fn time(&self) -> sqlx::Result<Timestamp> {
        let time: i64 = match self {
            Self::Sqlite(pools) => sqlx::query_scalar(SQLITE_TIME).fetch_one(&pools.writer).await?,
            Self::Postgres(pools) => sqlx::query_scalar(POSTGRES_TIME).fetch_one(&pools.requests).await?,
        };
        Ok(Timestamp(time))
    }
}

impl Tx {
    /// Returns the time of the database, not that of the transaction's beginning.
    pub async fn time(&mut self) -> sqlx::Result<Timestamp> {
        let time: i64 = match self {
            Self::Sqlite(tx) => sqlx::query_scalar(SQLITE_TIME).fetch_one(&mut **tx).await?,
            Self::Postgres { tx, .. } => sqlx::query_scalar(POSTGRES_TIME).fetch_one(&mut **tx).await?,
        };
        Ok(Timestamp(time))
    }
}

/// Returns whether a write was refused because the installation is being moved.
pub fn is_refusal(error: &sqlx::Error) -> bool {
    fault::of(error) == fault::Fault::ReadOnly
}

/// Ignores the refusal of a write that is not worth an error, such as a time of last use.
pub fn unless_refused<T: Default>(written: sqlx::Result<T>) -> sqlx::Result<T> {
    written.or_else(|error| if is_refusal(&error) { Ok(T::default()) } else { Err(error) })
}

/// Creates the triggers. Returns when every transaction that wrote without them has ended.
pub async fn guard(url: &DatabaseUrl) -> anyhow::Result<()> {
    let mut snapshot = Snapshot::open(url).await?;
    let tables: Vec<_> = snapshot.tables().await?.into_iter().map(|table| table.name).collect();
    snapshot.close().await?;
    let statements = match url {
        DatabaseUrl::Sqlite(_) => tables.iter().flat_map(|table| sqlite_triggers(table)).collect(),
        DatabaseUrl::Postgres(_) => {
            let names: Vec<_> = tables.iter().map(|table| format!("\"{table}\"")).collect();
            let lock = format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", names.join(", "));
            let triggers = names.iter().map(|table| postgres_trigger(table));
            [lock, POSTGRES_FUNCTION.to_owned()].into_iter().chain(triggers).collect()
        }
    };
    change(url, statements, false).await
}

/// Removes the triggers, unless the database is read-only or a move is running.
pub async fn unguard(url: &DatabaseUrl) -> anyhow::Result<()> {
    let (mut statements, time) = match url {
        DatabaseUrl::Sqlite(path) => {
            let mut connection = connect_sqlite(path).await?;
            let triggers: Vec<String> = sqlx::query_scalar(SQLITE_TRIGGERS).fetch_all(&mut connection).await?;
            connection.close().await?;
            (triggers, SQLITE_TIME)
        }
        DatabaseUrl::Postgres(_) => (vec!["DROP FUNCTION IF EXISTS refuse_write() CASCADE".to_owned()], POSTGRES_TIME),
    };
    statements.push(format!("UPDATE moves SET read_only_until = NULL WHERE read_only_until <= ({time})"));
    change(url, statements, true).await
}

fn sqlite_triggers(table: &str) -> [String; 3] {
    ["INSERT", "UPDATE", "DELETE"].map(|event| {
        format!(
            "CREATE TRIGGER IF NOT EXISTS \"refuse_{event}_{table}\" BEFORE {event} ON \"{table}\"
             WHEN EXISTS (SELECT 1 FROM moves WHERE state = 'moved' OR read_only_until > ({SQLITE_TIME}))
             BEGIN SELECT RAISE(ABORT, 'the installation is being moved'); END"
        )
    })
}

/// `table` is quoted.
fn postgres_trigger(table: &str) -> String {
    format!(
        "DO $$ BEGIN
           IF NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgname = 'refuse_write' AND tgrelid = '{table}'::regclass) THEN
             CREATE TRIGGER refuse_write BEFORE INSERT OR UPDATE OR DELETE ON {table}
               FOR EACH STATEMENT EXECUTE PROCEDURE refuse_write();
           END IF;
         END $$"
    )
}

/// Returns whether the database is read-only, or a move is running.
fn used(time: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!(
        "SELECT EXISTS (SELECT 1 FROM moves WHERE state = 'moved' OR leased_until > ({time}) OR read_only_until > ({time}))"
    ))
}

async fn connect_sqlite(path: &Path) -> sqlx::Result<SqliteConnection> {
    let options = SqliteConnectOptions::new().filename(path).busy_timeout(BUSY_TIMEOUT);
    options.disable_statement_logging().connect().await
}

/// Runs statements in one transaction. `unless_used`: leaves everything as it was while the database is read-only or a
/// move is running.
async fn change(url: &DatabaseUrl, statements: Vec<String>, unless_used: bool) -> anyhow::Result<()> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let mut connection = connect_sqlite(path).await?;
            connection.execute("BEGIN IMMEDIATE").await?;
            let is_used = unless_used && sqlx::query_scalar(used(SQLITE_TIME)).fetch_one(&mut connection).await?;
            if !is_used {
                for statement in statements {
                    connection.execute(AssertSqlSafe(statement)).await?;
                }
            }
            connection.execute("COMMIT").await?;
            connection.close().await?;
        }
        DatabaseUrl::Postgres(server) => {
            for attempt in 1.. {
                match change_postgres(server, &statements, unless_used).await {
                    Ok(()) => break,
                    Err(error) if attempt < ATTEMPTS && is_busy(&error) => tokio::time::sleep(PAUSE).await,
                    Err(error) => return Err(error).context("Cannot lock the tables of the database"),
                }
            }
        }
    }
    Ok(())
}

async fn change_postgres(server: &str, statements: &[String], unless_used: bool) -> sqlx::Result<()> {
    let options: PgConnectOptions = server.parse()?;
    let mut connection = options.disable_statement_logging().connect().await?;
    let mut tx = connection.begin().await?;
    tx.execute(SET_LOCK_TIMEOUT).await?;
    for statement in statements {
        tx.execute(AssertSqlSafe(statement.clone())).await?;
    }
    // A move that begins after this waits for the tables, and makes the triggers again.
    if unless_used && sqlx::query_scalar(used(POSTGRES_TIME)).fetch_one(&mut *tx).await? {
        tx.rollback().await?;
    } else {
        tx.commit().await?;
    }
    connection.close().await
}

/// Returns whether other transactions held the locks for too long.
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| matches!(&*code, "55P03" | "40P01"))
}
