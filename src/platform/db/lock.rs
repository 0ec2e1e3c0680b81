//! Row locks, for transactions that decide by one row and write another.
//!
//! Under READ COMMITTED each statement sees what was committed before it began. Two transactions that read first and
//! write afterward can both decide by a state that the other one changes. A transaction that decides by a row therefore
//! locks it first, and the second one waits. On SQLite [`Db::begin`](super::Db::begin) already waits for all other
//! writers. docs/concurrency.md lists each decision with its lock.

use uuid::Uuid;

use super::{Stopwatch, Tx, execute, in_list};

/// Tables whose rows are locked. A transaction that locks rows of several locks them in this order, which prevents
/// deadlocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lockable {
    /// Members, roles, invites and everything else that decides permissions.
    Organization,
    /// What was uploaded by the link of a file request, and whether it works.
    FileRequest,
    Contact,
    Channel,
    /// The messages, buckets and links that use a file.
    Attachment,
}

impl Lockable {
    fn select(self) -> &'static str {
        match self {
            Self::Organization => "SELECT id FROM organizations WHERE id",
            Self::FileRequest => "SELECT id FROM file_requests WHERE id",
            Self::Contact => "SELECT id FROM contacts WHERE id",
            Self::Channel => "SELECT id FROM channels WHERE id",
            Self::Attachment => "SELECT id FROM attachments WHERE id",
        }
    }
}

impl Tx {
    /// Keeps the permissions in an organization unchanged until the transaction ends: changing them locks the
    /// organization. Any number of transactions can keep them at the same time. Must come first in a transaction.
    pub async fn keep_rights(&mut self, organization: Uuid) -> Result<(), sqlx::Error> {
        let select = "SELECT id FROM organizations WHERE id";
        self.lock_rows(select, vec![organization], "FOR KEY SHARE").await
    }

    /// Locks a row until the transaction ends. Ignores a row that does not exist.
    pub async fn lock(&mut self, table: Lockable, id: Uuid) -> Result<(), sqlx::Error> {
        self.lock_all(table, vec![id]).await
    }

    /// Locks the state of the whole installation until the transaction ends.
    pub async fn lock_installation(&mut self) -> Result<(), sqlx::Error> {
        execute!(&mut *self, "UPDATE installation SET id = id WHERE id = 1")?;
        Ok(())
    }

    /// Locks several rows, in the order of their ids.
    pub async fn lock_all(&mut self, table: Lockable, ids: Vec<Uuid>) -> Result<(), sqlx::Error> {
        // The weakest lock that excludes itself, so that rows that refer to these can still be inserted. An
        // organization's lock also excludes `keep_rights`, and its own update for the quota excludes neither.
        let strength = if table == Lockable::Organization { "FOR UPDATE" } else { "FOR NO KEY UPDATE" };
        self.lock_rows(table.select(), ids, strength).await
    }

    async fn lock_rows(&mut self, select: &'static str, ids: Vec<Uuid>, strength: &str) -> Result<(), sqlx::Error> {
        let Self::Postgres { tx, .. } = self else { return Ok(()) };
        if ids.is_empty() {
            return Ok(());
        }
        let _stopwatch = Stopwatch::start(concat!(module_path!(), ":", line!()), select);
        let mut query = in_list(select, ids, &format!("ORDER BY id {strength}"));
        let locked = query.build().persistent(false).fetch_all(&mut **tx);
        match tokio::time::timeout(super::silence_limit(), locked).await {
            Ok(locked) => locked.map(|_| ()),
            Err(_) => Err(super::silent()),
        }
    }
}
