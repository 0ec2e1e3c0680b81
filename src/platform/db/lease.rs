//! A connection for one statement, on either engine.

use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::Postgres;
use sqlx::sqlite::Sqlite;

use super::suspicion::Suspicion;
use super::{Lane, readers};

/// How long after a statement's limit to wait for PostgreSQL before its connection is given up.
const SILENCE_LIMIT: Duration = Duration::from_secs(10);

pub enum Lease<'a> {
    Reader(readers::Lease),
    Writer(PoolConnection<Sqlite>),
    PostgresPooled { connection: PoolConnection<Postgres>, lane: Lane, is_done: bool, suspicion: Suspicion },
    Sqlite(&'a mut sqlx::SqliteConnection),
    Postgres { connection: &'a mut sqlx::PgConnection, suspicion: &'a Suspicion },
}

/// A leased connection, by engine.
pub enum Connection<'a> {
    Sqlite(&'a mut sqlx::SqliteConnection),
    Postgres(&'a mut sqlx::PgConnection),
}

impl Lease<'_> {
    pub fn connection(&mut self) -> Connection<'_> {
        match self {
            Self::Reader(lease) => Connection::Sqlite(lease.connection()),
            Self::Writer(connection) => Connection::Sqlite(connection),
            Self::PostgresPooled { connection, .. } => Connection::Postgres(connection),
            Self::Sqlite(connection) => Connection::Sqlite(connection),
            Self::Postgres { connection, .. } => Connection::Postgres(connection),
        }
    }

    /// Records that the statement has ended, with its error, if any.
    pub fn done(&mut self, error: Option<&sqlx::Error>) {
        match self {
            Self::PostgresPooled { is_done, suspicion, .. } => {
                *is_done = !matches!(error, Some(sqlx::Error::Io(_)));
                suspicion.note(error);
            }
            Self::Postgres { suspicion, .. } => suspicion.note(error),
            _ => {}
        }
    }
}

impl Drop for Lease<'_> {
    /// Closes the connection of an abandoned search, so that PostgreSQL cancels the statement.
    fn drop(&mut self) {
        if let Self::PostgresPooled { connection, lane: Lane::Search(_), is_done: false, .. } = self {
            connection.close_on_drop();
        }
    }
}

/// Returns how long to wait for PostgreSQL's response to a statement: somewhat longer than the statement's own limit.
pub fn silence_limit() -> Duration {
    Lane::current().limit() + SILENCE_LIMIT
}

pub fn silent() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "the database says nothing"))
}

/// What a statement does, judged by its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
}

impl Access {
    /// Returns `Write` for every statement that does not begin with SELECT. SQLite rejects writes on a reader.
    pub fn of(sql: &str) -> Self {
        let first = sql.trim_start().get(..6).unwrap_or_default();
        if first.eq_ignore_ascii_case("select") { Self::Read } else { Self::Write }
    }
}
