//! On a full disk, responses report it, and nothing is incomplete.

use attache::platform::db::Db;
use attache::platform::readiness::SUCCESS_CACHE_TIME;
use futures::future::join_all;
use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::support::{Engines, TestApp, on_both_engines};

on_both_engines![a_full_database_is_reported, a_full_database_heals_when_there_is_room];

/// Sets the maximum number of pages of the database, also for later connections.
async fn limit_pages(app: &TestApp, limit: u32) {
    if let Db::Sqlite(pools) = &app.platform.db {
        let options = (*pools.writer.connect_options()).clone().pragma("max_page_count", limit.to_string());
        pools.writer.set_connect_options(options);
        let now = AssertSqlSafe(format!("PRAGMA max_page_count = {limit}"));
        sqlx::query(now).execute(&pools.writer).await.expect("a limit can be set");
    }
}

/// Keeps the database from growing from now on.
async fn fill(app: &TestApp) {
    match &app.platform.db {
        Db::Sqlite(_) => limit_pages(app, 1).await,
        Db::Postgres(_) => {
            let raise = "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$";
            app.sql(raise, "").await;
            for table in ["sessions", "messages"] {
                app.sql(&format!("CREATE TRIGGER f BEFORE INSERT ON {table} EXECUTE FUNCTION full_disk()"), "").await;
            }
        }
    }
}

async fn a_full_database_is_reported(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    fill(&app).await;
    let sent = owner.send(&channel, &"x".repeat(20_000), &[]).await.refused(503, "unavailable");
    assert!(sent["message"].as_str().unwrap().contains("disk is full"), "{sent}");
    assert!(owner.messages(&channel).await.is_empty());
    if !app.is_local_disk() {
        let log_in = json!({ "email": owner.email, "password": "correct horse battery" });
        app.anonymous().post("/api/auth/log-in", log_in).await.refused(503, "unavailable");
    }
}

async fn make_room(app: &TestApp) {
    limit_pages(app, u32::MAX - 1).await;
    if !app.is_local_disk() {
        app.sql("DROP FUNCTION full_disk() CASCADE", "").await;
    }
}

async fn a_full_database_heals_when_there_is_room(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    owner.send(&channel, "before", &[]).await.ok();
    fill(&app).await;
    // More often than there are connections.
    for _ in 0..20 {
        owner.send(&channel, &"x".repeat(20_000), &[]).await.refused(503, "unavailable");
    }
    assert_eq!(owner.messages(&channel).await.len(), 1, "reads work");
    make_room(&app).await;
    for _ in 0..20 {
        owner.send(&channel, &"x".repeat(20_000), &[]).await.ok();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_database_is_not_ready() {
    let app = TestApp::start(Engines::SqliteLocal).await;
    fill(&app).await;
    app.anonymous().get("/readyz").await.refused(503, "unavailable");
    make_room(&app).await;
    app.advance(SUCCESS_CACHE_TIME);
    assert_eq!(app.anonymous().get("/readyz").await.status, 200);
}

/// Anybody can send the request, so its cost is limited.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readiness_is_looked_up_once_in_some_seconds() {
    let app = TestApp::start(Engines::SqliteLocal).await;
    let stranger = app.anonymous();
    assert_eq!(stranger.get("/readyz").await.status, 200);
    app.sql("DROP TABLE write_probe", "").await;
    for answer in join_all((0..20).map(|_| stranger.get("/readyz"))).await {
        assert_eq!(answer.status, 200, "nothing was written for it");
    }
    app.advance(SUCCESS_CACHE_TIME);
    assert_ne!(stranger.get("/readyz").await.status, 200);
}
