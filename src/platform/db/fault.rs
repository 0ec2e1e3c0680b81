//! Classifies database errors by what the caller can do.

use std::borrow::Cow;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No space left to write.
    DiskFull,
    /// The database can't be reached, is busy, or is starting or stopping.
    Away,
    /// The transaction was rolled back because of another one. A retry may succeed.
    Collision,
    /// The statement reached its time limit.
    Interrupted,
    /// The installation is being moved: [`read_only`](super::read_only) refuses writes.
    ReadOnly,
    Other,
}

/// Classifies SQLite's result codes (<https://sqlite.org/rescode.html>) and PostgreSQL's SQLSTATEs (appendix A of its
/// manual).
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
    match code.parse::<u16>() {
        // A SQLSTATE has five characters, a result code of SQLite at most four.
        Ok(number) if code.len() < 5 => of_sqlite(number),
        _ => of_postgres(&code),
    }
}

fn of_sqlite(code: u16) -> Fault {
    match code {
        // SQLITE_IOERR_WRITE and SQLITE_IOERR_SHMSIZE: the log or its index can't grow.
        778 | 4874 => Fault::DiskFull,
        // SQLITE_CONSTRAINT_TRIGGER: no other trigger raises an error.
        1811 => Fault::ReadOnly,
        // The lower byte is the kind, the upper one the detail.
        _ => match code & 0xff {
            // SQLITE_FULL.
            13 => Fault::DiskFull,
            // SQLITE_INTERRUPT.
            9 => Fault::Interrupted,
            // SQLITE_BUSY, SQLITE_LOCKED; SQLITE_READONLY, SQLITE_IOERR and SQLITE_CANTOPEN, when the file system
            // rejects the access.
            5 | 6 | 8 | 10 | 14 => Fault::Away,
            _ => Fault::Other,
        },
    }
}

fn of_postgres(code: &str) -> Fault {
    match code {
        "53100" => Fault::DiskFull,
        super::read_only::SQLSTATE => Fault::ReadOnly,
        // query_canceled.
        "57014" => Fault::Interrupted,
        // serialization_failure, deadlock_detected.
        "40001" | "40P01" => Fault::Collision,
        // too_many_connections, and other limits (53200, 53400); codes of a server that stops (57P01, 57P02), starts
        // (57P03) or was demoted (read_only_sql_transaction); lock_not_available; a log-in, a database or a privilege
        // that was revoked.
        "53200" | "53300" | "53400" | "57P01" | "57P02" | "57P03" | "25006" | "55P03" | "28000" | "28P01" | "3D000"
        | "42501" => Fault::Away,
        code if code.starts_with("08") => Fault::Away,
        // system_error, io_error.
        code if code.starts_with("58") => Fault::Away,
        _ => Fault::Other,
    }
}

/// Returns whether the connection of an error, and all that were opened before it, must be replaced.
pub fn spoils_connection(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => true,
        _ => error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| {
            matches!(&*code, "25006" | "57P01" | "57P02" | "57P03" | "42501")
                || (code.len() == 5 && code.starts_with("08"))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_codes_are_classified_by_kind() {
        for (code, fault) in [
            (5, Fault::Away),
            (261, Fault::Away),
            (517, Fault::Away),
            (773, Fault::Away),
            (6, Fault::Away),
            (262, Fault::Away),
            (8, Fault::Away),
            (1032, Fault::Away),
            (1544, Fault::Away),
            (10, Fault::Away),
            (522, Fault::Away),
            (14, Fault::Away),
            (13, Fault::DiskFull),
            (778, Fault::DiskFull),
            (4874, Fault::DiskFull),
            (9, Fault::Interrupted),
            (1811, Fault::ReadOnly),
            (1, Fault::Other),
            (11, Fault::Other),
            (19, Fault::Other),
            (2067, Fault::Other),
        ] {
            assert_eq!(of_sqlite(code), fault, "{code}");
        }
    }

    #[test]
    fn postgres_codes_are_classified_individually() {
        for (code, fault) in [
            ("25006", Fault::Away),
            ("57P01", Fault::Away),
            ("57P03", Fault::Away),
            ("53300", Fault::Away),
            ("55P03", Fault::Away),
            ("28P01", Fault::Away),
            ("08006", Fault::Away),
            ("58030", Fault::Away),
            ("57014", Fault::Interrupted),
            ("40001", Fault::Collision),
            ("40P01", Fault::Collision),
            ("53100", Fault::DiskFull),
            ("AT001", Fault::ReadOnly),
            ("23505", Fault::Other),
            ("42P01", Fault::Other),
            ("", Fault::Other),
        ] {
            assert_eq!(of_postgres(code), fault, "{code}");
        }
    }
}
