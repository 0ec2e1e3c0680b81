//! Killed by SIGKILL at the worst moment, the server starts again with all that it had said yes to, and nothing half.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use sqlx::{Connection, SqliteConnection};

use crate::support::{Process, Upload, User, files_under};

async fn owner_of(server: &Process) -> User {
    let owner = User::new(&server.base);
    let body = json!({ "name": "Olga", "email": "owner@example.com", "password": "correct horse battery",
        "organization": "Harbour" });
    owner.post("/api/auth/sign-up", body).await.ok();
    owner
}

async fn assert_database_is_whole(data: &Path) {
    let url = format!("sqlite://{}", data.join("attache.db").display());
    let mut connection = SqliteConnection::connect(&url).await.expect("the database can be opened");
    let check = sqlx::query_scalar("PRAGMA integrity_check").fetch_all(&mut connection).await;
    let check: Vec<String> = check.expect("the database can be checked");
    assert_eq!(check, ["ok"]);
    let orphans = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut connection).await;
    assert!(orphans.expect("the database can be checked").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_an_upload_it_keeps_no_half_file_and_the_retry_succeeds() {
    let data = tempfile::tempdir().unwrap();
    let server = Process::start(data.path());
    let owner = owner_of(&server).await;
    let channel = owner.channel("general").await;
    let kept = owner.send_file(&channel, "kept.txt", "text/plain", b"kept").await;
    let bytes = vec![b'x'; 8_000_000];
    let upload = owner.presign(&channel, "big.txt", "text/plain", &bytes).await;
    let connection = upload.send_half().await;
    let temporary = data.path().join("files/tmp");
    while files_under(&temporary).is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    server.kill();
    drop(connection);

    assert_eq!(files_under(&data.path().join("files/objects")), [kept.as_str()]);
    let server = Process::start(data.path());
    assert_database_is_whole(data.path()).await;
    let owner = owner.at(&server.base);
    owner.complete(&upload.id).await.refused(422, "object_missing");
    let again = Upload::new(owner.retry(&upload.id).await.ok(), &bytes);
    assert_eq!(again.put().await.status, 200);
    owner.complete(&upload.id).await.ok();
    owner.send(&channel, "", &[&upload.id]).await.ok();
    assert_eq!(owner.download(&upload.id, "").await.bytes, bytes);
    assert_eq!(owner.download(&kept, "").await.bytes, b"kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_a_storm_of_sends_it_keeps_each_acknowledged_message_once() {
    let data = tempfile::tempdir().unwrap();
    let server = Process::start(data.path());
    let owner = owner_of(&server).await;
    let channel = owner.channel("general").await;
    let path = format!("/api/channels/{channel}/messages");
    let acknowledged = AtomicUsize::new(0);
    let send = |key: usize| {
        let body = json!({ "body": key.to_string(), "idempotencyKey": key.to_string() });
        let request = owner.request(reqwest::Method::POST, &path).json(&body);
        let acknowledged = &acknowledged;
        async move {
            let sent = request.send().await.is_ok_and(|response| response.status() == 200);
            acknowledged.fetch_add(usize::from(sent), Ordering::Relaxed);
            (key, sent)
        }
    };
    let storm = async {
        use futures::StreamExt;
        futures::stream::iter(0..150).map(send).buffer_unordered(16).collect::<Vec<_>>().await
    };
    let kill = async {
        while acknowledged.load(Ordering::Relaxed) < 40 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        server.kill();
    };
    let (results, ()) = tokio::join!(storm, kill);
    let refused = results.iter().filter(|(_, sent)| !sent).count();
    assert!(refused > 0, "the server was killed too late to show anything");

    let server = Process::start(data.path());
    assert_database_is_whole(data.path()).await;
    let owner = owner.at(&server.base);
    let count = async || {
        let list = owner.get(&format!("{path}?limit=200")).await.ok();
        let mut counts = BTreeMap::<usize, usize>::new();
        for message in list.as_array().unwrap() {
            *counts.entry(message["body"].as_str().unwrap().parse().unwrap()).or_default() += 1;
        }
        counts
    };
    let found = count().await;
    for (key, sent) in &results {
        assert!(!sent || found.get(key) == Some(&1), "{key} was acknowledged and is there {:?} times", found.get(key));
        assert!(found.get(key).is_none_or(|times| *times == 1), "{key} is there twice");
    }
    // Who got no answer sends again, and nothing is there twice.
    for key in 0..150 {
        let body = json!({ "body": key.to_string(), "idempotencyKey": key.to_string() });
        owner.post(&path, body).await.ok();
    }
    assert_eq!(count().await, (0..150).map(|key| (key, 1)).collect());
}
