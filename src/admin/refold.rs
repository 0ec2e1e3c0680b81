//! Updates search texts that an older version has folded differently. Defines the order of the work for all tables.

use uuid::Uuid;

use crate::named_enum;
use crate::platform::Platform;
use crate::platform::db::{Tx, execute, fetch_all};
use crate::platform::error::Result;

/// Number of rows in a transaction, because other writers wait for it.
pub const BATCH: i64 = 200;

named_enum! {
    /// A table with folded texts.
    pub enum Refolded in "refolds.table_name" {
        Users = "users";
        Contacts = "contacts";
        Messages = "messages";
        Attachments = "attachments";
        AuditEntries = "audit_entries";
    }
}

/// Runs until all rows are done, and resumes after an interruption. Returns the number of processed rows.
pub async fn run(platform: Platform) -> Result<u64> {
    let mut seen = 0;
    loop {
        let mut tx = platform.db.begin().await?;
        let rows = fetch_all!(
            &mut tx,
            (Refolded, Uuid),
            "SELECT table_name, after_id FROM refolds ORDER BY table_name DESC LIMIT 1"
        )?;
        let Some((table, after)) = rows.first() else { break };
        let rows = batch(&mut tx, *table, *after).await?;
        match rows.last() {
            Some(last) => execute!(
                &mut tx,
                "UPDATE refolds SET after_id = $2 WHERE table_name = $1 AND after_id < $2",
                *table,
                *last
            )?,
            None => execute!(&mut tx, "DELETE FROM refolds WHERE table_name = $1", *table)?,
        };
        tx.commit().await?;
        seen += rows.len() as u64;
    }
    if seen > 0 {
        tracing::info!(rows = seen, "updated texts for the searches of this version");
    }
    Ok(seen)
}

/// Folds the next rows of a table. Returns their ids, in order.
async fn batch(tx: &mut Tx, table: Refolded, after: Uuid) -> sqlx::Result<Vec<Uuid>> {
    match table {
        Refolded::Users => crate::people::accounts::store::refold(tx, after, BATCH).await,
        Refolded::Contacts => crate::people::contacts::store::refold(tx, after, BATCH).await,
        Refolded::Messages => crate::conversations::messages::store::refold(tx, after, BATCH).await,
        Refolded::Attachments => crate::files::attachments::store::refold(tx, after, BATCH).await,
        Refolded::AuditEntries => crate::people::audit::store::refold(tx, after, BATCH).await,
    }
}
