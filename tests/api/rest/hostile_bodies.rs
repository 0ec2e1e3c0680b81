//! Endless and slow bodies, on every route that accepts files.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Engines, Installation, Part, Program, TestApp, User};

const ROUTES: [&str; 2] = ["/attachments/upload", "/messages/with-attachment"];
const LIMIT: usize = 10_000_000;
/// What the server reads of a rejected body.
const THROWN_AWAY: usize = 128 * 1024 * 1024;
const MAY_GROW: u64 = 32 * 1024 * 1024;

/// Returns the head of a form with this length, and the beginning of its file.
fn head(program: &Program, path: &str, length: usize, first: &str) -> String {
    format!(
        "POST /api/v1{path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: {length}\r\n\
         content-type: multipart/form-data; boundary=b\r\n\r\n--b\r\ncontent-disposition: form-data; {first}\r\n\r\n",
        program.secret
    )
}

const FILE: &str = "name=\"file\"; filename=\"a.txt\"";

async fn connect(base: &str) -> TcpStream {
    TcpStream::connect(&base["http://".len()..]).await.expect("the server can be reached")
}

/// Returns what the server sends before it disconnects.
async fn read_to_end(connection: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // If it disconnects with unread bytes, the response may be lost.
    let reading = tokio::time::timeout(Duration::from_secs(30), connection.read_to_end(&mut answer)).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(reading.is_ok(), "it stays open after: {answer}");
    answer
}

async fn a_gigabyte(engines: Engines) {
    let installation = Installation::new(engines).await;
    let server = installation.start();
    let owner = User::new(&server.base);
    let body =
        json!({ "name": "O", "email": "o@example.com", "password": "correct horse battery", "organization": "O" });
    owner.post("/api/auth/sign-up", body).await.ok();
    let channel = owner.channel("door").await;
    let program = owner.program(&["messages:write", "attachments:write"]).await;
    // Warms up everything that the first file initializes.
    let form = [("bucketId", Part::Text("door")), ("file", Part::File("a.txt", b"small"))];
    program.form("/messages/with-attachment", &form).await.created();
    let before = server.memory();
    for path in ROUTES {
        let mut connection = connect(&server.base).await;
        connection.write_all(head(&program, path, 1 << 30, FILE).as_bytes()).await.expect("the head can be sent");
        let chunk = vec![b'x'; 1_000_000];
        let (mut sent, mut most) = (0, before);
        while sent < 1 << 30 && connection.write_all(&chunk).await.is_ok() {
            sent += chunk.len();
            most = most.max(server.memory());
        }
        // The limit, and the buffers of two sockets.
        assert!(sent < THROWN_AWAY + 4 * LIMIT, "{path} took {sent} bytes");
        let answer = read_to_end(&mut connection).await;
        assert!(answer.is_empty() || answer.contains("file_too_large"), "{path}: {answer}");
        most = most.max(server.memory());
        assert!(most - before < MAY_GROW, "{path} took {} bytes of memory", most - before);
    }
    assert_eq!(owner.messages(&channel).await.len(), 1);
    assert_eq!(owner.get("/api/storage").await.ok()["usedBytes"], "small".len());
}

/// Returns endless input in places other than a file, and part of its error.
fn endless() -> Vec<(&'static str, String, &'static str)> {
    let field = |name: &str, content: &str| {
        format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{content}\r\n")
    };
    let zeros = format!("[{}0]", "0,".repeat(40_000));
    vec![
        ("before the form", "x".repeat(1_000_000), "before its first part"),
        ("in the headers of a part", format!("--b\r\na: {}", "x".repeat(1_000_000)), "headers of a part"),
        ("unknown fields", field("colour", &"y".repeat(90_000)), "colour"),
        ("items", field("attachments", &zeros), "attachments"),
        ("nested items", field("attachments", &format!("[{{\"a\": {zeros}}}]")), "attachments"),
        ("many fields", field("attachmentUuids", "x"), "attachmentUuids"),
        ("empty lists", field("attachments", "[]"), "more than 320 parts"),
    ]
}

async fn without_end() {
    let installation = Installation::new(Engines::SqliteLocal).await;
    let server = installation.start();
    let owner = User::new(&server.base);
    let body =
        json!({ "name": "O", "email": "o@example.com", "password": "correct horse battery", "organization": "O" });
    owner.post("/api/auth/sign-up", body).await.ok();
    owner.channel("door").await;
    let program = owner.program(&["messages:write", "attachments:write"]).await;
    let form = [("bucketId", Part::Text("door")), ("file", Part::File("a.txt", b"small"))];
    program.form("/messages/with-attachment", &form).await.created();
    let before = server.memory();
    for (what, piece, said) in endless() {
        let mut connection = connect(&server.base).await;
        let head = format!(
            "POST /api/v1/messages/with-attachment HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
             content-length: {}\r\nidempotency-key: {}\r\ncontent-type: multipart/form-data; boundary=b\r\n\r\n",
            program.secret,
            1_u64 << 40,
            what.replace(' ', "-")
        );
        connection.write_all(head.as_bytes()).await.expect("the head can be sent");
        let (mut sent, mut most) = (0, before);
        while sent < 200_000_000 && connection.write_all(piece.as_bytes()).await.is_ok() {
            sent += piece.len();
            if sent % 1_000_000 < piece.len() {
                most = most.max(server.memory());
            }
        }
        assert!(sent < THROWN_AWAY + 2 * LIMIT, "{what} took {sent} bytes");
        let answer = read_to_end(&mut connection).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400") && answer.contains(said), "{what}: {answer}");
        assert!(most.max(server.memory()) - before < MAY_GROW, "{what} took {} bytes of memory", most - before);
    }
}

async fn trickles(engines: Engines) {
    let app = TestApp::start_with(engines, |config| {
        config.attachments.body_grace = Duration::from_millis(300);
        config.attachments.max_file_size = 1000;
    })
    .await;
    let owner = app.owner().await;
    let channel = owner.channel("door").await;
    let program = owner.program(&["messages:write", "attachments:write"]).await;
    // In a file and in a text.
    for first in [[FILE, FILE], ["name=\"filename\"", "name=\"title\""]] {
        let mut slow = Vec::new();
        for (path, first) in ROUTES.into_iter().zip(first) {
            for _ in 0..20 {
                let mut connection = connect(&app.base).await;
                let head = head(&program, path, 900, first);
                connection.write_all(head.as_bytes()).await.expect("the head can be sent");
                connection.write_all(&[b'x'; 64]).await.expect("a part can be sent");
                slow.push(connection);
            }
        }
        // Others are still served.
        let form = [("bucketId", Part::Text("door")), ("file", Part::File("a.txt", b"small"))];
        program.form("/messages/with-attachment", &form).await.created();
        program.upload("b.txt", b"other").await;
        for mut connection in slow {
            let answer = read_to_end(&mut connection).await;
            assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("too_slow"), "{first:?}: {answer}");
        }
    }
    // The same for a JSON body.
    let mut connection = connect(&app.base).await;
    let head = format!(
        "POST /api/v1/messages HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: 900\r\n\
         content-type: application/json\r\n\r\n{{\"title\": ",
        program.secret
    );
    connection.write_all(head.as_bytes()).await.expect("the head can be sent");
    let answer = read_to_end(&mut connection).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert_eq!(owner.messages(&channel).await.len(), 2);
    if app.is_local_disk() {
        assert_eq!(app.files_under("tmp"), [""; 0]);
    }
}

async fn a_byte_too_many(engines: Engines) {
    let app = TestApp::start(engines).await;
    let owner = app.owner().await;
    let channel = owner.channel("door").await;
    let program = owner.program(&["messages:write", "attachments:write"]).await;
    let (most, more) = (vec![b'x'; LIMIT], vec![b'x'; LIMIT + 1]);
    for path in ROUTES {
        let form = |bytes| {
            let mut form = vec![("file", Part::File("a.txt", bytes))];
            form.extend((path == ROUTES[1]).then_some(("bucketId", Part::Text("door"))));
            form
        };
        program.form(path, &form(&more)).await.refused(400, "file_too_large");
        program.form(path, &form(&most)).await.created();
        // Each of several files is measured separately, and one that is too large rejects all.
        if path == ROUTES[1] {
            let mut both = form(&most);
            both.extend(form(&more));
            program.form(path, &both).await.refused(400, "file_too_large");
        }
    }
    assert_eq!(owner.messages(&channel).await.len(), 1);
    assert_eq!(owner.get("/api/storage").await.ok()["usedBytes"], 2 * LIMIT);
}

macro_rules! on {
    ($module:ident, $engines:ident) => {
        mod $module {
            use crate::support::Engines::$engines;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn a_gigabyte_is_cut_off_and_takes_little_memory() {
                super::a_gigabyte($engines).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn bodies_that_trickle_are_left_and_others_are_served() {
                super::trickles($engines).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn ten_megabytes_and_a_byte_are_refused() {
                super::a_byte_too_many($engines).await;
            }
        }
    };
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forms_without_end_take_little_memory() {
    without_end().await;
}

on!(sqlite_local, SqliteLocal);
on!(postgres_garage, PostgresGarage);
