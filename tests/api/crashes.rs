//! Killed by SIGKILL at the worst time, the server starts again with everything it had acknowledged, and nothing
//! incomplete.

use std::collections::BTreeMap;

use futures::StreamExt;
use serde_json::json;
use tokio::sync::watch;

use crate::support::{
    Engines, Installation, Parts, Process, Upload, User, as_process_on_both_engines, assert_database_is_whole,
    end_leases, files_under, until,
};

as_process_on_both_engines![
    killed_in_a_part_it_keeps_those_that_were_whole,
    killed_in_an_upload_it_keeps_no_half_file_and_the_retry_succeeds,
    killed_in_a_storm_of_completions_it_keeps_each_file_whole,
    killed_in_a_storm_of_sends_it_keeps_each_acknowledged_message_once,
];

/// Number of concurrent requests.
const AT_ONCE: usize = 16;

pub async fn owner_of(server: &Process) -> User {
    let owner = User::new(&server.base);
    let body = json!({ "name": "Olga", "email": "owner@example.com", "password": "correct horse battery",
        "organization": "Harbour" });
    owner.post("/api/auth/sign-up", body).await.ok();
    owner
}

/// Kills the server when this many requests have succeeded.
async fn kill_after(server: Process, acknowledged: &watch::Sender<usize>, count: usize) {
    acknowledged.subscribe().wait_for(|so_far| *so_far >= count).await.expect("the storm goes on");
    server.kill();
}

async fn killed_in_a_part_it_keeps_those_that_were_whole(installation: Installation) {
    let server = installation.start();
    let owner = owner_of(&server).await;
    let channel = owner.channel("general").await;
    let bytes: Vec<u8> = (0_u32..5_000_000).flat_map(u32::to_le_bytes).collect();
    let parts = Parts::begin(&owner, &channel, "big.bin", "", &bytes).await;
    parts.send([1]).await;
    let mut half = vec![parts.sign(2).await.send_half().await];
    let mut kept: &[u64] = &[1];
    if installation.engines == Engines::SqliteLocal {
        // A part that had arrived is interrupted too, while it is sent again: it may be overwritten, so it no longer
        // counts.
        half.push(parts.sign(1).await.send_half().await);
        until("the part is cut", async || parts.arrived().await.is_empty()).await;
        kept = &[];
    }
    server.kill();
    drop(half);

    let server = installation.start();
    assert_database_is_whole(&installation).await;
    let parts = Parts { user: owner.at(&server.base), ..parts };
    assert_eq!(parts.arrived().await, kept);
    parts.send((1 + kept.len())..=3).await;
    parts.user.complete(parts.id()).await.ok();
    parts.user.send(&channel, "", &[parts.id()]).await.ok();
    assert!(parts.user.download(parts.id(), "").await.bytes == bytes);
}

async fn killed_in_an_upload_it_keeps_no_half_file_and_the_retry_succeeds(installation: Installation) {
    let server = installation.start();
    let owner = owner_of(&server).await;
    let channel = owner.channel("general").await;
    let kept = owner.send_file(&channel, "kept.txt", "text/plain", b"kept").await;
    let bytes = vec![b'x'; 8_000_000];
    let upload = owner.presign(&channel, "big.txt", "text/plain", &bytes).await;
    let connection = upload.send_half().await;
    let local_disk = installation.engines == Engines::SqliteLocal;
    if local_disk {
        let temporary = installation.data().join("files/tmp");
        until("bytes are on the disk", async || !files_under(&temporary).is_empty()).await;
    }
    server.kill();
    drop(connection);

    if local_disk {
        assert_eq!(files_under(&installation.data().join("files/objects")), [kept.as_str()]);
    }
    let server = installation.start();
    assert_database_is_whole(&installation).await;
    let owner = owner.at(&server.base);
    owner.complete(&upload.id).await.refused(422, "object_missing");
    let again = Upload::new(owner.retry(&upload.id).await.ok(), &bytes);
    assert_eq!(again.put().await.status, 200);
    owner.complete(&upload.id).await.ok();
    owner.send(&channel, "", &[&upload.id]).await.ok();
    assert_eq!(owner.download(&upload.id, "").await.bytes, bytes);
    assert_eq!(owner.download(&kept, "").await.bytes, b"kept");
}

async fn killed_in_a_storm_of_completions_it_keeps_each_file_whole(installation: Installation) {
    let server = installation.start();
    let owner = owner_of(&server).await;
    let channel = owner.channel("general").await;
    let mut uploads = Vec::new();
    for number in 0..60_usize {
        let name = format!("{number}.txt");
        uploads.push(owner.stage(&channel, &name, "text/plain", format!("file {number}").as_bytes()).await);
    }
    let acknowledged = watch::Sender::new(0);
    let complete = |upload: &Upload| {
        let (id, acknowledged) = (upload.id.clone(), &acknowledged);
        let request = owner.request(reqwest::Method::POST, &format!("/api/attachments/{id}/complete"));
        async move {
            let done = request.send().await.is_ok_and(|response| response.status() == 200);
            acknowledged.send_modify(|so_far| *so_far += usize::from(done));
            done
        }
    };
    let storm = futures::stream::iter(uploads.iter().map(complete)).buffered(AT_ONCE).collect::<Vec<_>>();
    let (done, ()) = tokio::join!(storm, kill_after(server, &acknowledged, 20));
    assert!(done.contains(&false), "the server was killed too late to show anything");

    let server = installation.start();
    assert_database_is_whole(&installation).await;
    end_leases(&installation).await;
    let owner = owner.at(&server.base);
    for upload in &uploads {
        // Wherever the other one was interrupted, this one finishes it.
        owner.complete(&upload.id).await.ok();
        assert_eq!(owner.download(&upload.id, "").await.bytes, upload.bytes);
    }
    let ids: Vec<_> = uploads.iter().map(|upload| upload.id.as_str()).collect();
    owner.send(&channel, "", &ids).await.ok();
}

async fn killed_in_a_storm_of_sends_it_keeps_each_acknowledged_message_once(installation: Installation) {
    let server = installation.start();
    let owner = owner_of(&server).await;
    let channel = owner.channel("general").await;
    let path = format!("/api/channels/{channel}/messages");
    let mut files = Vec::new();
    for number in 0..30_usize {
        let name = format!("{number}.txt");
        files.push(owner.upload(&channel, &name, "text/plain", format!("file {number}").as_bytes()).await);
    }
    // Every third has a file, so that a message is more than one row.
    let message = |key: usize| {
        let file = files.get(key / 3).filter(|_| key.is_multiple_of(3));
        let ids: Vec<_> = file.into_iter().collect();
        json!({ "body": key.to_string(), "idempotencyKey": key.to_string(), "attachmentIds": ids })
    };
    let acknowledged = watch::Sender::new(0);
    let send = |key: usize| {
        let request = owner.request(reqwest::Method::POST, &path).json(&message(key));
        let acknowledged = &acknowledged;
        async move {
            let sent = request.send().await.is_ok_and(|response| response.status() == 200);
            acknowledged.send_modify(|so_far| *so_far += usize::from(sent));
            (key, sent)
        }
    };
    let storm = futures::stream::iter(0..150).map(send).buffer_unordered(AT_ONCE).collect::<Vec<_>>();
    let (results, ()) = tokio::join!(storm, kill_after(server, &acknowledged, 40));
    assert!(results.iter().any(|(_, sent)| !sent), "the server was killed too late to show anything");

    let server = installation.start();
    assert_database_is_whole(&installation).await;
    let owner = owner.at(&server.base);
    let count = async || {
        let list = owner.get(&format!("{path}?limit=200")).await.ok();
        let mut counts = BTreeMap::<usize, usize>::new();
        for sent in list.as_array().unwrap() {
            let key = sent["body"].as_str().unwrap().parse().unwrap();
            let files = sent["attachments"].as_array().unwrap().len();
            assert_eq!(files, message(key)["attachmentIds"].as_array().unwrap().len(), "files of {key}");
            *counts.entry(key).or_default() += 1;
        }
        counts
    };
    let found = count().await;
    for (key, sent) in &results {
        assert!(!sent || found.get(key) == Some(&1), "{key} was acknowledged and is there {:?} times", found.get(key));
        assert!(found.get(key).is_none_or(|times| *times == 1), "{key} is there twice");
    }
    // Clients without a response retry, and nothing is duplicated.
    for key in 0..150 {
        owner.post(&path, message(key)).await.ok();
    }
    assert_eq!(count().await, (0..150).map(|key| (key, 1)).collect());
}
