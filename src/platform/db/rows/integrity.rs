//! Whether the database itself is sound: its pages can be read, and references have their rows.

use futures::TryStreamExt;
use sqlx::{AssertSqlSafe, PgConnection, SqliteConnection};

use super::Snapshot;

const SQLITE_PAGES: &str = "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok' LIMIT 20";
const SQLITE_REFERENCES: &str = "SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2";
/// Returns, for each reference of one column, the tables and the statement that counts rows without a target. PostgreSQL
/// trusts its own checks: rows that a damaged disk or a disabled trigger left are not noticed otherwise.
const POSTGRES_REFERENCES: &str = "SELECT k.conrelid::regclass::text, k.confrelid::regclass::text,
       format('SELECT count(*) FROM %s c WHERE c.%I IS NOT NULL AND NOT EXISTS (SELECT 1 FROM %s p WHERE p.%I = c.%I)',
         k.conrelid::regclass, c.attname, k.confrelid::regclass, p.attname, c.attname)
     FROM pg_constraint k
     JOIN pg_attribute c ON c.attrelid = k.conrelid AND c.attnum = k.conkey[1]
     JOIN pg_attribute p ON p.attrelid = k.confrelid AND p.attnum = k.confkey[1]
     WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace AND cardinality(k.conkey) = 1
     ORDER BY 1, 2";

impl Snapshot {
    /// Returns a line for each problem of the database itself.
    pub async fn damage(&mut self) -> sqlx::Result<Vec<String>> {
        match self {
            Self::Sqlite(connection) => sqlite(connection).await,
            Self::Postgres(connection) => postgres(connection).await,
        }
    }

    /// Returns the number of rows of `from`, a table with a condition.
    pub async fn count(&mut self, from: &'static str) -> sqlx::Result<i64> {
        let statement = AssertSqlSafe(format!("SELECT count(*) FROM {from}"));
        match self {
            Self::Sqlite(connection) => sqlx::query_scalar(statement).fetch_one(connection).await,
            Self::Postgres(connection) => sqlx::query_scalar(statement).fetch_one(connection).await,
        }
    }
}

async fn sqlite(connection: &mut SqliteConnection) -> sqlx::Result<Vec<String>> {
    let pages: Vec<String> = sqlx::query_scalar(SQLITE_PAGES).fetch_all(&mut *connection).await?;
    let mut found: Vec<_> = pages.into_iter().map(|problem| format!("damaged: {problem}")).collect();
    let mut broken = sqlx::query_as::<_, (String, String, i64)>(SQLITE_REFERENCES).fetch(connection);
    while let Some((table, parent, count)) = broken.try_next().await? {
        found.push(without_target(&table, &parent, count));
    }
    Ok(found)
}

async fn postgres(connection: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    let references: Vec<(String, String, String)> =
        sqlx::query_as(POSTGRES_REFERENCES).fetch_all(&mut *connection).await?;
    let mut found = Vec::new();
    for (table, parent, statement) in references {
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(&mut *connection).await?;
        if count > 0 {
            found.push(without_target(&table, &parent, count));
        }
    }
    Ok(found)
}

fn without_target(table: &str, parent: &str, count: i64) -> String {
    format!("{count} rows of {table} refer to rows of {parent} that do not exist")
}
