//! Why the server can't start on a database, and what to do. `serve` and `doctor` print the same text.

use sqlx::migrate::MigrateError;

use super::DatabaseUrl;

/// Returns the error for a database that the server can't start on, and what to do. Contains no password.
pub(super) fn refused(url: &DatabaseUrl, error: &sqlx::Error) -> anyhow::Error {
    match url {
        DatabaseUrl::Sqlite(_) => not_openable(url, error),
        DatabaseUrl::Postgres(_) => match postgres_remedy(error) {
            Some(remedy) => anyhow::anyhow!("PostgreSQL rejects DATABASE_URL ({error}). {remedy}"),
            None => not_openable(url, error),
        },
    }
}

/// Returns the error for a database that does not respond or can't be opened.
pub(super) fn not_openable(url: &DatabaseUrl, error: &dyn std::fmt::Display) -> anyhow::Error {
    match url {
        DatabaseUrl::Sqlite(path) => anyhow::anyhow!(
            "Cannot open {} ({error}). Set DATA_DIR, or the path in DATABASE_URL, to a place that this user can write \
             to.",
            path.display()
        ),
        DatabaseUrl::Postgres(_) => anyhow::anyhow!(
            "Cannot connect to the database in DATABASE_URL ({error}). Start it, or correct host and port in \
             DATABASE_URL, such as postgres://user:password@host:5432/database."
        ),
    }
}

/// Returns what to do about a SQLSTATE (appendix A of PostgreSQL's manual) or a failure of TLS.
fn postgres_remedy(error: &sqlx::Error) -> Option<&'static str> {
    if let sqlx::Error::Tls(_) | sqlx::Error::Io(_) = error {
        return tls_remedy(&error.to_string());
    }
    Some(match error.as_database_error()?.code()?.as_ref() {
        "28P01" => "Correct the user or the password in DATABASE_URL.",
        "28000" => "Allow this user to connect from this machine in pg_hba.conf, or correct the user in DATABASE_URL.",
        "3D000" => {
            "Create the database: createdb --encoding=UTF8 --template=template0 --owner=USER DATABASE. Or correct its \
             name in DATABASE_URL."
        }
        "42501" => WRITE_REMEDY,
        "53300" => "Raise max_connections of PostgreSQL, or lower DATABASE_MAX_CONNECTIONS.",
        "25006" => "This server is read-only, such as a replica. Connect to the primary.",
        _ => return None,
    })
}

/// What to do about a user who can't create tables (SQLSTATE 42501).
pub const WRITE_REMEDY: &str = "Allow this user to create tables; in PostgreSQL: GRANT CREATE, USAGE ON SCHEMA public TO \
                                the user, or ALTER DATABASE … OWNER TO the user.";

fn tls_remedy(error: &str) -> Option<&'static str> {
    error.contains("UnknownIssuer").then_some(
        "Its certificate is signed by a private CA: add sslmode=verify-full&sslrootcert=FILE to DATABASE_URL, with the \
         CA's certificate as PEM.",
    )
}

/// Returns the error for a migration that failed, and what to do.
pub(super) fn not_migrated(error: MigrateError) -> anyhow::Error {
    let remedy = match &error {
        MigrateError::VersionMissing(number) | MigrateError::VersionTooNew(number, _) => return newer_version(*number),
        MigrateError::VersionMismatch(number) => {
            return anyhow::anyhow!(
                "Another build of Attaché migrated this database (migration {number} differs). Start that build."
            );
        }
        MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _) => postgres_remedy(cause),
        _ => None,
    };
    match remedy {
        Some(remedy) => anyhow::anyhow!("Cannot migrate the database ({error}). {remedy}"),
        None => anyhow::anyhow!("Cannot migrate the database ({error})."),
    }
}

/// Returns the error for a database with a migration that this version does not know.
pub fn newer_version(migration: i64) -> anyhow::Error {
    anyhow::anyhow!(
        "A newer version of Attaché migrated this database (migration {migration} is unknown here). Start that version, \
         or restore a back-up of this one."
    )
}

/// Returns the error for a database that can't store every text.
pub(super) fn not_utf8(encoding: &str) -> anyhow::Error {
    anyhow::anyhow!(
        "The database in DATABASE_URL has the encoding {encoding}, which can't store every text. Create one with UTF8: \
         createdb --encoding=UTF8 --template=template0 --owner=USER DATABASE. To keep the data, dump this database and \
         restore it there."
    )
}
