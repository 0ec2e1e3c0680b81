//! Classifies database errors by what the caller can do.

use std::borrow::Cow;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing more can be written until there is room.
    DiskFull,
    /// The database cannot be reached, is busy, or is starting or stopping.
    Away,
    /// The transaction was ended for the sake of another one. The same once more may succeed.
    Collision,
    /// The statement reached its limit.
    Interrupted,
    Other,
}

/// Reads SQLite's result codes (<https://sqlite.org/rescode.html>) and PostgreSQL's SQLSTATEs (appendix A of its manual).
pub fn of(error: &sqlx::Error) -> Fault {
    let code = match error {
        // A proxy in front of a stopped server may close the connection instead of refusing it.
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::WorkerCrashed => {
            return Fault::Away;
        }
        _ => error.as_database_error().and_then(sqlx::error::DatabaseError::code).unwrap_or(Cow::Borrowed("")),
    };
    match &*code {
        // SQLITE_FULL; SQLITE_IOERR_WRITE and SQLITE_IOERR_SHMSIZE, where what cannot grow is the log or its index.
        "13" | "778" | "4874" | "53100" => Fault::DiskFull,
        // SQLITE_INTERRUPT; query_canceled.
        "9" | "57014" => Fault::Interrupted,
        // serialization_failure, deadlock_detected.
        "40001" | "40P01" => Fault::Collision,
        // SQLITE_BUSY and SQLITE_LOCKED, with and without more detail; too_many_connections, and what a server says that stops
        // (57P01, 57P02) or starts (57P03), or that was demoted (read_only_sql_transaction) or is locked (lock_not_available).
        "5" | "261" | "517" | "773" | "6" | "262" | "53300" | "57P01" | "57P02" | "57P03" | "25006" | "55P03" => {
            Fault::Away
        }
        code if code.len() == 5 && code.starts_with("08") => Fault::Away,
        _ => Fault::Other,
    }
}
