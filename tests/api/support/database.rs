//! Reads the database of a stopped server, and advances its time.

use attache::platform::db::Db;
use sqlx::AssertSqlSafe;

use super::Installation;

/// Counts rows in the database itself, without the server.
async fn count(db: &Db, from: &str) -> i64 {
    let statement = AssertSqlSafe(format!("SELECT count(*) FROM {from}"));
    let counted = match db {
        Db::Sqlite(pools) => sqlx::query_scalar(statement).fetch_one(&pools.writer).await,
        Db::Postgres(pools) => sqlx::query_scalar(statement).fetch_one(&pools.requests).await,
    };
    counted.expect("the database can be asked")
}

/// Asserts that nothing is incomplete: neither pages of the database nor what a transaction writes together.
pub async fn assert_database_is_whole(installation: &Installation) {
    let db = Db::open(&installation.database).await.expect("the database can be opened");
    if let Db::Sqlite(pools) = &db {
        let check = sqlx::query_scalar("PRAGMA integrity_check").fetch_all(&pools.writer).await;
        let check: Vec<String> = check.expect("the database can be checked");
        assert_eq!(check, ["ok"]);
        assert_eq!(count(&db, "pragma_foreign_key_check").await, 0);
    }
    for half in [
        "messages m WHERE NOT EXISTS (SELECT 1 FROM search_documents d WHERE d.id = m.id)",
        "attachments a WHERE a.message_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM message_attachments l WHERE l.attachment_id = a.id)",
        "message_attachments l JOIN attachments a ON a.id = l.attachment_id WHERE a.message_id IS NULL",
        "messages m WHERE NOT EXISTS (SELECT 1 FROM channels c WHERE c.id = m.channel_id AND c.last_message_id >= m.id)",
        // The messages of a channel are numbered without gaps.
        "channels c WHERE c.last_sequence <> (SELECT count(DISTINCT m.sequence) FROM messages m
           WHERE m.channel_id = c.id AND m.sequence BETWEEN 1 AND c.last_sequence)",
        "messages m JOIN channels c ON c.id = m.channel_id WHERE c.last_sequence IS NOT NULL AND m.sequence IS NULL",
    ] {
        assert_eq!(count(&db, half).await, 0, "half: {half}");
    }
    db.close().await;
}

/// Ends the leases of requests and jobs that died, which would last up to two minutes.
pub async fn end_leases(installation: &Installation) {
    let db = Db::open(&installation.database).await.expect("the database can be opened");
    for statement in ["UPDATE attachments SET leased_until = NULL", "UPDATE jobs SET leased_until = NULL"] {
        let ended = match &db {
            Db::Sqlite(pools) => sqlx::query(statement).execute(&pools.writer).await.map(|_| ()),
            Db::Postgres(pools) => sqlx::query(statement).execute(&pools.requests).await.map(|_| ()),
        };
        ended.expect("the database can be written");
    }
    db.close().await;
}
