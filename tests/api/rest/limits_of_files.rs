//! Limits of programs' files: size, types, speed, and whether they are accepted at all.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::support::{Engines, Part, TestApp, files, on_both_engines, text};

on_both_engines![limits_are_those_of_the_description, storing_can_be_turned_off,];

const ALL: [&str; 6] =
    ["messages:write", "messages:read", "attachments:write", "attachments:read", "attachments:delete", "buckets:write"];

async fn limits_are_those_of_the_description(app: TestApp) {
    let program = app.owner().await.program(&ALL).await;
    let sized = |size: usize| {
        let mut bytes = files::png("");
        bytes.resize(size, b'x');
        bytes
    };
    let most = sized(10_000_000);
    let largest = program.form("/attachments/upload", &[("file", Part::File("a.png", &most))]).await.created();
    assert_eq!(largest["fileSize"], 10_000_000);
    let more = sized(10_000_001);
    let refused = program.form("/attachments/upload", &[("file", Part::File("a.png", &more))]).await;
    let refused = refused.refused(400, "file_too_large");
    assert!(text(&refused["message"]).contains("10 MB"), "{refused}");
    for (bytes, of_type) in [
        (files::HTML.to_vec(), "text/html"),
        (b"PK\x03\x04\x14\0\0\0\0\0".to_vec(), "application/zip"),
        ([&b"\x7fELF\x02\x01\x01\0"[..], &[0; 64]].concat(), "application/x-executable"),
        (vec![0; 100], "application/octet-stream"),
    ] {
        // The name does not matter.
        let refused = program.form("/attachments/upload", &[("file", Part::File("a.png", &bytes))]).await;
        let refused = refused.refused(400, "file_type_not_allowed");
        assert!(text(&refused["message"]).contains(of_type), "{refused}");
    }
    program.form("/attachments/upload", &[("file", Part::File("a.png", b""))]).await.refused(422, "invalid_value");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gigabyte_is_cut_off_at_the_limit() {
    let app = TestApp::start(Engines::SqliteLocal).await;
    let program = app.owner().await.program(&ALL).await;
    let head = format!(
        "POST /api/v1/attachments/upload HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: 1073741824\r\n\
         content-type: multipart/form-data; boundary=b\r\n\r\n--b\r\ncontent-disposition: form-data; name=\"file\"; \
         filename=\"a.png\"\r\n\r\n",
        program.secret
    );
    let address = app.base["http://".len()..].to_owned();
    let sent = tokio::task::spawn_blocking(move || {
        let mut connection = TcpStream::connect(address).expect("the server can be reached");
        connection.write_all(head.as_bytes()).expect("the head can be sent");
        let chunk = vec![b'x'; 1_000_000];
        let mut sent = 0_u64;
        while sent < 1 << 30 && connection.write_all(&chunk).is_ok() {
            sent += 1_000_000;
        }
        let mut answer = Vec::new();
        let _ = connection.read_to_end(&mut answer);
        (sent, String::from_utf8_lossy(&answer).into_owned())
    });
    let (sent, answer) = sent.await.expect("the client does not panic");
    // The buffers of two sockets beside the limit, and what is read of a rejected body so that the response arrives.
    assert!(sent < 40_000_000 + 128 * 1024 * 1024, "{sent} bytes were taken");
    assert!(answer.is_empty() || answer.contains("file_too_large"), "{answer}");
    assert_eq!(app.files_under("tmp"), [""; 0]);
    assert_eq!(app.files_under("objects"), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_trickles_is_left() {
    let app = TestApp::start_with(Engines::SqliteLocal, |config| {
        config.attachments.body_grace = Duration::from_millis(300);
        config.attachments.max_file_size = 1000;
    })
    .await;
    let program = app.owner().await.program(&ALL).await;
    let head = format!(
        "POST /api/v1/attachments/upload HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {}\r\n\
         content-length: 900\r\ncontent-type: multipart/form-data; boundary=b\r\n\r\n--b\r\ncontent-disposition: form-data; \
         name=\"file\"; filename=\"a.png\"\r\n\r\n",
        program.secret
    );
    let address = app.base["http://".len()..].to_owned();
    let answer = tokio::task::spawn_blocking(move || {
        let mut connection = TcpStream::connect(address).expect("the server can be reached");
        connection.write_all(head.as_bytes()).expect("the head can be sent");
        connection.write_all(&[b'x'; 64]).expect("a part can be sent");
        // Then nothing more: the server times out first.
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).expect("the server answers");
        String::from_utf8_lossy(&answer).into_owned()
    });
    let answer = answer.await.expect("the client does not panic");
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("timed out"), "{answer}");
    assert_eq!(app.files_under("tmp"), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_upload_permission_is_checked_before_the_body() {
    let app = TestApp::start(Engines::SqliteLocal).await;
    let owner = app.owner().await;
    let (guest, reader) = (app.guest().await.program(&ALL).await, owner.program(&["messages:read"]).await);
    for (secret, answer) in [(guest.secret, "403"), (reader.secret, "403"), ("zat_nobody".to_owned(), "401")] {
        for path in ["/attachments/upload", "/messages/with-attachment"] {
            let head = format!(
                "POST /api/v1{path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {secret}\r\nconnection: close\r\n\
                 content-length: 1000000\r\ncontent-type: multipart/form-data; boundary=b\r\n\r\n"
            );
            let address = app.base["http://".len()..].to_owned();
            let refused = tokio::task::spawn_blocking(move || {
                let mut connection = TcpStream::connect(address).expect("the server can be reached");
                connection.write_all(head.as_bytes()).expect("the head can be sent");
                let mut start = [0; 12];
                connection.read_exact(&mut start).expect("the server answers");
                String::from_utf8_lossy(&start).into_owned()
            });
            assert_eq!(refused.await.expect("the client does not panic"), format!("HTTP/1.1 {answer}"), "{path}");
        }
    }
    assert_eq!(app.files_under("tmp"), [""; 0]);
}

async fn storing_can_be_turned_off(app: TestApp) {
    let off = TestApp::start_with(app.engines, |config| config.attachments.enabled = false).await;
    let program = off.owner().await.program(&ALL).await;
    let refused = program.form("/attachments/upload", &[("file", Part::File("a.png", &files::png("a")))]).await;
    refused.refused(403, "attachments_disabled");
    let refused = program.post("/attachments/download-from-url", json!({ "url": "https://example.com/a.png" })).await;
    refused.refused(403, "attachments_disabled");
    let owner = off.owner().await;
    let channel = owner.channel("door").await;
    let form = [("bucketId", Part::Text("door")), ("file", Part::File("a.png", &files::png("a")))];
    program.form("/messages/with-attachment", &form).await.refused(403, "attachments_disabled");
    let url = "https://example.com/a.png";
    let kept =
        json!({ "bucketId": "door", "attachments": [{ "mediaType": "IMAGE", "url": url, "saveOnServer": true }] });
    program.post("/messages", kept).await.refused(403, "attachments_disabled");
    assert!(owner.messages(&channel).await.is_empty());
    // A URL is not stored.
    program.post("/messages", json!({ "bucketId": "door", "imageUrl": url })).await.created();
}
