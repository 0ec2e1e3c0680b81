//! A database that is away for a while: the answer says so soon, and the server recovers without a restart.

use std::time::Duration;

use attache::platform::config::DatabaseUrl;
use attache::platform::readiness::KEPT;
use serde_json::json;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::support::{Engines, TestApp, until};

/// Stands before PostgreSQL; gives its address, and what ends all connections and makes no others.
async fn stand_before(database: String) -> (String, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("a bound socket has an address");
    let (away, watched) = watch::channel(false);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (database, mut watched) = (database.clone(), watched.clone());
            tokio::spawn(async move {
                if *watched.borrow() {
                    return;
                }
                let mut server = TcpStream::connect(database).await.expect("the database can be reached");
                tokio::select! {
                    _ = copy_bidirectional(&mut client, &mut server) => {}
                    _ = watched.wait_for(|away| *away) => {}
                }
            });
        }
    });
    (address.to_string(), away)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_was_away_is_used_again() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let DatabaseUrl::Postgres(url) = Engines::PostgresGarage.database(folder.path()).await else {
        panic!("PostgreSQL")
    };
    let host =
        url.split_once('@').expect("a user is named").1.split_once('/').expect("a database is named").0.to_owned();
    let (address, away) = stand_before(host.clone()).await;
    let url = url.replacen(&host, &address, 1);
    let app = TestApp::start_with(Engines::PostgresGarage, |all| all.database = DatabaseUrl::Postgres(url)).await;
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    owner.send(&channel, "before", &[]).await.ok();

    away.send_replace(true);
    let asked = Instant::now();
    let refused = owner.get(&format!("/api/channels/{channel}/messages")).await;
    assert!(!refused.header("retry-after").is_empty(), "{:?}", refused.headers);
    refused.refused(503, "unavailable");
    owner.send(&channel, "meanwhile", &[]).await.refused(503, "unavailable");
    let log_in = json!({ "email": owner.email, "password": "correct horse battery" });
    app.anonymous().post("/api/auth/log-in", log_in.clone()).await.refused(503, "unavailable");
    app.advance(KEPT);
    app.anonymous().get("/readyz").await.refused(503, "unavailable");
    assert_eq!(app.anonymous().get("/healthz").await.status, 200);
    assert!(asked.elapsed() < Duration::from_secs(25), "{:?}", asked.elapsed());

    away.send_replace(false);
    until("the database is used again", async || owner.send(&channel, "after", &[]).await.status == 200).await;
    assert_eq!(owner.messages(&channel).await.len(), 2, "the same session, and nothing half");
    app.anonymous().post("/api/auth/log-in", log_in).await.ok();
}
