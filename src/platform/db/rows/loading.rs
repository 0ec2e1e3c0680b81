//! Writes all rows into an empty database, in one transaction. References and triggers of the database rest until the
//! end: tables refer to each other in circles, and a count that a trigger keeps is in the rows already.

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection, SqliteConnection};
use uuid::Uuid;

use futures::{StreamExt, TryStreamExt};

use super::snapshot::{POSTGRES_COLUMNS, SQLITE_COLUMNS, tables_of};
use super::{Fingerprint, Row, Table, sql};
use crate::platform::config::DatabaseUrl;

/// The search index is built from the messages by a job, as after an upgrade.
const INDEX_MESSAGES: &str = "INSERT INTO message_index_progress (id, before_id, indexed, total)
     SELECT 1, {id}, 0, count(*) FROM messages HAVING count(*) > 0";

enum Engine {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Deletes all rows of a database, and keeps its tables.
pub async fn delete_all(url: &DatabaseUrl) -> anyhow::Result<()> {
    let mut loading = Loading::begin(url).await?;
    loading.run("DELETE FROM search_documents").await?;
    loading.resume().await?;
    loading.commit().await
}

/// A transaction that fills an empty database. Dropped without [`Loading::commit`], it leaves nothing.
pub struct Loading {
    engine: Engine,
    pub tables: Vec<Table>,
    /// What restores references and triggers, in this order.
    afterward: Vec<String>,
}

impl Loading {
    /// Begins the transaction, and removes the rows that migrations and a first start have inserted. The database must
    /// have its tables.
    pub async fn begin(url: &DatabaseUrl) -> anyhow::Result<Self> {
        let (engine, columns) = match url {
            DatabaseUrl::Sqlite(path) => {
                let options = SqliteConnectOptions::new().filename(path).foreign_keys(false);
                let mut connection = options.disable_statement_logging().connect().await?;
                connection.execute("BEGIN IMMEDIATE").await?;
                let columns = sqlx::query_as(SQLITE_COLUMNS).fetch_all(&mut connection).await?;
                (Engine::Sqlite(connection), columns)
            }
            DatabaseUrl::Postgres(url) => {
                let options: PgConnectOptions = url.parse()?;
                let mut connection = options.disable_statement_logging().connect().await?;
                connection.execute("BEGIN").await?;
                let columns = sqlx::query_as(POSTGRES_COLUMNS).fetch_all(&mut connection).await?;
                (Engine::Postgres(connection), columns)
            }
        };
        let mut loading = Self { engine, tables: tables_of(columns)?, afterward: Vec::new() };
        loading.suspend().await?;
        for table in loading.tables.clone() {
            loading.run(&format!("DELETE FROM \"{}\"", table.name)).await?;
        }
        Ok(loading)
    }

    /// Removes triggers and references until the end of the transaction.
    async fn suspend(&mut self) -> sqlx::Result<()> {
        let (before, after): (Vec<String>, Vec<String>) = match &mut self.engine {
            Engine::Sqlite(connection) => {
                let triggers =
                    "SELECT 'DROP TRIGGER \"' || name || '\"', sql FROM sqlite_master WHERE type = 'trigger'";
                let triggers: Vec<(String, String)> = sqlx::query_as(triggers).fetch_all(connection).await?;
                triggers.into_iter().unzip()
            }
            Engine::Postgres(connection) => {
                let references = "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
                      format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
                    FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace";
                let references: Vec<(String, String)> = sqlx::query_as(references).fetch_all(&mut *connection).await?;
                let triggers = "SELECT DISTINCT format('ALTER TABLE %s DISABLE TRIGGER USER', tgrelid::regclass),
                      format('ALTER TABLE %s ENABLE TRIGGER USER', tgrelid::regclass)
                    FROM pg_trigger WHERE NOT tgisinternal";
                let triggers: Vec<(String, String)> = sqlx::query_as(triggers).fetch_all(connection).await?;
                references.into_iter().chain(triggers).unzip()
            }
        };
        for statement in before {
            self.run(&statement).await?;
        }
        self.afterward = after;
        Ok(())
    }

    /// Runs a statement that contains no input.
    async fn run(&mut self, statement: &str) -> sqlx::Result<()> {
        let statement = AssertSqlSafe(statement.to_owned());
        match &mut self.engine {
            Engine::Sqlite(connection) => connection.execute(statement).await.map(|_| ()),
            Engine::Postgres(connection) => connection.execute(statement).await.map(|_| ()),
        }
    }

    /// Runs a statement about an id, which replaces `{id}`.
    pub async fn run_for(&mut self, statement: &str, id: Uuid) -> sqlx::Result<()> {
        let literal = match self.engine {
            Engine::Sqlite(_) => format!("x'{}'", id.simple()),
            Engine::Postgres(_) => format!("'{id}'::uuid"),
        };
        self.run(&statement.replace("{id}", &literal)).await
    }

    /// Inserts some rows, in the order of the table's columns.
    pub async fn insert(&mut self, table: &Table, rows: &[Row]) -> anyhow::Result<()> {
        let rows = serde_json::to_string(rows)?;
        match &mut self.engine {
            Engine::Sqlite(connection) => {
                sqlx::query(AssertSqlSafe(sql::write_sqlite(table))).bind(rows).execute(connection).await?;
            }
            Engine::Postgres(connection) => {
                sqlx::query(AssertSqlSafe(sql::write_postgres(table))).bind(rows).execute(connection).await?;
            }
        }
        Ok(())
    }

    /// Returns number and checksum of the rows that the table now has.
    pub async fn fingerprint(&mut self, table: &Table) -> anyhow::Result<(u64, String)> {
        let mut texts = match &mut self.engine {
            Engine::Sqlite(connection) => {
                sqlx::query_scalar::<_, String>(AssertSqlSafe(sql::read_sqlite(table))).fetch(connection).boxed()
            }
            Engine::Postgres(connection) => {
                sqlx::query_scalar::<_, String>(AssertSqlSafe(sql::read_postgres(table))).fetch(connection).boxed()
            }
        };
        let mut fingerprint = Fingerprint::default();
        while let Some(text) = texts.try_next().await? {
            fingerprint.add(&serde_json::to_string(&serde_json::from_str::<Row>(&text)?)?);
        }
        Ok(fingerprint.end())
    }

    /// Restores references and triggers. Fails if a row refers to one that does not exist.
    pub async fn resume(&mut self) -> anyhow::Result<()> {
        for statement in std::mem::take(&mut self.afterward) {
            self.run(&statement).await?;
        }
        if let Engine::Sqlite(connection) = &mut self.engine {
            let broken = "SELECT \"table\" || ' refers to ' || parent FROM pragma_foreign_key_check LIMIT 1";
            let broken: Option<String> = sqlx::query_scalar(broken).fetch_optional(connection).await?;
            anyhow::ensure!(
                broken.is_none(),
                "A row refers to one that does not exist: {}.",
                broken.unwrap_or_default()
            );
        }
        Ok(())
    }

    pub async fn commit(mut self) -> anyhow::Result<()> {
        self.run("DELETE FROM message_index_progress").await?;
        self.run_for(INDEX_MESSAGES, Uuid::max()).await?;
        self.run("COMMIT").await?;
        match self.engine {
            Engine::Sqlite(connection) => connection.close().await?,
            Engine::Postgres(connection) => connection.close().await?,
        }
        Ok(())
    }
}
