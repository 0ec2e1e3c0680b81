//! The server is killed while programs upload files: acknowledged ones exist once, and nothing is incomplete.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use futures::{StreamExt, TryStreamExt};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::{Engines, Installation, Process, TestApp, User, text, until};

const DAY: Duration = Duration::from_hours(24);
const AT_ONCE: usize = 8;

async fn signed_up(server: &Process) -> User {
    let owner = User::new(&server.base);
    let body =
        json!({ "name": "O", "email": "o@example.com", "password": "correct horse battery", "organization": "O" });
    owner.post("/api/auth/sign-up", body).await.ok();
    owner
}

/// Returns the keys of all objects after the clean-up of some weeks, on the data of a killed server.
async fn left_after_clean_up(installation: &Installation) -> Vec<String> {
    let app = TestApp::start_with(installation.engines, |config| {
        config.database = installation.database.clone();
        config.storage = installation.storage.clone();
    })
    .await;
    for _ in 0..4 {
        app.advance(8 * DAY);
        run_due(&app.platform, JOBS).await.expect("jobs can be read");
    }
    let keys = app.platform.storage.list("").map_ok(|object| object.key).try_collect::<Vec<_>>().await;
    keys.expect("a list").into_iter().filter(|key| !key.starts_with("derived")).collect()
}

async fn half_a_form(engines: Engines) {
    let installation = Installation::alone(engines).await;
    let server = installation.start();
    let owner = signed_up(&server).await;
    let channel = owner.channel("door").await;
    let program = owner.program(&["messages:write", "attachments:write"]).await;
    let mut open = Vec::new();
    for path in ["/attachments/upload", "/messages/with-attachment"] {
        let head = format!(
            "POST /api/v1{path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: 8000000\r\ncontent-type: \
             multipart/form-data; boundary=b\r\n\r\n--b\r\ncontent-disposition: form-data; name=\"file\"; \
             filename=\"a.txt\"\r\n\r\n",
            program.secret
        );
        let mut connection = TcpStream::connect(&server.base["http://".len()..]).await.expect("the server is there");
        connection.write_all(head.as_bytes()).await.expect("the head can be sent");
        connection.write_all(&vec![b'x'; 4_000_000]).await.expect("half of the file can be sent");
        open.push(connection);
    }
    until("both halves are on the disk", async || server.nameless_files() >= open.len()).await;
    server.kill();
    drop(open);

    let server = installation.start();
    let owner = owner.at(&server.base);
    assert!(owner.messages(&channel).await.is_empty());
    assert_eq!(owner.get("/api/storage").await.ok()["usedBytes"], 0);
    server.kill();
    assert_eq!(left_after_clean_up(&installation).await, [""; 0]);
}

async fn a_storm(engines: Engines) {
    let installation = Installation::alone(engines).await;
    let server = installation.start();
    let owner = signed_up(&server).await;
    let channel = owner.channel("door").await;
    let program = owner.program(&["messages:write", "attachments:write"]).await;
    let acknowledged = AtomicUsize::new(0);
    let send = |number: usize| {
        let (program, acknowledged) = (&program, &acknowledged);
        async move {
            let file = format!("file {number}");
            let (path, title) = if number.is_multiple_of(2) {
                ("/messages/with-attachment", vec![("title", number.to_string()), ("bucketId", "door".to_owned())])
            } else {
                ("/attachments/upload", Vec::new())
            };
            let mut form = reqwest::multipart::Form::new();
            for (name, value) in title {
                form = form.text(name, value);
            }
            let part = reqwest::multipart::Part::bytes(file.into_bytes()).file_name("a.txt");
            let request = program.request(reqwest::Method::POST, path).multipart(form.part("file", part));
            let done = request.send().await.is_ok_and(|response| response.status() == 201);
            acknowledged.fetch_add(usize::from(done), Ordering::Relaxed);
            (number, done)
        }
    };
    let storm = futures::stream::iter(0..200).map(send).buffer_unordered(AT_ONCE).collect::<Vec<_>>();
    let kill = async {
        until("thirty are acknowledged", async || acknowledged.load(Ordering::Relaxed) >= 30).await;
        server.kill();
    };
    let (results, ()) = tokio::join!(storm, kill);
    assert!(results.iter().any(|(_, done)| !done), "the server was killed too late to show anything");

    let server = installation.start();
    let owner = owner.at(&server.base);
    let list = owner.get(&format!("/api/channels/{channel}/messages?limit=200")).await.ok();
    let mut found = Vec::new();
    for message in list.as_array().unwrap() {
        let number: usize = text(&message["title"]).parse().unwrap();
        let file = &message["attachments"][0];
        assert_eq!((&file["status"], message["attachments"].as_array().unwrap().len()), (&json!("complete"), 1));
        assert_eq!(owner.download(&text(&file["id"]), "").await.bytes, format!("file {number}").into_bytes());
        found.push(number);
    }
    found.sort_unstable();
    for (number, done) in results {
        let times = found.iter().filter(|there| **there == number).count();
        assert!(times <= 1 && (!done || number % 2 == 1 || times == 1), "{number} is there {times} times");
    }
    server.kill();
    // Nothing of the others stays: neither interrupted ones, nor those in no message.
    assert_eq!(left_after_clean_up(&installation).await.len(), found.len());
}

macro_rules! on {
    ($module:ident, $engines:ident) => {
        mod $module {
            use crate::support::Engines::$engines;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn killed_in_the_middle_of_a_form_it_keeps_nothing_of_it() {
                super::half_a_form($engines).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn killed_in_a_storm_of_files_it_keeps_each_acknowledged_message_once() {
                super::a_storm($engines).await;
            }
        }
    };
}

on!(sqlite_local, SqliteLocal);
on!(postgres_garage, PostgresGarage);
