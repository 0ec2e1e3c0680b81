//! The database: it is sound, every row can be read, and what no reference of the database expresses is true too.

use anyhow::{Context, Result};
use futures::TryStreamExt;

use super::{Difference, Repair, Report};
use crate::admin::stored_objects::StoredObjects;
use crate::platform::Platform;
use crate::platform::db::rows::{Named, Snapshot};

const ABOUT: &str = "database";
/// Rows that must not exist, with the words for them.
const CONTRADICTIONS: [(&str, &str); 3] = [
    (
        "conversations have a newest message that does not exist",
        "channels c WHERE c.last_message_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = c.last_message_id)",
    ),
    (
        "sent files are in no message",
        "attachments a WHERE a.message_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM message_attachments l WHERE l.attachment_id = a.id)",
    ),
    ("files in messages are not complete", "attachments a WHERE a.message_id IS NOT NULL AND a.status <> 'complete'"),
];
const MISCOUNTED: &str =
    "organizations o WHERE o.used_bytes <> (SELECT COALESCE(SUM(a.file_size), 0) FROM attachments a
     WHERE a.organization_id = o.id AND a.status <> 'failed' AND a.purged_at IS NULL)";

/// Checks the database. Returns the objects that its rows require.
pub async fn examine(platform: &Platform, report: &mut Report) -> Result<StoredObjects> {
    let mut snapshot = Snapshot::open(&platform.config.database).await.context("Cannot read the database")?;
    for says in snapshot.damage().await? {
        report.differences.push(Difference::new(ABOUT, says, None));
    }
    for (words, from) in CONTRADICTIONS {
        let count = snapshot.count(from).await?;
        if count > 0 {
            report.differences.push(Difference::new(ABOUT, format!("{count} {words}"), None));
        }
    }
    let count = snapshot.count(MISCOUNTED).await?;
    if count > 0 {
        let says = format!("{count} organizations have a wrong count of used bytes");
        report.differences.push(Difference::new(ABOUT, says, Some(Repair::Recount)));
    }
    let mut required = StoredObjects::default();
    for table in snapshot.tables().await? {
        let mut rows = snapshot.rows(&table);
        loop {
            match rows.try_next().await {
                Ok(Some(row)) => required.add(&table.name, &Named::new(&table.columns, &row))?,
                Ok(None) => break,
                Err(error) => {
                    let says = format!("the table {} can't be read ({error})", table.name);
                    report.differences.push(Difference::new(ABOUT, says, None));
                    break;
                }
            }
            report.rows += 1;
        }
    }
    snapshot.close().await?;
    Ok(required)
}
