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

/// Removes texts.
pub async fn remove(on: On<'_>, ids: &[Uuid]) -> sqlx::Result<()> {
    let (lease, _stopwatch) = timed("db::text_index", sqlite::REMOVE, on.lease(Access::Write)).await;
    let mut lease = lease?;
    let outcome = match lease.connection() {
        Connection::Sqlite(connection) => sqlite::remove(connection, ids).await,
        Connection::Postgres(connection) => in_time(postgres::remove(connection, ids)).await,
    };
    lease.done(outcome.as_ref().err());
    outcome
}

/// Which texts to find: those with all of these grams, and, if there are any, with one of the others.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Not empty.
    pub all: &'a BTreeSet<String>,
    pub any: &'a BTreeSet<String>,
}

/// The ids to find, from the first to the last, and their order.
#[derive(Debug, Clone, Copy)]
pub struct Range {
    pub first: Uuid,
    pub last: Uuid,
    pub oldest_first: bool,
}

impl Range {
    /// All ids before this one, the newest first.
    pub fn before(id: Uuid) -> Self {
        let last = Uuid::from_u128(id.as_u128().saturating_sub(1));
        Self { first: Uuid::nil(), last, oldest_first: false }
    }

    /// The rest of it, after an id in its order.
    #[must_use]
    pub fn after(self, id: Uuid) -> Self {
        if self.oldest_first {
            Self { first: Uuid::from_u128(id.as_u128().saturating_add(1)), ..self }
        } else {
            Self { last: Self::before(id).last, ..self }
        }
    }
}

/// Returns the ids of a range of texts that are wanted, at most `limit`.
pub async fn page(on: On<'_>, wanted: Wanted<'_>, range: Range, limit: usize) -> sqlx::Result<Vec<Uuid>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let (lease, _stopwatch) = timed("db::text_index", sqlite::NEWEST, on.lease(Access::Read)).await;
    let mut lease = lease?;
    let outcome = match lease.connection() {
        Connection::Sqlite(connection) => sqlite::page(connection, wanted, range, limit).await,
        Connection::Postgres(connection) => in_time(postgres::page(connection, wanted, range, limit)).await,
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

    use super::{BTreeSet, Indexed, Range, SqliteConnection, Uuid, Wanted, joined};
    use const_format::concatcp;

    /// FTS5 sorts by number. Numbers follow the order of the ids, and begin in the middle, because a job adds older texts later.
    const NEXT_NUMBER: &str = "INSERT INTO search_documents (number, id)
        SELECT coalesce((SELECT max(number) FROM search_documents), 1000000000) + 1, $1 WHERE TRUE
        ON CONFLICT (id) DO NOTHING RETURNING number";
    const PREVIOUS_NUMBER: &str = "INSERT INTO search_documents (number, id)
        SELECT coalesce((SELECT min(number) FROM search_documents), 1000000000) - 1, $1 WHERE TRUE
        ON CONFLICT (id) DO NOTHING RETURNING number";
    const KNOWN_NUMBER: &str = "SELECT number FROM search_documents WHERE id = $1";
    pub(super) const ADD: &str = "INSERT OR REPLACE INTO search_grams (rowid, grams) VALUES ($1, $2)";
    pub(super) const REMOVE: &str =
        "DELETE FROM search_grams WHERE rowid = (SELECT number FROM search_documents WHERE id = $1)";
    const FORGET: &str = "DELETE FROM search_documents WHERE id = $1";
    const MATCHES: &str = "SELECT d.id FROM search_grams g CROSS JOIN search_documents d ON d.number = g.rowid
        WHERE search_grams MATCH $1 AND d.id >= $2 AND d.id <= $3 ORDER BY g.rowid";
    /// Reads the index backward, and stops at the limit.
    pub const NEWEST: &str = concatcp!(MATCHES, " DESC LIMIT CAST($4 AS BIGINT)");
    pub const OLDEST: &str = concatcp!(MATCHES, " LIMIT CAST($4 AS BIGINT)");

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

    pub(super) async fn remove(connection: &mut SqliteConnection, ids: &[Uuid]) -> sqlx::Result<()> {
        for id in ids {
            sqlx::query(REMOVE).bind(*id).execute(&mut *connection).await?;
            sqlx::query(FORGET).bind(*id).execute(&mut *connection).await?;
        }
        Ok(())
    }

    pub(super) async fn page(
        connection: &mut SqliteConnection,
        wanted: Wanted<'_>,
        range: Range,
        limit: i64,
    ) -> sqlx::Result<Vec<Uuid>> {
        let quoted =
            |grams: &BTreeSet<String>| grams.iter().map(|gram| format!("\"{}\"", token(gram))).collect::<Vec<_>>();
        let mut matching = joined(quoted(wanted.all), " AND ");
        if !wanted.any.is_empty() {
            matching = format!("({}) AND ({matching})", joined(quoted(wanted.any), " OR "));
        }
        let statement = if range.oldest_first { OLDEST } else { NEWEST };
        let query = sqlx::query_scalar(statement).bind(matching).bind(range.first).bind(range.last).bind(limit);
        query.fetch_all(connection).await
    }
}

pub mod postgres {
    use super::{BTreeSet, Indexed, PgConnection, Range, Uuid, Wanted, joined};
    use const_format::concatcp;

    const ADD: &str = "INSERT INTO search_documents (id, grams) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
    /// Also adds a text, so that the job which has read it before it was changed keeps this one.
    const CHANGE: &str = "INSERT INTO search_documents (id, grams) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET grams = excluded.grams";
    const MATCHES: &str = "SELECT id FROM (SELECT id FROM search_documents
          WHERE gram_set(grams) @> gram_set($1) AND id >= $2 AND id <= $3";
    const MATCHES_ANY: &str = concatcp!(MATCHES, " AND gram_set(grams) && gram_set($5)");
    /// OFFSET keeps the planner from walking all ids in their order, which is slow for a rare gram.
    const NEWEST_FIRST: &str = " OFFSET 0) AS found ORDER BY id DESC LIMIT CAST($4 AS BIGINT)";
    const OLDEST_FIRST: &str = " OFFSET 0) AS found ORDER BY id LIMIT CAST($4 AS BIGINT)";
    pub const NEWEST: &str = concatcp!(MATCHES, NEWEST_FIRST);
    pub const NEWEST_OF_ANY: &str = concatcp!(MATCHES_ANY, NEWEST_FIRST);
    const OLDEST: &str = concatcp!(MATCHES, OLDEST_FIRST);
    const OLDEST_OF_ANY: &str = concatcp!(MATCHES_ANY, OLDEST_FIRST);

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

    pub(super) async fn remove(connection: &mut PgConnection, ids: &[Uuid]) -> sqlx::Result<()> {
        sqlx::query("DELETE FROM search_documents WHERE id = ANY($1)").bind(ids).execute(connection).await?;
        Ok(())
    }

    pub(super) async fn page(
        connection: &mut PgConnection,
        wanted: Wanted<'_>,
        range: Range,
        limit: i64,
    ) -> sqlx::Result<Vec<Uuid>> {
        let statement = match (wanted.any.is_empty(), range.oldest_first) {
            (true, false) => NEWEST,
            (true, true) => OLDEST,
            (false, false) => NEWEST_OF_ANY,
            (false, true) => OLDEST_OF_ANY,
        };
        let all = joined(wanted.all, " ");
        let mut query = sqlx::query_scalar(statement).bind(all).bind(range.first).bind(range.last).bind(limit);
        if !wanted.any.is_empty() {
            query = query.bind(joined(wanted.any, " "));
        }
        query.fetch_all(connection).await
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
        let read = async |all: &[&str], any: &[&str], range, limit| {
            let (all, any) = (set(all), set(any));
            let ids = page(db.on(), Wanted { all: &all, any: &any }, range, limit).await.unwrap();
            ids.iter().map(Uuid::as_u128).collect::<Vec<_>>()
        };
        let found =
            async |grams: &[&str], before, limit| read(grams, &[], Range::before(Uuid::from_u128(before)), limit).await;
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
        let oldest = Range { first: Uuid::from_u128(9), last: Uuid::from_u128(11), oldest_first: true };
        assert_eq!(read(&["abc"], &[], oldest, 99).await, [10, 11]);
        assert_eq!(read(&["abc"], &["zzz", "x+y"], oldest, 99).await, [0; 0]);
        index(12, &["abc", "x+y"], Indexed::New).await;
        assert_eq!(read(&["abc"], &["zzz", "x+y"], Range::before(Uuid::max()), 99).await, [12]);
    }

    #[tokio::test]
    async fn sqlite_reads_the_index_in_its_order() {
        for sql in [sqlite::NEWEST, sqlite::OLDEST] {
            let steps = plan(sql).await;
            assert!(steps[0].starts_with("SCAN g VIRTUAL TABLE INDEX") && steps[0].contains("M1"), "{steps:?}");
            assert!(steps.iter().all(|step| !step.contains("TEMP B-TREE")), "{steps:?}");
            assert!(steps[1..].iter().all(|step| !step.contains("SCAN d")), "{steps:?}");
        }
    }
}
