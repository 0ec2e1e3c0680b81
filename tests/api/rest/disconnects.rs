//! Clients that disconnect: their request is done, and a retry gets its response.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use attache::platform::remote_fetch::{Lookup, Network};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{TestApp, files, on_both_engines, until};

on_both_engines![running_requests_finish_once_after_a_disconnect];

/// Resolves all hosts to 127.0.0.2, which plays the internet.
struct Dns;

impl Lookup for Dns {
    fn lookup(&self, _: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        async move { Ok(vec![[127, 0, 0, 2].into()]) }.boxed()
    }
}

async fn running_requests_finish_once_after_a_disconnect(app: TestApp) {
    let site = TcpListener::bind(("127.0.0.2", 0)).await.expect("the address is free");
    let address: SocketAddr = site.local_addr().expect("a bound socket has an address");
    let network = Network::opened(Dns, &[address]);
    let app = TestApp::start_with(app.engines, |config| config.remote_fetch.network = network).await;
    let owner = app.owner().await;
    let channel = owner.channel("door").await;
    let program = owner.program(&["messages:write", "messages:read"]).await;
    let url = format!("http://files.test:{}/a.png", address.port());
    let body =
        json!({ "bucketId": "door", "attachments": [{ "mediaType": "IMAGE", "url": url, "saveOnServer": true }] });
    let text = body.to_string();
    let request = format!(
        "POST /api/v1/messages HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\nidempotency-key: ring-1\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{text}",
        program.secret,
        text.len()
    );
    let mut client = TcpStream::connect(&app.base["http://".len()..]).await.expect("the server can be reached");
    client.write_all(request.as_bytes()).await.expect("the request can be sent");
    // The request is half-way.
    let (mut fetch, _) = site.accept().await.expect("the server fetches the picture");
    let mut head = vec![0; 4096];
    assert!(fetch.read(&mut head).await.expect("the server asks") > 0);
    drop(client);
    // It does not disconnect itself.
    let given_up = tokio::time::timeout(Duration::from_millis(500), fetch.read(&mut head)).await;
    assert!(given_up.is_err(), "what was asked is dropped: {given_up:?}");
    let picture = files::picture(8, 8);
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", picture.len());
    fetch.write_all(&[answer.as_bytes(), &picture].concat()).await.expect("the picture can be sent");
    until("the message is sent", async || !owner.messages(&channel).await.is_empty()).await;
    // A retry during the request must wait.
    let mut again = None;
    until("the answer is kept", async || {
        let request = program.request(reqwest::Method::POST, "/messages").header("idempotency-key", "ring-1");
        let answer = program.send_request(request.json(&body)).await;
        assert!(matches!(answer.status, 201 | 409), "{}", answer.text());
        let is_kept = answer.status == 201;
        again = Some(answer);
        is_kept
    })
    .await;
    assert_eq!(again.expect("an answer").header("idempotency-replayed"), "true");
    assert_eq!(owner.messages(&channel).await.len(), 1);
}
