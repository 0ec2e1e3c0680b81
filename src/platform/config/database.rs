//! The settings of the database.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Result, bail};
use clap::Args;

use super::values::set;
use crate::platform::db::{POSTGRES_CONNECTIONS, POSTGRES_CONNECTIONS_MIN};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    Sqlite(PathBuf),
    Postgres(String),
}

/// How the server connects to PostgreSQL. SQLite needs none of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseConnections {
    /// Maximum of this server, with the one that listens for events.
    pub max: u32,
    /// Where to listen, if a pooler between server and database does not support LISTEN.
    pub listen_url: Option<String>,
}

impl Default for DatabaseConnections {
    fn default() -> Self {
        Self { max: POSTGRES_CONNECTIONS, listen_url: None }
    }
}

#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_field_names, reason = "they are the names of the flags")]
pub struct DatabaseSettings {
    /// `sqlite:<path>` or `postgres://user:password@host/database`. Default: SQLite in the data folder.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Maximum connections of this server to PostgreSQL, at least 7. Default: 27.
    #[arg(long, env = "DATABASE_MAX_CONNECTIONS")]
    database_max_connections: Option<String>,
    /// URL of the same PostgreSQL database for LISTEN, without the pooler that `DATABASE_URL` names. Default:
    /// `DATABASE_URL`.
    #[arg(long, env = "DATABASE_LISTEN_URL", hide_env_values = true)]
    database_listen_url: Option<String>,
}

impl DatabaseSettings {
    pub(super) fn url(&self, data_dir: &Path) -> Result<DatabaseUrl> {
        match set(self.database_url.clone()) {
            None => Ok(DatabaseUrl::Sqlite(data_dir.join("attache.db"))),
            Some(url) => url.parse(),
        }
    }

    pub(super) fn connections(&self) -> Result<DatabaseConnections> {
        let max = match set(self.database_max_connections.clone()) {
            None => POSTGRES_CONNECTIONS,
            Some(text) => match text.parse::<u32>() {
                Ok(number) if (POSTGRES_CONNECTIONS_MIN..=1000).contains(&number) => number,
                _ => bail!(
                    "DATABASE_MAX_CONNECTIONS={text:?} is not valid. Set it to a number from \
                     {POSTGRES_CONNECTIONS_MIN} to 1000."
                ),
            },
        };
        let listen_url = match set(self.database_listen_url.clone()) {
            None => None,
            Some(url) => match DatabaseUrl::from_str(&url) {
                Ok(DatabaseUrl::Postgres(url)) => Some(url),
                _ => bail!(
                    "DATABASE_LISTEN_URL is not valid. Set it to postgres://user:password@host:5432/database, the \
                     database of DATABASE_URL without a pooler, or unset it."
                ),
            },
        };
        Ok(DatabaseConnections { max, listen_url })
    }
}

impl DatabaseUrl {
    /// What the log calls it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = anyhow::Error;

    fn from_str(url: &str) -> Result<Self> {
        if let Some((scheme, rest)) = url.split_once("://")
            && ["postgres", "postgresql"].contains(&scheme)
        {
            return Ok(Self::Postgres(format!("{scheme}://{}", with_host(rest))));
        }
        let path = url.strip_prefix("sqlite:").map(|rest| rest.trim_start_matches("//"));
        match path {
            Some(path) if !path.is_empty() && !path.starts_with(':') => Ok(Self::Sqlite(PathBuf::from(path))),
            // The value is not repeated: it may contain a password.
            _ => bail!(
                "DATABASE_URL is not valid. Set it to sqlite:<path of a file> or \
                 postgres://user:password@host:5432/database, or unset it to use SQLite in DATA_DIR."
            ),
        }
    }
}

/// Adds a host to `user@/database?host=/run/postgresql`. libpq accepts a URL without one (PostgreSQL manual, 34.1.1.2),
/// the parser of URLs does not (RFC 3986 §3.2 has no user without a host). `?host=` replaces it.
fn with_host(rest: &str) -> String {
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(authority_end);
    match authority.rsplit_once('@') {
        Some((user, host)) if host.is_empty() || host.starts_with(':') => format!("{user}@localhost{host}{path}"),
        _ => rest.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_named_by_the_query() {
        for (written, parsed) in [
            ("postgres://u:p@/db?host=/run/postgresql", "postgres://u:p@localhost/db?host=/run/postgresql"),
            ("postgres://u@:5433/db?host=/run/postgresql", "postgres://u@localhost:5433/db?host=/run/postgresql"),
            ("postgresql:///db?host=/run/postgresql", "postgresql:///db?host=/run/postgresql"),
            ("postgres://u:p%40@h:5432/db", "postgres://u:p%40@h:5432/db"),
        ] {
            assert_eq!(written.parse::<DatabaseUrl>().unwrap(), DatabaseUrl::Postgres(parsed.to_owned()));
            assert!(parsed.parse::<sqlx::postgres::PgConnectOptions>().is_ok(), "{parsed}");
        }
    }
}
