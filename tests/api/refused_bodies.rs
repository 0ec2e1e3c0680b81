//! Requests that are rejected before their body was read: the client gets the error, whether it reads while it sends or
//! not, and later requests still work. A client that sends everything before it reads is the harder case, so these do.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{TestApp, User, on_both_engines, on_one_pair};

on_both_engines![
    a_large_body_that_is_refused_is_read_to_its_end,
    a_small_body_that_is_refused_leaves_the_connection,
    expect_continue_clients_are_not_asked_for_a_body,
    a_body_that_stops_is_not_waited_for,
    a_body_that_breaks_off_is_no_large_one,
];
on_one_pair![sqlite_local_only, SqliteLocal: a_refused_upload_is_read_to_its_end];

const MEGABYTE: usize = 1_000_000;

async fn connect(app: &TestApp) -> TcpStream {
    TcpStream::connect(&app.base["http://".len()..]).await.expect("the server can be reached")
}

fn head(user: &User, first: &str, length: usize) -> String {
    let token = user.token().unwrap_or_default();
    format!(
        "{first} HTTP/1.1\r\nhost: x\r\ncookie: attache_session={token}\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n"
    )
}

/// Sends everything, then reads until the server disconnects.
async fn exchange(app: &TestApp, head: &str, length: usize) -> String {
    let mut connection = connect(app).await;
    connection.write_all(format!("{head}\r\n").as_bytes()).await.expect("the head can be sent");
    let chunk = vec![b' '; MEGABYTE];
    let mut left = length;
    while left > 0 {
        let now = left.min(MEGABYTE);
        connection.write_all(&chunk[..now]).await.expect("all of the body can be sent");
        left -= now;
    }
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.expect("the answer can be read to its end");
    answer
}

#[track_caller]
fn assert_closes(answer: &str, status: &str, kind: &str) {
    let lower = answer.to_ascii_lowercase();
    assert!(answer.starts_with(&format!("HTTP/1.1 {status}")) && answer.contains(kind), "{answer}");
    assert!(lower.contains("connection: close"), "{answer}");
    assert_eq!(lower.matches("http/1.1 ").count(), 1, "one answer: {answer}");
}

async fn a_large_body_that_is_refused_is_read_to_its_end(app: TestApp) {
    let owner = app.owner().await;
    let large = 30 * MEGABYTE;
    let answer = exchange(&app, &head(&owner, "POST /api/channels", large), large).await;
    assert_closes(&answer, "413", "too_large");
    let foreign = format!("{}origin: https://evil.example\r\n", head(&owner, "POST /api/channels", large));
    assert_closes(&exchange(&app, &foreign, large).await, "403", "cross_origin");
    let form = format!(
        "POST /api/v1/attachments/upload HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=b\r\n\
         content-length: {large}\r\n"
    );
    assert_closes(&exchange(&app, &form, large).await, "401", "unauthenticated");
}

async fn a_refused_upload_is_read_to_its_end(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let large = 60 * MEGABYTE;
    let upload = owner.presign(&channel, "a.txt", "text/plain", b"abc").await;
    let path = upload.url.strip_prefix(&app.base).expect("it is of this server");
    let refused = async |path: &str, content_type: &str| {
        let head =
            format!("PUT {path} HTTP/1.1\r\nhost: x\r\ncontent-type: {content_type}\r\ncontent-length: {large}\r\n");
        exchange(&app, &head, large).await
    };
    assert_closes(&refused(path, "text/plain").await, "422", "size_mismatch");
    assert_closes(&refused(path, "text/html").await, "415", "unsupported_media_type");
    assert_closes(&refused(&format!("{path}A"), "text/plain").await, "403", "invalid_signature");
    // Rejected requests leave nothing, and announced bytes are accepted.
    assert_eq!(app.files_under("tmp"), [""; 0]);
    assert_eq!(upload.put().await.status, 200);
}

/// Reads one response with a length.
async fn read_answer(connection: &mut TcpStream) -> String {
    let mut answer = String::new();
    loop {
        let mut byte = [0];
        connection.read_exact(&mut byte).await.expect("the answer goes on");
        answer.push(char::from(byte[0]));
        if answer.ends_with("\r\n\r\n") {
            break;
        }
    }
    let length = answer.to_ascii_lowercase();
    let length = length.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()).expect("a length");
    let mut body = vec![0; length.parse().expect("a number")];
    connection.read_exact(&mut body).await.expect("the answer has its body");
    answer + &String::from_utf8_lossy(&body)
}

async fn a_small_body_that_is_refused_leaves_the_connection(app: TestApp) {
    let owner = app.owner().await;
    let mut connection = connect(&app).await;
    for _ in 0..3 {
        let head = format!("{}origin: https://evil.example\r\n\r\n", head(&owner, "POST /api/channels", MEGABYTE));
        connection.write_all(head.as_bytes()).await.expect("the head can be sent");
        connection.write_all(&vec![b' '; MEGABYTE]).await.expect("the body can be sent");
        let answer = read_answer(&mut connection).await;
        assert!(answer.starts_with("HTTP/1.1 403") && !answer.contains("close"), "{answer}");
    }
}

async fn expect_continue_clients_are_not_asked_for_a_body(app: TestApp) {
    let owner = app.owner().await;
    let head = format!("{}expect: 100-continue\r\norigin: null\r\n", head(&owner, "POST /api/channels", MEGABYTE));
    assert_closes(&exchange(&app, &head, 0).await, "403", "cross_origin");
}

async fn a_body_that_stops_is_not_waited_for(app: TestApp) {
    let head = head(&app.owner().await, "POST /api/channels", 30 * MEGABYTE);
    assert_closes(&exchange(&app, &head, 3 * MEGABYTE).await, "413", "too_large");
}

async fn a_body_that_breaks_off_is_no_large_one(app: TestApp) {
    let owner = app.owner().await;
    let token = owner.token().unwrap_or_default();
    let mut connection = connect(&app).await;
    let request = format!(
        "POST /api/channels HTTP/1.1\r\nhost: x\r\ncookie: attache_session={token}\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\n\r\n5\r\n{{\"nam\r\nnonsense\r\n"
    );
    connection.write_all(request.as_bytes()).await.expect("it can be sent");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.expect("the answer can be read");
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("was incomplete"), "{answer}");
    assert_eq!(owner.get("/api/channels").await.ok(), json!([]));
}
