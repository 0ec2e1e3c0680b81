//! The totals of files: sums that follow each change.

use attache::files::library::service::sum_totals;
use attache::files::quotas::service::sum_usage;
use serde_json::json;

use crate::support::{TestApp, User, files, on_both_engines, text};

on_both_engines![totals_follow_each_change, changes_are_added_once, changes_of_the_usage_are_added_once];

/// Counts the files of a list, and compares the totals.
async fn assert_totals(user: &User, query: &str) -> i64 {
    let page = user.get(&format!("/api/files?limit=200&{query}")).await.ok();
    let files = page["files"].as_array().unwrap();
    let size: u64 = files.iter().map(|file| file["fileSize"].as_u64().unwrap()).sum();
    let totals = user.get(&format!("/api/files/totals?{query}")).await.ok();
    assert_eq!(totals, json!({ "count": files.len(), "size": size }), "{query}");
    totals["count"].as_i64().unwrap()
}

/// Compares the storage usage with the rows of the files.
async fn assert_usage(app: &TestApp, owner: &User) {
    const STORED: &str = "attachments WHERE status <> 'failed' AND purged_at IS NULL";
    let usage = owner.get("/api/storage/usage").await.ok();
    let stored = app.count(STORED, "").await;
    assert_eq!(usage["files"], stored);
    assert_eq!(usage["deleted"]["files"], app.count(&format!("{STORED} AND deleted_at IS NOT NULL"), "").await);
    for list in ["byType", "byMember", "byChannel"] {
        let shares = usage[list].as_array().unwrap();
        let sum = |field: &str| shares.iter().map(|share| share[field].as_i64().unwrap()).sum::<i64>();
        assert_eq!((sum("files"), sum("bytes")), (stored, usage["room"]["usedBytes"].as_i64().unwrap()), "{list}");
        assert!(shares.is_sorted_by(|one, next| one["bytes"].as_i64() >= next["bytes"].as_i64()), "{list}");
    }
    for share in usage["byChannel"].as_array().unwrap() {
        let of_channel = app.count(&format!("{STORED} AND channel_id = {{id}}"), &text(&share["of"]["id"])).await;
        assert_eq!(share["files"], of_channel);
    }
}

/// A small generator, whose numbers are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % limit as u64).unwrap()
    }
}

async fn totals_follow_each_change(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let jane = owner.contact("Jane", "Doe", "").await;
    let guest = app.guest_of(&jane).await;
    let role =
        json!({ "role": "guest", "permissions": ["Message:Send", "Message:ViewAttachment", "Contact:ViewAssigned"] });
    owner.patch("/api/roles", role).await.ok();
    let bob = owner.contact("Bob", "", "").await;
    let channels = [
        text(&jane["channelId"]),
        text(&bob["channelId"]),
        owner.channel("general").await,
        owner.private_channel("board").await,
    ];
    let program = owner.program(&["messages:write"]).await;
    let mut numbers = Numbers(3);
    let (mut files, mut messages): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut most = 0;
    for round in 0..90 {
        let channel = &channels[numbers.below(channels.len())];
        if round < 6 || numbers.below(3) == 0 {
            let id = if numbers.below(2) == 0 {
                owner.upload(channel, "a.txt", "text/plain", format!("round {round}").as_bytes()).await
            } else {
                owner.upload(channel, "a.png", "image/png", &files::picture(4 + round, 4)).await
            };
            messages.push(text(&owner.send(channel, "", &[&id]).await.ok()["id"]));
            files.push(id);
        }
        let file = &files[numbers.below(files.len())];
        let message = &messages[numbers.below(messages.len())];
        // Some of these are rejected, such as restoring what is not deleted.
        match numbers.below(9) {
            0 => drop(owner.delete(&format!("/api/attachments/{file}")).await),
            1 | 2 => drop(owner.poke(&format!("/api/attachments/{file}/restore")).await),
            3 => drop(owner.delete(&format!("/api/messages/{message}")).await),
            4 => drop(owner.poke(&format!("/api/messages/{message}/restore")).await),
            5 | 6 => {
                let again = json!({ "bucketId": channel, "body": "again", "attachmentUuids": [file] });
                drop(program.post("/messages", again).await);
            }
            7 if round % 4 == 0 => drop(owner.poke(&format!("/api/attachments/{file}/purge")).await),
            7 => assert_eq!(app.sql("UPDATE attachments SET uploaded_by = NULL WHERE id = {id}", file).await, 1),
            _ => {
                sum_totals(app.platform.clone()).await.unwrap();
                sum_usage(app.platform.clone()).await.unwrap();
            }
        }
        if round % 6 == 5 {
            assert_usage(&app, &owner).await;
            for user in [&owner, &member, &guest] {
                let in_channel = format!("channel={}", channels[0]);
                for query in ["", "kinds=document", "kinds=image,video", "from=contacts", &in_channel] {
                    most = most.max(assert_totals(user, query).await);
                }
            }
        }
    }
    assert!(most > 8, "only {most} files");
}

async fn changes_are_added_once(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for name in ["1.txt", "2.txt", "3.txt"] {
        owner.send_file(&channel, name, "text/plain", b"x").await;
    }
    let (one, other) = tokio::join!(sum_totals(app.platform.clone()), sum_totals(app.platform.clone()));
    assert_eq!(one.unwrap() + other.unwrap(), 3);
    assert_eq!(sum_totals(app.platform.clone()).await.unwrap(), 0);
    assert_eq!(assert_totals(&owner, "").await, 3);
    assert_eq!(app.count("file_totals WHERE channel_id = {id} AND files = 3", &channel).await, 1);
}

async fn changes_of_the_usage_are_added_once(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let files = [("1.txt", "text/plain", &b"x"[..]), ("2.txt", "text/plain", b"yz")];
    for (name, content_type, bytes) in files {
        owner.send_file(&channel, name, content_type, bytes).await;
    }
    let (one, other) = tokio::join!(sum_usage(app.platform.clone()), sum_usage(app.platform.clone()));
    assert_eq!(one.unwrap() + other.unwrap(), 2, "only new files change the usage, not their completion");
    assert_eq!(sum_usage(app.platform.clone()).await.unwrap(), 0);
    assert_usage(&app, &owner).await;
    assert_eq!(app.count("storage_by_channel WHERE channel_id = {id} AND files = 2 AND bytes = 3", &channel).await, 1);
}
