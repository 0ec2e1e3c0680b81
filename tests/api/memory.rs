//! Transfers of files of any size in constant memory.

use bytes::Bytes;
use futures::StreamExt;
use futures::future::{join, join_all};
use serde_json::json;

use crate::support::{Engines, Installation, Process, Upload, User, checksum};

const SIZE: usize = 300_000_000;
const CHUNK: usize = 1_000_000;
const MAY_GROW: u64 = 32 * 1024 * 1024;

async fn sign_up(server: &Process) -> User {
    let owner = User::new(&server.base);
    let body =
        json!({ "name": "O", "email": "o@example.com", "password": "correct horse battery", "organization": "O" });
    owner.post("/api/auth/sign-up", body).await.ok();
    owner
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_file_through_local_disk_takes_little_memory() {
    let installation = Installation::new(Engines::SqliteLocal).await;
    let server = installation.start();
    let owner = sign_up(&server).await;
    let channel = owner.channel("general").await;
    // Warms up everything that the first request initializes.
    owner.send_file(&channel, "small.txt", "text/plain", b"small").await;
    let before = server.memory();

    let body = json!({ "type": "attachment", "channelId": channel, "fileName": "big.bin", "fileSize": SIZE });
    let upload = Upload::new(owner.post("/api/uploads/presign", body).await.ok(), b"");
    let mut most = before;
    let chunk = Bytes::from(vec![7_u8; CHUNK]);
    let (sender, mut receiver) = tokio::sync::mpsc::channel::<()>(SIZE / CHUNK);
    let chunks = futures::stream::iter(0..SIZE / CHUNK).map(move |_| {
        // Never full, because it is large enough.
        let _ = sender.try_send(());
        Ok::<_, std::io::Error>(chunk.clone())
    });
    let request = upload.request(&upload.url).header("content-length", SIZE).body(reqwest::Body::wrap_stream(chunks));
    let sending = tokio::spawn(request.send());
    while receiver.recv().await.is_some() {
        most = most.max(server.memory());
    }
    assert_eq!(sending.await.unwrap().unwrap().status(), 200);
    most = most.max(server.memory());
    assert!(most - before < MAY_GROW, "the upload took {} bytes of memory", most - before);

    owner.complete(&upload.id).await.ok();
    owner.send(&channel, "", &[&upload.id]).await.ok();
    let path = format!("/api/messages/attachments/{}", upload.id);
    let mut bytes = owner.request(reqwest::Method::GET, &path).send().await.unwrap().bytes_stream();
    let (mut total, mut until_look) = (0, CHUNK);
    while let Some(part) = bytes.next().await {
        let part = part.unwrap();
        assert!(part.iter().all(|byte| *byte == 7));
        total += part.len();
        if total >= until_look {
            most = most.max(server.memory());
            until_look += CHUNK;
        }
    }
    assert_eq!(total, SIZE);
    assert!(most - before < MAY_GROW, "the download took {} bytes of memory", most - before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_file_in_parts_takes_little_memory() {
    const PART: usize = 8 * 1024 * 1024;
    const COUNT: usize = 32;
    let installation = Installation::new(Engines::SqliteLocal).await;
    let server = installation.start();
    let owner = sign_up(&server).await;
    let channel = owner.channel("general").await;
    owner.send_file(&channel, "small.txt", "text/plain", b"small").await;
    let before = server.memory();

    let body = json!({ "type": "attachment", "channelId": channel, "fileName": "big.bin", "fileSize": PART * COUNT });
    let presigned = owner.post("/api/uploads/presign", body).await.ok();
    assert_eq!(presigned["multipart"], json!({ "partSize": PART, "partCount": COUNT }));
    let id = presigned["resourceId"].as_str().unwrap().to_owned();
    let bytes = Bytes::from(vec![7_u8; PART]);
    let parts: Vec<_> =
        (1..=COUNT).map(|number| json!({ "partNumber": number, "checksumSha256": checksum(&bytes) })).collect();
    let signed = owner.post(&format!("/api/attachments/{id}/parts"), json!({ "parts": parts })).await.ok();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let send = |part: &serde_json::Value| {
        let request = client.put(part["uploadUrl"].as_str().unwrap()).body(bytes.clone());
        async move { request.send().await.unwrap().status() }
    };
    let mut sending = futures::stream::iter(signed["parts"].as_array().unwrap()).map(send).buffer_unordered(4);
    let mut most = before;
    while let Some(status) = sending.next().await {
        assert_eq!(status, 200);
        most = most.max(server.memory());
    }
    owner.complete(&id).await.ok();
    most = most.max(server.memory());
    assert!(most - before < MAY_GROW, "the upload took {} bytes of memory", most - before);
}

/// Returns bytes that no zip compresses (a linear congruential generator, Knuth's MMIX constants).
fn incompressible(length: usize) -> Vec<u8> {
    let step = |state: &mut u64| {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Some(state.to_be_bytes()[0])
    };
    std::iter::repeat_n((), length).scan(1, |state, ()| step(state)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_zip_of_a_large_conversation_takes_little_memory() {
    const FILES: usize = 300;
    let installation = Installation::new(Engines::SqliteLocal).await;
    let server = installation.start();
    let owner = sign_up(&server).await;
    let channel = owner.channel("general").await;
    let bytes = incompressible(CHUNK);
    for number in 0..FILES {
        owner.send_file(&channel, &format!("{number}.bin"), "application/octet-stream", &bytes).await;
    }
    // Warms up everything that the first zip initializes.
    let message = owner.messages(&channel).await[0]["id"].as_str().unwrap().to_owned();
    owner.get(&format!("/api/messages/{message}/zip")).await;
    let before = server.memory();
    let path = format!("/api/channels/{channel}/zip");
    let mut archive = owner.request(reqwest::Method::GET, &path).send().await.unwrap().bytes_stream();
    let (mut total, mut until_look, mut most) = (0, CHUNK, before);
    while let Some(part) = archive.next().await {
        total += part.unwrap().len();
        if total >= until_look {
            most = most.max(server.memory());
            until_look += CHUNK;
        }
    }
    assert!(total > FILES * CHUNK, "{total} bytes");
    assert!(most - before < MAY_GROW, "the zip took {} bytes of memory", most - before);
}

/// The allocator keeps memory for each thread. A hash uses 19 MB, so the number of hashing threads matters.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn log_ins_keep_little_memory() {
    let installation = Installation::new(Engines::SqliteLocal).await;
    let server = installation.start();
    let owner = sign_up(&server).await;
    let channel = owner.channel("general").await;
    let file = owner.send_file(&channel, "a.bin", "application/octet-stream", &vec![7; 1_000_000]).await;
    let path = format!("/api/messages/attachments/{file}");
    let log_in = || async {
        let body = json!({ "email": "o@example.com", "password": "correct horse battery" });
        User::new(&server.base).post("/api/auth/log-in", body).await.ok();
    };
    join_all((0..4).map(|_| log_in())).await;
    let before = server.memory();
    for _ in 0..20 {
        // Reading files uses all threads.
        let downloads = join_all((0..30).map(|_| owner.get(&path)));
        join(downloads, join_all((0..4).map(|_| log_in()))).await;
    }
    let grown = server.memory().saturating_sub(before);
    assert!(grown < 40_000_000, "80 log-ins keep {grown} bytes");
}
