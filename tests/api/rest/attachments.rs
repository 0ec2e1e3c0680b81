//! Stored files of programs: access, reading, removal and clean-up. And uploads directly to the storage.

use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use reqwest::Method;
use serde_json::json;

use crate::support::{Engines, Part, TestApp, files, on_both_engines, text};

on_both_engines![
    files_of_others_do_not_exist,
    a_bound_token_uploads_for_its_bucket_alone,
    own_uploads_are_listed_with_status_and_reason,
    a_file_goes_straight_to_the_storage,
    parts_conditions_and_head,
    a_removed_file_leaves_a_tombstone_where_it_was_used,
    clean_up_removes_unreferenced_objects,
];

const ALL: [&str; 6] =
    ["messages:write", "messages:read", "attachments:write", "attachments:read", "attachments:delete", "buckets:write"];

async fn files_of_others_do_not_exist(app: TestApp) {
    let owner = app.owner().await;
    let id = owner.program(&ALL).await.upload("a.png", &files::png("x")).await;
    for other in [app.member().await, app.admin().await, app.other_organization().await] {
        let program = other.program(&ALL).await;
        program.get(&format!("/attachments/{id}")).await.refused(404, "not_found");
        program.get(&format!("/attachments/{id}/download")).await.refused(404, "not_found");
        program.call("DELETE", &format!("/attachments/{id}"), None).await.refused(404, "not_found");
        program.post(&format!("/attachments/{id}/complete"), json!({})).await.refused(404, "not_found");
        program.post(&format!("/attachments/{id}/fail"), json!({})).await.refused(404, "not_found");
    }
    app.anonymous().get(&format!("/api/v1/attachments/{id}/download/public")).await.refused(404, "not_found");
    let guest = app.guest().await.program(&ALL).await;
    let refused = guest.form("/attachments/upload", &[("file", Part::File("a.png", &files::png("x")))]).await;
    refused.refused(403, "forbidden");
    let team = owner.channel("deploys").await;
    owner.send_file(&team, "b.png", "image/png", &files::png("b")).await;
    let message = text(&owner.messages(&team).await[0]["id"]);
    let listed = app.member().await.program(&ALL).await.get(&format!("/attachments/message/{message}")).await.ok();
    assert_eq!(listed["attachments"][0]["filename"], "b.png");
    guest.get(&format!("/attachments/message/{message}")).await.refused(404, "not_found");
}

async fn a_bound_token_uploads_for_its_bucket_alone(app: TestApp) {
    let owner = app.owner().await;
    let all = owner.program(&ALL).await;
    let bucket = text(&all.post("/buckets", json!({ "name": "mine" })).await.created()["id"]);
    let bound = owner.bound_program(&ALL, &bucket).await;
    let mine = bound.upload("a.png", &files::png("a")).await;
    assert_eq!(bound.download(&mine).await.bytes, files::png("a"));
    // Other files of the same person are not found.
    let elsewhere = all.upload("b.png", &files::png("b")).await;
    bound.get(&format!("/attachments/{elsewhere}")).await.refused(404, "not_found");
    bound.get(&format!("/attachments/{elsewhere}/download")).await.refused(404, "not_found");
    bound.call("DELETE", &format!("/attachments/{elsewhere}"), None).await.refused(404, "not_found");
    let team = owner.channel("deploys").await;
    let sent = owner.send_file(&team, "c.png", "image/png", &files::png("c")).await;
    bound.get(&format!("/attachments/{sent}/download")).await.refused(404, "not_found");
}

async fn own_uploads_are_listed_with_status_and_reason(app: TestApp) {
    let owner = app.owner().await;
    let program = owner.program(&ALL).await;
    let presign = async |name: &str| {
        text(&program.post("/attachments/presign", json!({ "filename": name, "fileSize": 4 })).await.created()["id"])
    };
    let listed = async |query: &str| {
        let page = program.get(&format!("/attachments{query}")).await.ok();
        let of = |file: &serde_json::Value| (text(&file["filename"]), text(&file["status"]));
        let files: Vec<_> = page["attachments"].as_array().unwrap().iter().map(of).collect();
        (files, page)
    };
    let given_up = presign("given-up.txt").await;
    program.post(&format!("/attachments/{given_up}/fail"), json!({})).await.ok();
    presign("under-way.txt").await;
    let complete = program.upload("complete.png", &files::png("x")).await;
    let as_pair = |name: &str, status: &str| (name.to_owned(), status.to_owned());
    let all =
        [as_pair("complete.png", "complete"), as_pair("under-way.txt", "uploading"), as_pair("given-up.txt", "failed")];
    assert_eq!(listed("").await.0, all);
    let (failed, page) = listed("?status=failed").await;
    assert_eq!(failed, all[2..]);
    assert_eq!(page["attachments"][0]["failureReason"], "canceled by a program");
    let (uploading, page) = listed("?status=uploading").await;
    assert_eq!(uploading, all[1..2]);
    assert_eq!(page["attachments"][0]["failureReason"], serde_json::Value::Null);
    program.get("/attachments?status=lost").await.refused(400, "malformed_request");
    let (first, page) = listed("?limit=2").await;
    assert_eq!(first, all[..2]);
    assert_eq!(listed(&format!("?limit=2&before={}", text(&page["next"]))).await.0, all[2..]);
    // Only your own, and for a token that is bound to a bucket, only those of the bucket.
    let bucket = text(&program.post("/buckets", json!({ "name": "mine" })).await.created()["id"]);
    let bound = owner.bound_program(&ALL, &bucket).await;
    bound.upload("bound.png", &files::png("b")).await;
    let of_bound = bound.get("/attachments").await.ok();
    assert_eq!(of_bound["attachments"].as_array().unwrap().len(), 1);
    assert_eq!(of_bound["attachments"][0]["filename"], "bound.png");
    let of_other = app.member().await.program(&ALL).await.get("/attachments").await.ok();
    assert_eq!(of_other["attachments"], json!([]));
    // A file in a message is listed with the message.
    let team = owner.channel("deploys").await;
    program.post("/messages", json!({ "bucketId": team, "attachmentUuids": [complete] })).await.created();
    assert_eq!(listed("?status=complete").await.0, [as_pair("bound.png", "complete")]);
}

async fn a_file_goes_straight_to_the_storage(app: TestApp) {
    let program = app.owner().await.program(&ALL).await;
    let bytes = files::picture(12, 12);
    let body = json!({ "filename": "a.png", "fileSize": bytes.len(), "contentType": "image/png" });
    let signed = program.post("/attachments/presign", body).await.created();
    let id = text(&signed["id"]);
    program.post(&format!("/attachments/{id}/complete"), json!({})).await.refused(422, "object_missing");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut put = client.put(text(&signed["uploadUrl"]));
    for (name, value) in signed["headers"].as_object().unwrap() {
        put = put.header(name, text(value));
    }
    assert_eq!(put.body(bytes.clone()).send().await.unwrap().status(), 200);
    for _ in 0..2 {
        let done = program.post(&format!("/attachments/{id}/complete"), json!({})).await.ok();
        assert_eq!((&done["status"], &done["mediaType"]), (&json!("complete"), &json!("IMAGE")));
    }
    program.post(&format!("/attachments/{id}/fail"), json!({})).await.refused(409, "invalid_transition");
    assert_eq!(program.download(&id).await.bytes, bytes);
    // A canceled one is not found.
    let body = json!({ "fileSize": 5 });
    let other = text(&program.post("/attachments/presign", body).await.created()["id"]);
    assert_eq!(program.post(&format!("/attachments/{other}/fail"), json!({})).await.ok()["status"], "failed");
    program.post(&format!("/attachments/{other}/complete"), json!({})).await.refused(409, "invalid_transition");
    program.get(&format!("/attachments/{other}")).await.refused(404, "not_found");
    // More than one PUT can carry: nothing is created.
    let used = app.owner().await.get("/api/storage").await.ok()["usedBytes"].clone();
    let answer = program.post("/attachments/presign", json!({ "fileSize": 5_368_709_121_i64 })).await;
    if app.is_local_disk() {
        answer.created();
    } else {
        assert_eq!(answer.refused(413, "too_large")["data"]["field"], "fileSize");
        assert_eq!(app.owner().await.get("/api/storage").await.ok()["usedBytes"], used);
    }
    for (body, field) in [(json!({}), "fileSize"), (json!({ "fileSize": 1, "type": "x" }), "type")] {
        let refused = program.post("/attachments/presign", body).await;
        assert_eq!(refused.refused(400, "malformed_request")["data"]["field"], field);
    }
}

async fn parts_conditions_and_head(app: TestApp) {
    let owner = app.owner().await;
    let bucket = text(&owner.post("/api/buckets", json!({ "name": "Door", "publicDownloads": true })).await.ok()["id"]);
    let id = owner.send_file(&bucket, "a.png", "image/png", &files::png("0123456789")).await;
    let program = owner.program(&ALL).await;
    for path in [format!("/attachments/{id}/download"), format!("/attachments/{id}/download/public")] {
        let head = program.call("HEAD", &path, None).await;
        assert_eq!((head.status, head.bytes.len()), (200, 0));
        assert_eq!(head.header("content-length"), files::png("0123456789").len().to_string());
        let etag = head.header("etag").to_owned();
        if !app.is_local_disk() && !path.ends_with("public") {
            // The store serves the rest: the same code as the app's own downloads.
            assert_eq!(program.get(&path).await.status, 302);
            continue;
        }
        let known = program.request(Method::GET, &path).header("if-none-match", &etag);
        assert_eq!(program.send_request(known).await.status, 304);
        let part = program.send_request(program.request(Method::GET, &path).header("range", "bytes=0-3")).await;
        assert_eq!((part.status, &part.bytes[..]), (206, &b"\x89PNG"[..]));
        let none = program.send_request(program.request(Method::GET, &path).header("range", "bytes=9999-")).await;
        assert_eq!(none.status, 416);
    }
}

async fn a_removed_file_leaves_a_tombstone_where_it_was_used(app: TestApp) {
    let owner = app.owner().await;
    let team = owner.channel("deploys").await;
    let id = owner.send_file(&team, "a.png", "image/png", &files::png("a")).await;
    let member = app.member().await.program(&ALL).await;
    member.call("DELETE", &format!("/attachments/{id}"), None).await.refused(403, "forbidden");
    let lacks = owner.program(&["attachments:write", "attachments:read"]).await;
    lacks.call("DELETE", &format!("/attachments/{id}"), None).await.refused(403, "forbidden");
    let program = owner.program(&ALL).await;
    assert_eq!(program.call("DELETE", &format!("/attachments/{id}"), None).await.status, 204);
    let message = &owner.messages(&team).await[0];
    assert_eq!(message["attachments"], json!([]));
    assert_eq!(message["deletedAttachments"][0]["fileName"], "a.png");
    // Permanently: it can't be restored.
    owner.poke(&format!("/api/attachments/{id}/restore")).await.refused(409, "conflict");
    run_due(&app.platform, JOBS).await.unwrap();
    if app.is_local_disk() {
        assert_eq!(app.files_under("objects"), [""; 0]);
    }
    assert_eq!(owner.messages(&team).await[0]["deletedAttachments"][0]["fileName"], "a.png");
}

async fn clean_up_removes_unreferenced_objects(app: TestApp) {
    // After that time, files of other tests look abandoned.
    let app = TestApp::start_alone(app.engines).await;
    let owner = app.owner().await;
    let program = owner.program(&ALL).await;
    let bucket = text(&program.post("/buckets", json!({ "name": "Door" })).await.created()["id"]);
    let (unused, icon) =
        (program.upload("a.png", &files::png("a")).await, program.upload("icon.png", &files::picture(8, 8)).await);
    let used = owner.send_file(&bucket, "c.png", "image/png", &files::png("c")).await;
    let changes = json!({ "iconAttachmentUuid": icon });
    program.call("PATCH", &format!("/buckets/{bucket}"), Some(changes)).await.ok();
    let age = app.platform.config.attachments.max_age;
    app.advance(age.saturating_sub(Duration::from_mins(1)));
    run_due(&app.platform, JOBS).await.unwrap();
    assert_eq!(program.get(&format!("/attachments/{unused}")).await.status, 200);
    app.advance(Duration::from_hours(2));
    run_due(&app.platform, JOBS).await.unwrap();
    program.get(&format!("/attachments/{unused}")).await.refused(404, "not_found");
    for kept in [&icon, &used] {
        assert_eq!(program.get(&format!("/attachments/{kept}")).await.status, 200);
        assert_eq!(program.download(kept).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clean_up_can_be_turned_off() {
    let change = |config: &mut attache::platform::config::Config| config.attachments.delete_job_enabled = false;
    let app = TestApp::start_with(Engines::SqliteLocal, change).await;
    let program = app.owner().await.program(&ALL).await;
    let id = program.upload("a.png", &files::png("a")).await;
    app.advance(app.platform.config.attachments.max_age * 2);
    run_due(&app.platform, JOBS).await.unwrap();
    assert_eq!(program.get(&format!("/attachments/{id}")).await.status, 200);
}
