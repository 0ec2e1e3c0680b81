//! Connections: how many there may be, how long they may do nothing, and requests whose end is not clear.

use std::net::TcpStream;
use std::time::Duration;

use attache::platform::serve::ConnectionLimits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout};

use crate::support::{Engines, Installation, TestApp};

const HEAD_TIMEOUT: Duration = Duration::from_millis(600);
const IDLE_TIMEOUT: Duration = Duration::from_millis(1500);

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
        config.connections = ConnectionLimits {
            head_timeout: HEAD_TIMEOUT,
            idle_timeout: IDLE_TIMEOUT,
            stall_timeout: Duration::from_millis(800),
        };
    })
    .await
}

async fn connect(app: &TestApp) -> tokio::net::TcpStream {
    tokio::net::TcpStream::connect(&app.base["http://".len()..]).await.expect("the server listens")
}

/// Reads until the server hangs up; returns what came and how long it took.
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
    // A head that trickles is not kept alive by each of its bytes.
    let mut connection = connect(&app).await;
    let (mut reader, mut writer) = connection.split();
    let trickle = async {
        for byte in b"GET /healthz HTTP/1.1\r\nX: ".iter().chain(std::iter::repeat_n(&b'x', 1000)) {
            if writer.write_all(&[*byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let mut answer = Vec::new();
    let ended = async {
        tokio::select! {
            read = reader.read_to_end(&mut answer) => drop(read),
            () = trickle => panic!("the whole head was read"),
        }
    };
    timeout(Duration::from_secs(15), ended).await.expect("the connection ends");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_connections_live_longer_than_heads_and_end_too() {
    let app = start().await;
    let mut connection = connect(&app).await;
    let request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut buffer = [0; 4096];
    for _ in 0..2 {
        connection.write_all(request).await.unwrap();
        let read = connection.read(&mut buffer).await.unwrap();
        assert!(buffer[..read].starts_with(b"HTTP/1.1 200"));
        tokio::time::sleep(HEAD_TIMEOUT + Duration::from_millis(200)).await;
    }
    connection.write_all(request).await.unwrap();
    let (answer, took) = read_to_end(&mut connection).await;
    assert!(answer.starts_with("HTTP/1.1 200"));
    assert!(took >= IDLE_TIMEOUT / 2, "idle for {took:?} only");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_moves_or_waits_for_events_is_not_cut() {
    let app = start().await;
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let mut events = owner.listen().await;
    // An upload whose bytes come slowly, but come.
    let upload = owner.presign(&channel, "a.bin", "application/octet-stream", &[7; 40]).await;
    let slow = futures::stream::unfold(0, |sent| async move {
        tokio::time::sleep(Duration::from_millis(100)).await;
        (sent < 40).then(|| (Ok::<_, std::io::Error>(vec![7_u8; 1]), sent + 1))
    });
    let request = upload.request(&upload.url).header("content-length", 40).body(reqwest::Body::wrap_stream(slow));
    assert_eq!(request.send().await.unwrap().status(), 200);
    owner.complete(&upload.id).await.ok();
    owner.send(&channel, "", &[&upload.id]).await.ok();
    events.next_named("message.created").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_reads_nothing_is_left() {
    let app = start().await;
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.bin", "application/octet-stream", &vec![7; 30_000_000]).await;
    let mut connection = connect(&app).await;
    let head = format!(
        "GET /api/messages/attachments/{id} HTTP/1.1\r\nHost: x\r\nCookie: attache_session={}\r\n\r\n",
        owner.token().expect("a session")
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(4)).await;
    let mut all = Vec::new();
    let _ = timeout(Duration::from_secs(20), connection.read_to_end(&mut all)).await.expect("it was ended");
    assert!(all.len() < 29_000_000, "the whole file waited for its reader");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_whose_end_is_not_clear_are_refused() {
    let app = start().await;
    let hidden = "0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    for (head, expected) in [
        ("Host: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400),
        ("Host: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400),
        ("Host: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n", 400),
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
    // The same requests, sound.
    for sound in ["Host: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "Host: x\r\nContent-Length: 0\r\n\r\n"] {
        let mut connection = connect(&app).await;
        let request = format!("POST /api/auth/log-out HTTP/1.1\r\nConnection: close\r\n{sound}");
        connection.write_all(request.as_bytes()).await.unwrap();
        let (answer, _) = read_to_end(&mut connection).await;
        assert!(!answer.starts_with("HTTP/1.1 400"), "{sound:?}: {answer}");
    }
}
