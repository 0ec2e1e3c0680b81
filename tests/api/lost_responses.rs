//! A store that works, but whose response is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::multipart;
use crate::support::{TestApp, relay};

/// How many responses to one kind of request are still to be lost, and were lost.
#[derive(Clone, Default)]
struct Losses {
    left: Arc<AtomicUsize>,
    lost: Arc<AtomicUsize>,
}

impl Losses {
    fn next(&self) -> bool {
        let is_lost = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        self.lost.fetch_add(usize::from(is_lost), Ordering::SeqCst);
        is_lost
    }
}

/// Forwards bytes in both directions, and closes the connection instead of forwarding the response to a request that
/// `is_meant`.
async fn carry(client: TcpStream, server: TcpStream, losses: Losses, is_meant: fn(&str) -> bool) {
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (client.into_split(), server.into_split());
    let (mut request, mut answer) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    let mut is_lost = false;
    loop {
        tokio::select! {
            read = from_client.read(&mut request) => {
                let Ok(length @ 1..) = read else { return };
                is_lost = is_lost || (is_meant(&String::from_utf8_lossy(&request[..length])) && losses.next());
                if to_server.write_all(&request[..length]).await.is_err() { return }
            }
            read = from_server.read(&mut answer) => {
                let Ok(length @ 1..) = read else { return };
                if is_lost || to_client.write_all(&answer[..length]).await.is_err() { return }
            }
        }
    }
}

async fn start(is_meant: fn(&str) -> bool) -> (TestApp, Losses) {
    let losses = Losses::default();
    let given = losses.clone();
    let app = TestApp::start_behind(async move |store| {
        relay(&store, move |client, server| carry(client, server, given.clone(), is_meant)).await
    });
    (app.await, losses)
}

fn joins(request: &str) -> bool {
    request.starts_with("POST ") && request.contains("uploadId=")
}

fn copies(request: &str) -> bool {
    request.to_ascii_lowercase().contains("\r\nx-amz-copy-source:")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_whose_parts_were_joined_is_complete() {
    for times in [1, 5] {
        let (app, losses) = start(joins).await;
        let (owner, parts) = (app.owner().await, multipart::begin(&app).await);
        parts.send([1, 2, 3]).await;
        losses.left.store(times, Ordering::SeqCst);
        let completed = owner.complete(parts.id()).await.ok();
        assert_eq!(completed["status"], "complete", "{times} answers were lost");
        assert!(losses.lost.load(Ordering::SeqCst) > 0);
        let sent = [1, 2, 3].map(|number| parts.part(number)).concat();
        assert!(owner.download(parts.id(), "").await.bytes == sent, "other bytes are stored");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_was_copied_is_complete() {
    for times in [1, 5] {
        let (app, losses) = start(copies).await;
        let owner = app.owner().await;
        let channel = owner.channel("general").await;
        let upload = owner.stage(&channel, "a.txt", "text/plain", b"in one put").await;
        losses.left.store(times, Ordering::SeqCst);
        let completed = owner.complete(&upload.id).await.ok();
        assert_eq!(completed["status"], "complete", "{times} answers were lost");
        assert!(losses.lost.load(Ordering::SeqCst) > 0);
        assert_eq!(owner.download(&upload.id, "").await.bytes, b"in one put");
    }
}
