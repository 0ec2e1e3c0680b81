//! Connections: their maximum, idle timeouts, and requests with an ambiguous end.

use std::net::TcpStream;
use std::time::Duration;

use attache::platform::serve::ConnectionLimits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout};

use crate::support::{Engines, Installation, TestApp};

const HEAD_TIMEOUT: Duration = Duration::from_millis(600);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_may_stay_connected_than_a_shell_allows_open_files() {
    let server = Installation::new(Engines::SqliteLocal).await.start_with_open_files(64);
    let address = server.base.trim_start_matches("http://").to_owned();
    let idle: Vec<_> = (0..200).map(|_| TcpStream::connect(&address).expect("the server listens")).collect();
    let asked = reqwest::Client::builder().timeout(Duration::from_secs(10)).build().expect("a client");
    let answer = asked.get(format!("{}/healthz", server.base)).send().await.expect("it answers beside them");
    assert_eq!(answer.status(), 200);
    drop(idle);
}

async fn start() -> TestApp {
    TestApp::start_with(Engines::SqliteLocal, |config| {
        config.connections = ConnectionLimits { head_timeout: HEAD_TIMEOUT, ..ConnectionLimits::default() };
    })
    .await
}

async fn connect(app: &TestApp) -> tokio::net::TcpStream {
    tokio::net::TcpStream::connect(&app.base["http://".len()..]).await.expect("the server listens")
}

/// Reads until the server closes the connection. Returns the bytes and the duration.
async fn read_to_end(connection: &mut tokio::net::TcpStream) -> (String, Duration) {
    let (begun, mut answer) = (Instant::now(), Vec::new());
    let reading = timeout(Duration::from_secs(20), connection.read_to_end(&mut answer)).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(reading.is_ok(), "the connection stays open after: {answer}");
    (answer, begun.elapsed())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heads_and_silence_end_in_time() {
    let app = start().await;
    for begin in ["", "G", "GET /healthz HTTP/1.1\r\nHost: x\r\nX-a: ", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut connection = connect(&app).await;
        connection.write_all(begin.as_bytes()).await.unwrap();
        let (_, took) = read_to_end(&mut connection).await;
        assert!(took >= HEAD_TIMEOUT / 2, "{begin:?} ended after {took:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_are_sent_ahead_are_looked_at_one_by_one() {
    let app = start().await;
    let sound = [
        "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /api/auth/log-out HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
        "POST /api/auth/log-out HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    ];
    let hidden = "0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    for first in sound {
        for lengths in [
            "Content-Length: 5\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked\r\nContent-Length: 5",
            "Content-Length: 5\r\nContent-Length: 5",
        ] {
            let mut connection = connect(&app).await;
            let second = format!("POST /api/auth/log-out HTTP/1.1\r\nHost: x\r\n{lengths}\r\n\r\n{hidden}");
            connection.write_all(format!("{first}{second}").as_bytes()).await.unwrap();
            let (answers, _) = read_to_end(&mut connection).await;
            assert!(answers.starts_with("HTTP/1.1 200"), "{first:?}: {answers}");
            assert!(answers.contains("HTTP/1.1 400"), "{first:?} and {lengths:?}: {answers}");
            assert_eq!(answers.matches("HTTP/1.1").count(), 2, "two answers and no more: {answers}");
        }
    }
    let mut connection = connect(&app).await;
    let last = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    connection.write_all([&sound.concat(), &sound.concat(), last].concat().as_bytes()).await.unwrap();
    let (answers, _) = read_to_end(&mut connection).await;
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 7, "{answers}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_whose_end_is_not_clear_are_refused() {
    let app = start().await;
    let hidden = "0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    for (head, expected) in [
        ("Host: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400),
        ("Host: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400),
        ("Host: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n", 400),
        ("Host: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n", 400),
        ("Host: x\r\nTransfer-Encoding: gzip, chunked\r\n", 400),
        ("Host:\r\nContent-Length: 0\r\n", 400),
        ("Host: a b/c@d\r\nContent-Length: 0\r\n", 400),
        ("Content-Length: 0\r\n", 400),
        ("Host: x\r\nHost: y\r\nContent-Length: 0\r\n", 400),
        ("Host: x\r\nHost: x\r\nContent-Length: 0\r\n", 400),
    ] {
        let mut connection = connect(&app).await;
        let request = format!("POST /api/auth/log-out HTTP/1.1\r\n{head}\r\n{hidden}");
        connection.write_all(request.as_bytes()).await.unwrap();
        let (answer, _) = read_to_end(&mut connection).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {expected}")), "{head:?}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "one answer and no more: {answer}");
    }
    // A part of an object to put.
    for path in ["/api/channels/x/members", "/api/storage/staging/x", "/"] {
        let mut connection = connect(&app).await;
        let head = "Host: x\r\nContent-Range: bytes 0-4/10\r\nContent-Length: 0\r\n";
        connection.write_all(format!("PUT {path} HTTP/1.1\r\n{head}\r\n").as_bytes()).await.unwrap();
        let (answer, _) = read_to_end(&mut connection).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{path}: {answer}");
    }
    // The same requests, valid.
    for sound in ["Host: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "Host: x\r\nContent-Length: 0\r\n\r\n"] {
        let mut connection = connect(&app).await;
        let request = format!("POST /api/auth/log-out HTTP/1.1\r\nConnection: close\r\n{sound}");
        connection.write_all(request.as_bytes()).await.unwrap();
        let (answer, _) = read_to_end(&mut connection).await;
        assert!(!answer.starts_with("HTTP/1.1 400"), "{sound:?}: {answer}");
    }
}
