//! Reads all rows of one moment, on a connection of its own, while others write.

use std::time::Duration;

use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection, SqliteConnection};

use super::{Column, Kind, Row, Table, sql};
use crate::platform::config::DatabaseUrl;

/// How long SQLite waits for a lock. A reader needs one only at its start.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Returns name, column, type and position in the primary key (0: none) of each column.
pub(super) const SQLITE_COLUMNS: &str = "SELECT m.name, c.name, lower(c.type), c.pk FROM sqlite_master m
     JOIN pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY m.name, c.name";
pub(super) const POSTGRES_COLUMNS: &str = "SELECT c.table_name::text, c.column_name::text, c.data_type::text,
       COALESCE((SELECT k.ordinal_position::bigint FROM information_schema.table_constraints t
         JOIN information_schema.key_column_usage k ON k.constraint_name = t.constraint_name
           AND k.constraint_schema = t.constraint_schema AND k.table_name = t.table_name
         WHERE t.constraint_type = 'PRIMARY KEY' AND t.table_schema = c.table_schema AND t.table_name = c.table_name
           AND k.column_name = c.column_name), 0)
     FROM information_schema.columns c
     JOIN information_schema.tables b ON b.table_schema = c.table_schema AND b.table_name = c.table_name
       AND b.table_type = 'BASE TABLE'
     WHERE c.table_schema = current_schema() ORDER BY c.table_name COLLATE \"C\", c.column_name COLLATE \"C\"";
const NEWEST_MIGRATION: &str = "SELECT max(version) FROM _sqlx_migrations";

pub(super) type ColumnRow = (String, String, String, i64);

/// The database as it was when the snapshot was opened.
pub enum Snapshot {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Snapshot {
    pub async fn open(url: &DatabaseUrl) -> anyhow::Result<Self> {
        Ok(match url {
            DatabaseUrl::Sqlite(path) => {
                let options = SqliteConnectOptions::new().filename(path).busy_timeout(BUSY_TIMEOUT);
                let mut connection = options.pragma("query_only", "ON").disable_statement_logging().connect().await?;
                connection.execute("BEGIN").await?;
                // A transaction of SQLite begins with its first read.
                let _: i64 = sqlx::query_scalar(NEWEST_MIGRATION).fetch_one(&mut connection).await?;
                Self::Sqlite(connection)
            }
            DatabaseUrl::Postgres(url) => {
                let options: PgConnectOptions = url.parse()?;
                let mut connection = options.disable_statement_logging().connect().await?;
                connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
                connection.execute("SET LOCAL statement_timeout = 0").await?;
                connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0").await?;
                Self::Postgres(connection)
            }
        })
    }

    /// Returns the number of the newest migration.
    pub async fn migration(&mut self) -> sqlx::Result<i64> {
        match self {
            Self::Sqlite(connection) => sqlx::query_scalar(NEWEST_MIGRATION).fetch_one(connection).await,
            Self::Postgres(connection) => sqlx::query_scalar(NEWEST_MIGRATION).fetch_one(connection).await,
        }
    }

    /// Returns all tables that are not derived from others, by name.
    pub async fn tables(&mut self) -> anyhow::Result<Vec<Table>> {
        let columns = match self {
            Self::Sqlite(connection) => sqlx::query_as(SQLITE_COLUMNS).fetch_all(connection).await?,
            Self::Postgres(connection) => sqlx::query_as(POSTGRES_COLUMNS).fetch_all(connection).await?,
        };
        tables_of(columns)
    }

    /// Returns all rows of a table, sorted by key. Few are in memory at a time.
    pub fn rows(&mut self, table: &Table) -> BoxStream<'_, sqlx::Result<Row>> {
        let texts = match self {
            Self::Sqlite(connection) => {
                sqlx::query_scalar::<_, String>(AssertSqlSafe(sql::read_sqlite(table))).fetch(connection).boxed()
            }
            Self::Postgres(connection) => {
                sqlx::query_scalar::<_, String>(AssertSqlSafe(sql::read_postgres(table))).fetch(connection).boxed()
            }
        };
        texts
            .and_then(async |text| serde_json::from_str(&text).map_err(|error| sqlx::Error::Decode(error.into())))
            .boxed()
    }

    pub async fn close(self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(connection) => connection.close().await,
            Self::Postgres(connection) => connection.close().await,
        }
    }
}

/// Groups columns by table. They are sorted by table and name.
pub(super) fn tables_of(columns: Vec<ColumnRow>) -> anyhow::Result<Vec<Table>> {
    let mut tables: Vec<Table> = Vec::new();
    let mut keys: Vec<Vec<(i64, String)>> = Vec::new();
    for (table, name, declared, key) in columns.into_iter().filter(|(table, ..)| !Table::is_derived(table)) {
        if tables.last().is_none_or(|last| last.name != table) {
            tables.push(Table { name: table, columns: Vec::new(), key: Vec::new(), declared: Vec::new() });
            keys.push(Vec::new());
        }
        let (Some(table), Some(keys)) = (tables.last_mut(), keys.last_mut()) else { continue };
        if key > 0 {
            keys.push((key, name.clone()));
        }
        table.columns.push(Column { kind: kind(&table.name, &declared)?, name });
        table.declared.push(declared);
    }
    for (table, mut key) in tables.iter_mut().zip(keys) {
        key.sort();
        anyhow::ensure!(!key.is_empty(), "The table {} has no primary key.", table.name);
        table.key = key.into_iter().map(|(_, name)| name).collect();
    }
    Ok(tables)
}

fn kind(table: &str, declared: &str) -> anyhow::Result<Kind> {
    Ok(match declared {
        "blob" | "bytea" | "uuid" => Kind::Bytes,
        "integer" | "bigint" | "smallint" => Kind::Integer,
        "boolean" => Kind::Boolean,
        "text" => Kind::Text,
        other => anyhow::bail!("The table {table} has a column of the unknown type {other}."),
    })
}
