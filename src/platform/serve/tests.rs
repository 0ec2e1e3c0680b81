//! Tests of connections with the limits of a real server, with simulated time.

use std::future::pending;

use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::{Instant, sleep};

use super::*;

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

fn connect(router: Router) -> DuplexStream {
    let (ours, theirs) = tokio::io::duplex(16 * 1024);
    let watch = Arc::new(Watch::new(ConnectionLimits::default(), false));
    tokio::spawn(connection(theirs, SocketAddr::from(([127, 0, 0, 1], 1)), router, watch));
    ours
}

fn router() -> Router {
    Router::new().route("/", get(|| async { "ok" })).route("/never", post(pending::<()>))
}

/// Returns the seconds until the server closes the connection, and what it sent until then.
async fn ends_after(connection: &mut DuplexStream) -> (u64, String) {
    let (begun, mut answer) = (Instant::now(), Vec::new());
    let _ = connection.read_to_end(&mut answer).await;
    (begun.elapsed().as_secs(), String::from_utf8_lossy(&answer).into_owned())
}

#[tokio::test(start_paused = true)]
async fn silence_and_heads_end_after_30_seconds() {
    for start in [&b""[..], b"G", b"GET / HTTP/1.1\r\nHost: x\r\nX: ", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut connection = connect(router());
        connection.write_all(start).await.unwrap();
        assert_eq!(ends_after(&mut connection).await.0, 30, "{:?}", start.escape_ascii().to_string());
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_request_head_ends_after_30_seconds() {
    let (mut reader, mut writer) = tokio::io::split(connect(router()));
    let trickle = tokio::spawn(async move {
        writer.write_all(b"GET / HTTP/1.1\r\nX: ").await.unwrap();
        while writer.write_all(b"x").await.is_ok() {
            sleep(Duration::from_secs(1)).await;
        }
    });
    let begun = Instant::now();
    let mut answer = Vec::new();
    let _ = reader.read_to_end(&mut answer).await;
    assert_eq!(begun.elapsed().as_secs(), 30);
    trickle.abort();
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_ends_75_seconds_after_its_last_request() {
    let mut connection = connect(router());
    let mut answer = [0; 1024];
    for _ in 0..3 {
        connection.write_all(REQUEST).await.unwrap();
        let read = connection.read(&mut answer).await.unwrap();
        assert!(answer[..read].starts_with(b"HTTP/1.1 200"));
        sleep(Duration::from_secs(70)).await;
    }
    connection.write_all(REQUEST).await.unwrap();
    let (seconds, answer) = ends_after(&mut connection).await;
    assert_eq!((seconds, &answer[..12]), (75, "HTTP/1.1 200"));
}

#[tokio::test(start_paused = true)]
async fn running_requests_keep_their_connection() {
    let mut connection = connect(router());
    connection.write_all(b"POST /never HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").await.unwrap();
    let waited = tokio::time::timeout(Duration::from_hours(1), connection.read(&mut [0; 10])).await;
    assert!(waited.is_err(), "it was ended");
}

#[tokio::test(start_paused = true)]
async fn active_connections_stay_open() {
    let events = || async {
        Body::from_stream(futures::stream::unfold(0, |count| async move {
            sleep(Duration::from_mins(2)).await;
            (count < 10).then_some((Ok::<_, Infallible>("event"), count + 1))
        }))
    };
    let routes =
        Router::new().route("/", get(events)).route("/", post(|body: Bytes| async move { body.len().to_string() }));
    let mut connection = connect(routes);
    connection.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\n").await.unwrap();
    for _ in 0..30 {
        sleep(Duration::from_secs(100)).await;
        connection.write_all(b"x").await.unwrap();
    }
    let mut answer = [0; 1024];
    let read = connection.read(&mut answer).await.unwrap();
    assert!(answer[..read].ends_with(b"30"), "{}", answer[..read].escape_ascii());
    connection.write_all(REQUEST).await.unwrap();
    let (_, streamed) = ends_after(&mut connection).await;
    assert_eq!(streamed.matches("event").count(), 10);
}

/// Returns a megabyte, more than any buffer holds.
fn long() -> Router {
    Router::new().route("/", get(|| async { vec![7_u8; 1_000_000] }))
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_nothing_is_disconnected_after_5_minutes() {
    let mut connection = connect(long());
    connection.write_all(REQUEST).await.unwrap();
    sleep(Duration::from_secs(299)).await;
    // A client that begins to read in time has another five minutes for the rest.
    let mut first = vec![0; 8192];
    connection.read_exact(&mut first).await.unwrap();
    sleep(Duration::from_secs(301)).await;
    let mut rest = Vec::new();
    let _ = connection.read_to_end(&mut rest).await;
    assert!(rest.len() < 100_000, "{} bytes waited", rest.len());
}

/// Speaks HTTP/2 (RFC 9113): a GET of /, and answers to all pings. Returns after how many seconds the server closes the
/// connection. `window` is how many bytes of a response it may send.
async fn http2_ends_after(router: Router, window: u8) -> u64 {
    let (mut reader, mut writer) = tokio::io::split(connect(router));
    writer.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    // SETTINGS with INITIAL_WINDOW_SIZE, then HEADERS of a GET of / at x, ended.
    writer.write_all(&[0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, window]).await.unwrap();
    writer.write_all(&[0, 0, 6, 1, 5, 0, 0, 0, 1, 0x82, 0x84, 0x86, 0x41, 1, b'x']).await.unwrap();
    let begun = Instant::now();
    let mut head = [0; 9];
    while reader.read_exact(&mut head).await.is_ok() {
        let mut payload = vec![0; usize::from(head[1]) << 8 | usize::from(head[2])];
        if reader.read_exact(&mut payload).await.is_err() {
            break;
        }
        // PING without ACK.
        if head[3] == 6 && head[4] & 1 == 0 {
            let answer = [&[0, 0, 8, 6, 1, 0, 0, 0, 0][..], &payload].concat();
            if writer.write_all(&answer).await.is_err() {
                break;
            }
        }
    }
    begun.elapsed().as_secs()
}

#[tokio::test(start_paused = true)]
async fn an_http2_client_that_reads_nothing_is_disconnected_too() {
    let seconds = http2_ends_after(long(), 0).await;
    // It is checked with each ping.
    assert!((300..=380).contains(&seconds), "{seconds} s");
}

#[tokio::test(start_paused = true)]
async fn pings_do_not_keep_an_idle_http2_connection_open() {
    let seconds = http2_ends_after(router(), 100).await;
    assert!((75..=80).contains(&seconds), "{seconds} s");
}

#[test]
fn connections_leave_half_of_the_open_files() {
    assert_eq!(connections_max(None), CONNECTIONS_MAX);
    assert_eq!(connections_max(Some(1_000_000)), CONNECTIONS_MAX);
    assert_eq!(connections_max(Some(1024)), 512);
    assert_eq!(connections_max(Some(0)), 1);
}

#[test]
fn hosts() {
    for right in ["example.com", "example.com:8080", "127.0.0.1:1", "[::1]:80", "xn--bcher-kva.example"] {
        assert!(is_host(&HeaderValue::from_str(right).unwrap()), "{right}");
    }
    for wrong in ["", "a b", "a/b", "u@a", "a:b:c", "a?b", "a, b"] {
        assert!(!is_host(&HeaderValue::from_str(wrong).unwrap()), "{wrong}");
    }
}
