//! An index of texts by their grams, which finds the ids of the newest texts that have all of several grams. Each engine
//! has its own kind: FTS5 on SQLite, a GIN index on PostgreSQL. `grams.rs` makes the grams.

use std::collections::BTreeSet;
use std::time::Duration;

use sqlx::{PgConnection, SqliteConnection};
use uuid::Uuid;

use super::{Access, Connection, Db, On, silence_limit, silent, timed};

/// Which text is indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Indexed {
    /// One that is newer than all others.
    New,
    /// One that is indexed already, or that a job will index.
    Changed,
    /// One that is older than all others. It stays as it is if it is indexed already.
    Older,
}

impl Db {
    /// Returns whether the index returns the newest texts without reading all that match. PostgreSQL's does not: a frequent
    /// gram is expensive there.
    pub fn index_is_ordered(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }
}

/// Indexes a text by its grams, which contain no spaces.
pub async fn put(on: On<'_>, id: Uuid, grams: &BTreeSet<String>, indexed: Indexed) -> sqlx::Result<()> {
    let (lease, _stopwatch) = timed("db::text_index", sqlite::ADD, on.lease(Access::Write)).await;
    let mut lease = lease?;
    let outcome = match lease.connection() {
        Connection::Sqlite(connection) => sqlite::put(connection, id, grams, indexed).await,
        Connection::Postgres(connection) => in_time(postgres::put(connection, id, grams, indexed)).await,
    };
    lease.done(outcome.as_ref().err());
    outcome
}

/// Returns the ids before `before` of texts that have all of these grams, of which there must be one: the newest first,
/// at most `limit`.
pub async fn newest(on: On<'_>, grams: &BTreeSet<String>, before: Uuid, limit: usize) -> sqlx::Result<Vec<Uuid>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let (lease, _stopwatch) = timed("db::text_index", sqlite::NEWEST, on.lease(Access::Read)).await;
    let mut lease = lease?;
    let outcome = match lease.connection() {
        Connection::Sqlite(connection) => sqlite::newest(connection, grams, before, limit).await,
        Connection::Postgres(connection) => in_time(postgres::newest(connection, grams, before, limit)).await,
    };
    lease.done(outcome.as_ref().err());
    outcome
}

async fn in_time<T>(answer: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    let limit: Duration = silence_limit();
    tokio::time::timeout(limit, answer).await.unwrap_or_else(|_| Err(silent()))
}

fn joined(grams: impl IntoIterator<Item = impl AsRef<str>>, separator: &str) -> String {
    let grams: Vec<_> = grams.into_iter().collect();
    grams.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(separator)
}

pub mod sqlite {
    use std::fmt::Write as _;

    use super::{BTreeSet, Indexed, SqliteConnection, Uuid, joined};

    /// FTS5 sorts by number. Numbers follow the order of the ids, and begin in the middle, because a job adds older texts later.
    const NEXT_NUMBER: &str = "INSERT INTO search_documents (number, id)
        SELECT coalesce((SELECT max(number) FROM search_documents), 1000000000) + 1, $1 WHERE TRUE
        ON CONFLICT (id) DO NOTHING RETURNING number";
    const PREVIOUS_NUMBER: &str = "INSERT INTO search_documents (number, id)
        SELECT coalesce((SELECT min(number) FROM search_documents), 1000000000) - 1, $1 WHERE TRUE
        ON CONFLICT (id) DO NOTHING RETURNING number";
    const KNOWN_NUMBER: &str = "SELECT number FROM search_documents WHERE id = $1";
    pub(super) const ADD: &str = "INSERT OR REPLACE INTO search_grams (rowid, grams) VALUES ($1, $2)";
    /// Reads the index backward, and stops at the limit.
    pub const NEWEST: &str = "SELECT d.id FROM search_grams g CROSS JOIN search_documents d ON d.number = g.rowid
        WHERE search_grams MATCH $1 AND d.id < $2 ORDER BY g.rowid DESC LIMIT $3";

    /// Encodes a gram as a token of FTS5, which has letters and digits only.
    fn token(gram: &str) -> String {
        gram.bytes().fold(String::with_capacity(2 * gram.len()), |mut token, byte| {
            // Writing to a string can't fail.
            let _ = write!(token, "{byte:02x}");
            token
        })
    }

    pub(super) async fn put(
        connection: &mut SqliteConnection,
        id: Uuid,
        grams: &BTreeSet<String>,
        indexed: Indexed,
    ) -> sqlx::Result<()> {
        let statement = match indexed {
            Indexed::New => NEXT_NUMBER,
            Indexed::Changed => KNOWN_NUMBER,
            Indexed::Older => PREVIOUS_NUMBER,
        };
        let number: Option<i64> = sqlx::query_scalar(statement).bind(id).fetch_optional(&mut *connection).await?;
        let Some(number) = number else { return Ok(()) };
        let tokens = joined(grams.iter().map(|gram| token(gram)), " ");
        sqlx::query(ADD).bind(number).bind(tokens).execute(connection).await?;
        Ok(())
    }

    pub(super) async fn newest(
        connection: &mut SqliteConnection,
        grams: &BTreeSet<String>,
        before: Uuid,
        limit: i64,
    ) -> sqlx::Result<Vec<Uuid>> {
        let all = joined(grams.iter().map(|gram| format!("\"{}\"", token(gram))), " AND ");
        sqlx::query_scalar(NEWEST).bind(all).bind(before).bind(limit).fetch_all(connection).await
    }
}

pub mod postgres {
    use super::{BTreeSet, Indexed, PgConnection, Uuid, joined};

    const ADD: &str = "INSERT INTO search_documents (id, grams) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
    /// Also adds a text, so that the job which has read it before it was changed keeps this one.
    const CHANGE: &str = "INSERT INTO search_documents (id, grams) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET grams = excluded.grams";
    /// OFFSET keeps the planner from walking all ids in their order, which is slow for a rare gram.
    pub const NEWEST: &str = "SELECT id FROM (
          SELECT id FROM search_documents WHERE gram_set(grams) @> gram_set($1) AND id < $2 OFFSET 0
        ) AS found ORDER BY id DESC LIMIT $3";

    pub(super) async fn put(
        connection: &mut PgConnection,
        id: Uuid,
        grams: &BTreeSet<String>,
        indexed: Indexed,
    ) -> sqlx::Result<()> {
        let statement = if indexed == Indexed::Changed { CHANGE } else { ADD };
        sqlx::query(statement).bind(id).bind(joined(grams, " ")).execute(connection).await?;
        Ok(())
    }

    pub(super) async fn newest(
        connection: &mut PgConnection,
        grams: &BTreeSet<String>,
        before: Uuid,
        limit: i64,
    ) -> sqlx::Result<Vec<Uuid>> {
        sqlx::query_scalar(NEWEST).bind(joined(grams, " ")).bind(before).bind(limit).fetch_all(connection).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::config::DatabaseUrl;
    use crate::platform::db::plan;

    fn set(grams: &[&str]) -> BTreeSet<String> {
        grams.iter().map(|gram| (*gram).to_owned()).collect()
    }

    #[tokio::test]
    async fn ids_are_newest_first_however_they_were_added() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&DatabaseUrl::Sqlite(folder.path().join("attache.db"))).await.unwrap();
        let index = async |number, grams: &[&str], indexed| {
            put(db.on(), Uuid::from_u128(number), &set(grams), indexed).await.unwrap();
        };
        for (number, indexed) in [(10, Indexed::New), (9, Indexed::Older), (11, Indexed::New), (8, Indexed::Older)] {
            index(number, &["abc", "猫"], indexed).await;
        }
        let found = async |grams: &[&str], before, limit| {
            let ids = newest(db.on(), &set(grams), Uuid::from_u128(before), limit).await.unwrap();
            ids.iter().map(Uuid::as_u128).collect::<Vec<_>>()
        };
        assert_eq!(found(&["abc"], 99, 99).await, [11, 10, 9, 8]);
        assert_eq!(found(&["abc", "猫"], 11, 2).await, [10, 9]);
        assert_eq!(found(&["abc"], 8, 9).await, [0; 0]);
        index(9, &["x+y"], Indexed::Older).await;
        // A job will index it.
        index(7, &["x+y"], Indexed::Changed).await;
        assert_eq!(found(&["x+y"], 99, 9).await, [0; 0]);
        index(9, &["x+y"], Indexed::Changed).await;
        assert_eq!(found(&["x+y"], 99, 9).await, [9]);
        assert_eq!(found(&["abc"], 99, 99).await, [11, 10, 8]);
    }

    #[tokio::test]
    async fn sqlite_reads_the_index_backward() {
        let steps = plan(sqlite::NEWEST).await;
        assert!(steps[0].starts_with("SCAN g VIRTUAL TABLE INDEX") && steps[0].contains("M1"), "{steps:?}");
        assert!(steps.iter().all(|step| !step.contains("TEMP B-TREE")), "{steps:?}");
        assert!(steps[1..].iter().all(|step| !step.contains("SCAN d")), "{steps:?}");
    }
}
