//! No statement uses a connection for long, and writes or searches leave connections to reads.

use std::time::Duration;

use attache::platform::db::{Access, Connection, Db, Lane, SEARCHES};
use attache::platform::error::{AppError, ErrorKind};
use futures::future::join_all;
use serde_json::json;
use tokio::time::{Instant, timeout};

use crate::support::{Engines, TestApp, on_both_engines, until};

on_both_engines![
    a_search_that_nobody_waits_for_ends_in_the_database,
    searches_leave_connections_to_other_reads,
    a_long_search_text_costs_little,
];

const ENDLESS: &str =
    "SELECT count(*) FROM (WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT 1 FROM c) SELECT x FROM c) AS endless";

async fn endless(db: &Db) -> Result<i64, sqlx::Error> {
    let mut lease = db.lease(Access::of(ENDLESS)).await?;
    match lease.connection() {
        Connection::Sqlite(connection) => sqlx::query_scalar(ENDLESS).fetch_one(connection).await,
        Connection::Postgres(connection) => sqlx::query_scalar(ENDLESS).fetch_one(connection).await,
    }
}

fn search_for(time: Duration) -> Lane {
    Lane::Search(Instant::now() + time)
}

/// Returns whether PostgreSQL still runs the endless statement in this test's own database.
async fn is_running(app: &TestApp) -> bool {
    let Db::Postgres(pools) = &app.platform.db else { return false };
    let sql = "SELECT count(*) FROM pg_stat_activity
               WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid() AND query LIKE '%endless%'";
    let count: i64 = sqlx::query_scalar(sql).fetch_one(&pools.requests).await.expect("activity is listed");
    count > 0
}

async fn a_search_that_nobody_waits_for_ends_in_the_database(app: TestApp) {
    let db = &app.platform.db;
    for _ in 0..SEARCHES {
        let left = timeout(Duration::from_millis(100), search_for(Duration::from_mins(1)).run(endless(db))).await;
        assert!(left.is_err(), "it is endless");
    }
    until("the statements have ended", async || !is_running(&app).await).await;
    let free = join_all((0..SEARCHES).map(|_| async {
        db.lease(Access::Read).await.map(drop).expect("a connection is free");
    }));
    timeout(Duration::from_secs(1), search_for(Duration::from_mins(1)).run(free)).await.expect("it is free at once");
}

#[tokio::test]
async fn a_statement_ends_at_its_limit() {
    let app = TestApp::start(Engines::SqliteLocal).await;
    let lane = search_for(Duration::from_millis(100));
    let ended = lane.run(async { endless(&app.platform.db).await.map_err(AppError::from) });
    let error = timeout(Duration::from_secs(3), ended).await.expect("it ends soon").unwrap_err();
    assert_eq!(error.kind, ErrorKind::SearchTimeout);
    assert_eq!(error.status().as_u16(), 503);
}

#[tokio::test]
async fn a_writer_does_not_delay_readers() {
    let app = TestApp::start(Engines::SqliteLocal).await;
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let transaction = app.platform.db.begin().await.expect("a transaction begins");
    // More of them than there are connections.
    let waiting: Vec<_> = (0..12)
        .map(|_| {
            let (owner, channel) = (owner.clone(), channel.clone());
            tokio::spawn(async move { owner.send(&channel, "hello", &[]).await.status })
        })
        .collect();
    for _ in 0..20 {
        let read = timeout(Duration::from_secs(1), owner.get("/api/channels")).await.expect("it does not wait");
        assert_eq!(read.status, 200);
    }
    drop(transaction);
    for sent in waiting {
        assert_eq!(sent.await.expect("it does not panic"), 200);
    }
}

#[tokio::test]
async fn a_connection_that_reads_refuses_to_write() {
    let app = TestApp::start(Engines::SqliteLocal).await;
    let mut lease = app.platform.db.lease(Access::Read).await.expect("a connection is free");
    let Connection::Sqlite(connection) = lease.connection() else { panic!("it is SQLite") };
    let refused = sqlx::query("DELETE FROM sessions").execute(connection).await.unwrap_err();
    assert!(refused.to_string().contains("readonly"), "{refused}");
}

async fn searches_leave_connections_to_other_reads(app: TestApp) {
    let owner = app.owner().await;
    let platform = &app.platform;
    let searching: Vec<_> = (0..10_u128)
        .map(|person| {
            let platform = platform.clone();
            tokio::spawn(async move {
                let search = async { endless(&platform.db).await.map_err(AppError::from) };
                platform.searches.run(uuid::Uuid::from_u128(person), search).await
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    for _ in 0..10 {
        let read = timeout(Duration::from_secs(2), owner.get("/api/channels")).await.expect("it does not wait");
        assert_eq!(read.status, 200);
    }
    for search in searching {
        search.abort();
    }
}

async fn a_long_search_text_costs_little(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for _ in 0..10 {
        owner.send(&channel, &"a".repeat(19_990), &[]).await.ok();
    }
    let sent = owner.send(&channel, &format!("{}b", "a".repeat(500)), &[]).await.ok();
    let search = format!("{}b", "a".repeat(198));
    let found = owner.get(&format!("/api/messages/found?search={search}")).await.ok();
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    assert_eq!(found[0]["id"], sent["id"]);
    assert_eq!(found[0]["excerpt"]["hit"], json!(search));
    // Wildcards of LIKE are ordinary text.
    for wildcard in ["%25", "_", "a%25b", "\\"] {
        let found = owner.get(&format!("/api/messages/found?search={wildcard}")).await.ok();
        assert_eq!(found, json!([]), "{wildcard}");
    }
}
