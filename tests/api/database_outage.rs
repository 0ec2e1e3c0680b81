//! A database outage: responses report it soon, and the server recovers without a restart.

use std::time::Duration;

use attache::platform::config::DatabaseUrl;
use attache::platform::readiness::SUCCESS_CACHE_TIME;
use serde_json::json;
use tokio::time::Instant;

use crate::support::{Engines, Line, TestApp, line_before, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_was_away_is_used_again() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let DatabaseUrl::Postgres(url) = Engines::PostgresGarage.database(folder.path()).await else {
        panic!("PostgreSQL")
    };
    let (url, line) = line_before(&url).await;
    let app = TestApp::start_with(Engines::PostgresGarage, |all| all.database = DatabaseUrl::Postgres(url)).await;
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    owner.send(&channel, "before", &[]).await.ok();

    line.send_replace(Line::Cut);
    let asked = Instant::now();
    let refused = owner.get(&format!("/api/channels/{channel}/messages")).await;
    assert!(!refused.header("retry-after").is_empty(), "{:?}", refused.headers);
    refused.refused(503, "unavailable");
    owner.send(&channel, "meanwhile", &[]).await.refused(503, "unavailable");
    let log_in = json!({ "email": owner.email, "password": "correct horse battery" });
    app.anonymous().post("/api/auth/log-in", log_in.clone()).await.refused(503, "unavailable");
    app.advance(SUCCESS_CACHE_TIME);
    app.anonymous().get("/readyz").await.refused(503, "unavailable");
    assert_eq!(app.anonymous().get("/healthz").await.status, 200);
    assert!(asked.elapsed() < Duration::from_secs(25), "{:?}", asked.elapsed());

    line.send_replace(Line::Open);
    until("the database is used again", async || owner.send(&channel, "after", &[]).await.status == 200).await;
    assert_eq!(owner.messages(&channel).await.len(), 2, "the same session, and nothing half");
    app.anonymous().post("/api/auth/log-in", log_in).await.ok();
}
