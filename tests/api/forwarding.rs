//! Forwarding: files that were sent before, in the message of a person, without a copy.

use serde_json::{Value, json};

use crate::support::{TestApp, User, on_both_engines, text};

on_both_engines![
    a_sent_file_is_forwarded_without_a_copy,
    files_stay_in_the_order_of_the_message,
    a_forwarded_file_is_visible_in_its_new_conversation,
    only_files_that_one_can_view_are_forwarded,
    unsent_files_are_not_forwarded,
    deleted_files_are_not_forwarded,
    a_forwarded_file_outlives_the_first_message,
    a_purged_file_is_gone_everywhere,
    forwarding_into_a_public_bucket_requires_sharing,
    forwarding_is_done_once_by_its_key,
];

async fn counted(user: &User) -> (i64, i64) {
    let totals = user.get("/api/files/totals").await.ok();
    (totals["count"].as_i64().unwrap(), totals["size"].as_i64().unwrap())
}

async fn used(user: &User) -> Value {
    user.get("/api/storage").await.ok()["usedBytes"].clone()
}

async fn a_sent_file_is_forwarded_without_a_copy(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let (general, random) = (owner.channel("general").await, owner.channel("random").await);
    let file = owner.send_file(&general, "plan.txt", "text/plain", b"plan").await;
    let before = used(&owner).await;
    let sent = member.send(&random, "see this", &[&file]).await.ok();
    assert_eq!(
        (&sent["attachments"][0]["id"], &sent["attachments"][0]["fileName"]),
        (&json!(file), &json!("plan.txt"))
    );
    assert_eq!(sent["attachments"][0]["seenIn"], sent["id"]);
    assert_eq!(counted(&owner).await, (1, 4));
    assert_eq!(used(&owner).await, before);
    assert_eq!(owner.messages(&general).await[0]["attachments"][0]["id"], json!(file));
}

async fn files_stay_in_the_order_of_the_message(app: TestApp) {
    let owner = app.owner().await;
    let (general, random) = (owner.channel("general").await, owner.channel("random").await);
    let old = owner.send_file(&general, "old.txt", "text/plain", b"old").await;
    let older = owner.send_file(&general, "older.txt", "text/plain", b"older").await;
    let first = owner.upload(&random, "first.txt", "text/plain", b"1").await;
    let last = owner.upload(&random, "last.txt", "text/plain", b"2").await;
    let sent = owner.send(&random, "", &[&first, &old, &older, &last]).await.ok();
    let names: Vec<_> = sent["attachments"].as_array().unwrap().iter().map(|file| text(&file["fileName"])).collect();
    assert_eq!(names, ["first.txt", "old.txt", "older.txt", "last.txt"]);
}

async fn a_forwarded_file_is_visible_in_its_new_conversation(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let (plans, general) = (owner.private_channel("plans").await, owner.channel("general").await);
    let file = owner.send_file(&plans, "plan.txt", "text/plain", b"plan").await;
    member.get(&format!("/api/messages/attachments/{file}")).await.refused(404, "not_found");
    owner.send(&general, "", &[&file]).await.ok();
    assert_eq!(member.download(&file, "").await.bytes, b"plan");
    assert_eq!(member.get(&format!("/api/files?channel={general}")).await.ok()["files"][0]["id"], json!(file));
}

async fn only_files_that_one_can_view_are_forwarded(app: TestApp) {
    let (owner, member, stranger) = (app.owner().await, app.member().await, app.other_organization().await);
    let (plans, general) = (owner.private_channel("plans").await, owner.channel("general").await);
    let away = stranger.channel("general").await;
    let hidden = owner.send_file(&plans, "plan.txt", "text/plain", b"plan").await;
    let theirs = stranger.send_file(&away, "theirs.txt", "text/plain", b"theirs").await;
    for (user, file) in [(&member, &hidden), (&member, &theirs), (&owner, &theirs)] {
        user.send(&general, "mine now", &[file]).await.refused(404, "not_found");
    }
    // A contact's file requires viewing the contact.
    let contact = owner.contact("Jane", "Doe", "5551234").await;
    let of_jane = owner.send_file(&text(&contact["channelId"]), "leak.txt", "text/plain", b"leak").await;
    let other = owner.contact("Bob", "Ray", "777").await;
    let guest = app.guest_of(&other).await;
    let bob = text(&other["channelId"]);
    assert!([403, 404].contains(&guest.send(&bob, "", &[&of_jane]).await.status));
    // And a role that can view files.
    let visible = owner.send_file(&general, "a.txt", "text/plain", b"a").await;
    let permissions = json!(["Channel:View", "Message:Send", "Attachment:Upload"]);
    let role = owner.post("/api/roles", json!({ "name": "Blind", "permissions": permissions })).await.ok();
    owner.patch(&format!("/api/members/{}", member.member_id), json!({ "role": role["id"] })).await.ok();
    member.send(&general, "", &[&visible]).await.refused(403, "forbidden");
    let own = member.upload(&general, "own.txt", "text/plain", b"own").await;
    member.send(&general, "", &[&own]).await.ok();
    assert_eq!(owner.messages(&general).await.len(), 2);
}

async fn unsent_files_are_not_forwarded(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let (general, random) = (owner.channel("general").await, owner.channel("random").await);
    let draft = owner.upload(&general, "draft.txt", "text/plain", b"draft").await;
    owner.send(&random, "", &[&draft]).await.refused(404, "not_found");
    member.send(&general, "", &[&draft]).await.refused(404, "not_found");
    owner.send(&general, "", &[&draft]).await.ok();
}

async fn deleted_files_are_not_forwarded(app: TestApp) {
    let owner = app.owner().await;
    let (general, random) = (owner.channel("general").await, owner.channel("random").await);
    let file = owner.send_file(&general, "a.txt", "text/plain", b"a").await;
    let kept = owner.send_file(&general, "b.txt", "text/plain", b"b").await;
    owner.delete(&format!("/api/attachments/{file}")).await.ok();
    owner.send(&random, "both", &[&kept, &file]).await.refused(404, "not_found");
    assert_eq!(owner.messages(&random).await, [Value::Null; 0]);
    owner.poke(&format!("/api/attachments/{file}/restore")).await.ok();
    owner.send(&random, "both", &[&kept, &file]).await.ok();
}

async fn a_forwarded_file_outlives_the_first_message(app: TestApp) {
    let owner = app.owner().await;
    let (general, random) = (owner.channel("general").await, owner.channel("random").await);
    let file = owner.send_file(&general, "a.txt", "text/plain", b"a").await;
    let first = text(&owner.messages(&general).await[0]["id"]);
    owner.send(&random, "", &[&file]).await.ok();
    owner.delete(&format!("/api/messages/{first}")).await.ok();
    assert_eq!(owner.download(&file, "").await.bytes, b"a");
    let second = text(&owner.messages(&random).await[0]["id"]);
    owner.delete(&format!("/api/messages/{second}")).await.ok();
    owner.get(&format!("/api/messages/attachments/{file}")).await.refused(404, "not_found");
}

async fn a_purged_file_is_gone_everywhere(app: TestApp) {
    let owner = app.owner().await;
    let (general, random) = (owner.channel("general").await, owner.channel("random").await);
    let file = owner.send_file(&general, "a.txt", "text/plain", b"a").await;
    owner.send(&random, "", &[&file]).await.ok();
    owner.delete(&format!("/api/attachments/{file}")).await.ok();
    owner.poke(&format!("/api/attachments/{file}/purge")).await.ok();
    for channel in [&general, &random] {
        let message = owner.messages(channel).await[0].clone();
        assert_eq!(message["attachments"], json!([]));
        assert_eq!(message["deletedAttachments"][0]["purged"], true);
        owner.send(channel, "", &[&file]).await.refused(404, "not_found");
    }
}

async fn forwarding_into_a_public_bucket_requires_sharing(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let general = owner.channel("general").await;
    let bucket = owner.post("/api/buckets", json!({ "name": "open", "publicDownloads": true })).await.ok();
    let bucket = text(&bucket["id"]);
    let file = owner.send_file(&general, "a.txt", "text/plain", b"a").await;
    let permissions = json!(["Channel:View", "Message:Send", "Message:ViewAttachment"]);
    let role = owner.post("/api/roles", json!({ "name": "Careful", "permissions": permissions })).await.ok();
    owner.patch(&format!("/api/members/{}", member.member_id), json!({ "role": role["id"] })).await.ok();
    member.send(&bucket, "", &[&file]).await.refused(403, "forbidden");
    owner.send(&bucket, "", &[&file]).await.ok();
    let log = owner.get("/api/audit-entries?action=shared").await.ok();
    let of_file = log["entries"].as_array().unwrap().iter().filter(|entry| entry["attachmentId"] == file.as_str());
    assert_eq!(of_file.count(), 1);
}

async fn forwarding_is_done_once_by_its_key(app: TestApp) {
    let owner = app.owner().await;
    let (general, random) = (owner.channel("general").await, owner.channel("random").await);
    let file = owner.send_file(&general, "a.txt", "text/plain", b"a").await;
    let body = json!({ "attachmentIds": [file], "idempotencyKey": "once" });
    let path = format!("/api/channels/{random}/messages");
    let first = owner.post(&path, body.clone()).await.ok();
    assert_eq!(owner.post(&path, body.clone()).await.ok()["id"], first["id"]);
    owner.delete(&format!("/api/attachments/{file}")).await.ok();
    assert_eq!(owner.post(&path, body).await.ok()["id"], first["id"], "the message was sent already");
    assert_eq!(owner.messages(&random).await.len(), 1);
}
