//! Deletion of files and messages: immediate on every route, restored with permission, and purged permanently.

use std::time::Duration;

use attache::files::attachments::removal::RemoveFilesOfChannel;
use attache::jobs::JOBS;
use attache::platform::jobs::{Attempt, INSTALLATION, Queued, Task, run_due};
use attache::platform::storage::{ObjectKey, StorageError};
use serde_json::{Value, json};

use crate::support::{TestApp, User, files, on_both_engines, on_one_pair, text};

on_both_engines![
    a_deleted_file_is_gone_at_once_and_leaves_a_tombstone,
    deleting_a_file_requires_uploader_or_permission,
    a_file_that_was_not_sent_is_deleted_by_its_uploader,
    an_admin_restores_a_deleted_file,
    a_deleter_can_restore_a_file_for_ten_minutes,
    a_purged_file_is_gone_for_good,
    listing_deleted_files_requires_the_restore_permission,
    deleted_files_are_paged,
    others_hear_of_it,
    lists_exclude_deleted_messages,
];
on_one_pair![postgres_garage_only, PostgresGarage: a_file_deleted_at_one_server_is_gone_at_another];

pub fn attachment(id: &str) -> String {
    format!("/api/attachments/{id}")
}

pub async fn only_message(user: &User, channel: &str) -> Value {
    user.messages(channel).await.remove(0)
}

async fn is_stored(app: &TestApp, id: &str) -> bool {
    match app.platform.storage.head(&ObjectKey::Attachment(id.parse().unwrap())).await {
        Ok(_) => true,
        Err(StorageError::NotFound) => false,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_a_deleted_bucket_are_purged_together() {
    let (app, statements) = TestApp::start_behind_statements().await;
    let owner = app.owner().await;
    let job = JOBS.iter().find(|job| job.name == RemoveFilesOfChannel::NAME).expect("there is such a job");
    let mut counts = Vec::new();
    for count in [2, 20] {
        let bucket = text(&owner.post("/api/buckets", json!({ "name": format!("door {count}") })).await.ok()["id"]);
        for number in 0..count {
            owner.send_file(&bucket, &format!("{number}.txt"), "text/plain", b"a").await;
        }
        let general = owner.channel(&format!("general {count}")).await;
        let used = owner.send_file(&bucket, "used.txt", "text/plain", b"a").await;
        let message = json!({ "bucketId": general, "body": "again", "attachmentUuids": [used] });
        owner.program(&["messages:write"]).await.post("/messages", message).await.created();
        owner.delete(&format!("/api/buckets/{bucket}")).await.ok();
        statements.reset();
        let attempt = Attempt { lane: INSTALLATION, is_last: false };
        let task = Task { subject: bucket.parse().unwrap(), attempt };
        assert_eq!((job.run)(app.platform.clone(), task).await, Ok(count));
        counts.push(statements.count());
        assert_eq!(app.count("attachments WHERE channel_id = {id} AND purged_at IS NULL", &bucket).await, 1);
        let jobs = "jobs WHERE name = 'remove_purged_objects' AND subject IN (SELECT id FROM attachments WHERE channel_id = {id})";
        assert_eq!(app.count(jobs, &bucket).await, i64::try_from(count).unwrap());
        run_due(&app.platform, JOBS).await.expect("jobs can be read");
        assert_eq!(app.count("attachments WHERE channel_id = {id} AND purged_at IS NULL", &bucket).await, 1);
        assert_eq!(owner.download(&used, "").await.bytes, b"a");
    }
    assert_eq!(counts[0], counts[1], "statements for 2 files, and for 20");
}

async fn a_deleted_file_is_gone_at_once_and_leaves_a_tombstone(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let kept = owner.upload(&channel, "kept.png", "image/png", &files::png("k")).await;
    let gone = owner.upload(&channel, "photo.png", "image/png", &files::png("g")).await;
    owner.send(&channel, "two", &[&kept, &gone]).await.ok();
    assert_eq!(member.download(&gone, "").await.status, 200);

    owner.delete(&attachment(&gone)).await.ok();
    for user in [&owner, &member] {
        for query in ["", "?download=1"] {
            user.get(&format!("/api/messages/attachments/{gone}{query}")).await.refused(404, "not_found");
        }
        assert_eq!(user.call("HEAD", &format!("/api/messages/attachments/{gone}"), None).await.status, 404);
        let message = only_message(user, &channel).await;
        assert_eq!(message["body"], "two");
        assert_eq!(message["attachments"].as_array().unwrap().len(), 1);
        assert_eq!(message["attachments"][0]["id"], kept.as_str());
        let tombstone = &message["deletedAttachments"][0];
        assert_eq!((&tombstone["id"], &tombstone["fileName"]), (&json!(gone), &json!("photo.png")));
        assert_eq!(tombstone["deletedBy"], "Olga Owner");
        assert!(tombstone["deletedAt"].is_string() && tombstone["url"].is_null());
        let listed = user.get(&format!("/api/files?channel={channel}")).await.ok();
        assert_eq!(listed["files"].as_array().unwrap().len(), 1);
    }
    assert!(is_stored(&app, &gone).await, "the object is kept");
    owner.delete(&attachment(&gone)).await.refused(404, "not_found");

    owner.patch("/api/roles", json!({ "role": "member", "permissions": ["Channel:View"] })).await.ok();
    let unseen = only_message(&member, &channel).await;
    assert_eq!((&unseen["hiddenAttachments"], &unseen["deletedAttachments"]), (&json!(1), &Value::Null));
}

async fn deleting_a_file_requires_uploader_or_permission(app: TestApp) {
    let (owner, admin, member) = (app.owner().await, app.admin().await, app.member().await);
    let channel = owner.channel("general").await;
    let of_owner = owner.send_file(&channel, "a.txt", "text/plain", b"a").await;
    let of_member = member.send_file(&channel, "b.txt", "text/plain", b"b").await;
    member.delete(&attachment(&of_owner)).await.refused(403, "forbidden");
    app.other_organization().await.delete(&attachment(&of_owner)).await.refused(404, "not_found");
    assert_eq!(owner.download(&of_owner, "").await.status, 200);
    member.delete(&attachment(&of_member)).await.ok();
    admin.delete(&attachment(&of_owner)).await.ok();
    let secret = owner.private_channel("plans").await;
    let hidden = owner.send_file(&secret, "c.txt", "text/plain", b"c").await;
    admin.delete(&attachment(&hidden)).await.refused(404, "not_found");
}

async fn a_file_that_was_not_sent_is_deleted_by_its_uploader(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let draft = owner.upload(&channel, "a.txt", "text/plain", b"a").await;
    app.admin().await.delete(&attachment(&draft)).await.refused(404, "not_found");
    owner.delete(&attachment(&draft)).await.ok();
    owner.send(&channel, "", &[&draft]).await.refused(404, "not_found");
    assert_eq!(owner.get("/api/deleted-attachments").await.ok()["files"], json!([]));
}

async fn an_admin_restores_a_deleted_file(app: TestApp) {
    let (owner, admin, member) = (app.owner().await, app.admin().await, app.member().await);
    let channel = owner.channel("general").await;
    let id = member.send_file(&channel, "a.txt", "text/plain", b"a").await;
    let restore = format!("/api/attachments/{id}/restore");
    admin.poke(&restore).await.refused(409, "conflict");
    owner.delete(&attachment(&id)).await.ok();
    member.poke(&restore).await.refused(403, "forbidden");
    admin.poke(&restore).await.ok();
    assert_eq!(member.download(&id, "").await.bytes, b"a");
    let message = only_message(&member, &channel).await;
    assert_eq!((&message["attachments"][0]["id"], &message["deletedAttachments"]), (&json!(id), &Value::Null));
}

async fn a_deleter_can_restore_a_file_for_ten_minutes(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let id = member.send_file(&channel, "a.txt", "text/plain", b"a").await;
    let restore = format!("/api/attachments/{id}/restore");
    member.delete(&attachment(&id)).await.ok();
    app.advance(Duration::from_mins(9));
    member.poke(&restore).await.ok();
    assert_eq!(member.download(&id, "").await.status, 200);
    member.delete(&attachment(&id)).await.ok();
    app.advance(Duration::from_mins(11));
    member.poke(&restore).await.refused(403, "forbidden");
    owner.poke(&restore).await.ok();
}

async fn a_purged_file_is_gone_for_good(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let id = member.send_file(&channel, "a.txt", "text/plain", b"a").await;
    let purge = format!("/api/attachments/{id}/purge");
    owner.poke(&purge).await.refused(409, "conflict");
    member.delete(&attachment(&id)).await.ok();
    member.poke(&purge).await.refused(403, "forbidden");
    for _ in 0..2 {
        owner.poke(&purge).await.ok();
        run_due(&app.platform, JOBS).await.unwrap();
        assert!(!is_stored(&app, &id).await);
    }
    owner.poke(&format!("/api/attachments/{id}/restore")).await.refused(409, "conflict");
    assert_eq!(owner.get("/api/deleted-attachments").await.ok()["files"], json!([]));
    assert_eq!(only_message(&member, &channel).await["deletedAttachments"][0]["fileName"], "a.txt");
    assert_eq!(only_message(&member, &channel).await["deletedAttachments"][0]["purged"], true);
    // Nor is it restored with its message.
    let message = text(&only_message(&owner, &channel).await["id"]);
    owner.delete(&format!("/api/messages/{message}")).await.ok();
    owner.poke(&format!("/api/messages/{message}/restore")).await.ok();
    assert_eq!(only_message(&member, &channel).await["attachments"], json!([]));
    member.get(&format!("/api/messages/attachments/{id}")).await.refused(404, "not_found");
}

async fn listing_deleted_files_requires_the_restore_permission(app: TestApp) {
    let (owner, admin) = (app.owner().await, app.admin().await);
    let jane = owner.contact("Jane", "Doe", "5551234").await;
    let (to_jane, private) = (text(&jane["channelId"]), owner.private_channel("plans").await);
    let shown = owner.send_file(&to_jane, "photo.png", "image/png", &files::png("g")).await;
    let hidden = owner.send_file(&private, "plan.txt", "text/plain", b"p").await;
    for id in [&shown, &hidden] {
        owner.delete(&attachment(id)).await.ok();
    }
    let list = admin.get("/api/deleted-attachments").await.ok();
    assert_eq!(list["files"].as_array().unwrap().len(), 1, "{list}");
    let file = &list["files"][0];
    assert_eq!((&file["id"], &file["fileName"]), (&json!(shown), &json!("photo.png")));
    assert_eq!((&file["channel"]["name"], &file["deletedBy"]), (&json!("Jane Doe"), &json!("Olga Owner")));
    assert_eq!((&file["contentType"], &file["deletedWithMessage"]), (&json!("image/png"), &json!(false)));
    assert_eq!(owner.get("/api/deleted-attachments").await.ok()["files"].as_array().unwrap().len(), 2);
    let elsewhere = app.other_organization().await.get("/api/deleted-attachments").await.ok();
    assert_eq!(elsewhere, json!({ "files": [], "next": null }));
}

async fn deleted_files_are_paged(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let mut ids = Vec::new();
    for _ in 0..60 {
        ids.push(owner.upload(&channel, "a.txt", "text/plain", b"a").await);
    }
    let all: Vec<_> = ids.iter().map(String::as_str).collect();
    let message = text(&owner.send(&channel, "", &all).await.ok()["id"]);
    // All concurrently.
    owner.delete(&format!("/api/messages/{message}")).await.ok();
    let first = owner.get("/api/deleted-attachments").await.ok();
    let second = owner.get(&format!("/api/deleted-attachments?before={}", text(&first["next"]))).await.ok();
    assert!(second["next"].is_null());
    let mut listed: Vec<_> = [&first, &second]
        .iter()
        .flat_map(|page| page["files"].as_array().unwrap())
        .map(|file| text(&file["id"]))
        .collect();
    assert_eq!(first["files"].as_array().unwrap().len(), 50);
    listed.reverse();
    assert_eq!(listed, ids);
    owner.get("/api/deleted-attachments?before=x").await.refused_field("before");
}

async fn others_hear_of_it(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.txt", "text/plain", b"a").await;
    let message = text(&only_message(&owner, &channel).await["id"]);
    let mut heard = member.listen().await;
    let expected = json!({ "channelId": channel, "messageId": message });
    for (method, path) in [
        ("DELETE", attachment(&id)),
        ("POST", format!("/api/attachments/{id}/restore")),
        ("DELETE", format!("/api/messages/{message}")),
        ("POST", format!("/api/messages/{message}/restore")),
    ] {
        owner.call(method, &path, None).await.ok();
        let event = heard.next().await;
        assert_eq!((event.name.as_str(), &event.data), ("message.changed", &expected), "{path}");
    }
}

async fn lists_exclude_deleted_messages(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let (a, b) = (
        owner.upload(&channel, "a.txt", "text/plain", b"a").await,
        owner.upload(&channel, "b.png", "image/png", &files::png("b")).await,
    );
    let id = text(&owner.send(&channel, "", &[&a, &b]).await.ok()["id"]);
    let row = async || member.get("/api/conversations?kind=team").await.ok()[0].clone();
    let before = row().await;
    assert_eq!((&before["unreadCount"], &before["lastMessage"]["attachmentCount"]), (&json!(1), &json!(2)));
    assert_eq!(before["lastMessage"]["contentType"], "text/plain");
    owner.delete(&attachment(&a)).await.ok();
    let one = row().await;
    assert_eq!((&one["unreadCount"], &one["lastMessage"]["attachmentCount"]), (&json!(1), &json!(1)));
    assert_eq!(one["lastMessage"]["contentType"], "image/png");
    owner.delete(&format!("/api/messages/{id}")).await.ok();
    let gone = row().await;
    assert_eq!((&gone["unreadCount"], &gone["lastMessage"]["deleted"]), (&json!(0), &json!(true)));
    assert_eq!((&gone["lastMessage"]["attachmentCount"], &gone["lastMessage"]["fileName"]), (&json!(0), &Value::Null));
    owner.poke(&format!("/api/messages/{id}/restore")).await.ok();
    let back = row().await;
    assert_eq!((&back["unreadCount"], &back["lastMessage"]["attachmentCount"]), (&json!(1), &json!(1)));
}

async fn a_file_deleted_at_one_server_is_gone_at_another(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.txt", "text/plain", b"a").await;
    let elsewhere = owner.at(&app.second_server().await.base);
    let path = format!("/api/messages/attachments/{id}");
    assert_eq!(elsewhere.get(&path).await.status, 302);
    owner.delete(&attachment(&id)).await.ok();
    elsewhere.get(&path).await.refused(404, "not_found");
    elsewhere.poke(&format!("/api/attachments/{id}/restore")).await.ok();
    assert_eq!(owner.get(&path).await.status, 302);
}
