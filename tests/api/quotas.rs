//! Quotas: usage is counted exactly, and never exceeds the quota.

use serde_json::{Value, json};

use crate::support::{Engines, TestApp, User, files, on_both_engines, text};

on_both_engines![
    every_way_of_a_file_is_counted,
    uploads_over_the_quota_are_rejected_with_the_remainder,
    many_at_once_do_not_get_past_the_quota,
    a_retry_has_to_fit_again,
    usage_tells_where_the_bytes_are,
    invisible_conversations_have_no_name_in_the_usage,
    days_to_keep_deleted_files_are_checked,
    a_wrong_count_is_mended,
];

async fn used(user: &User) -> i64 {
    user.get("/api/storage").await.ok()["usedBytes"].as_i64().expect("a number")
}

async fn with_quota(app: &TestApp, bytes: i64) {
    app.sql(&format!("UPDATE organizations SET quota_bytes = {bytes}"), "").await;
}

fn request(channel: &str, size: usize) -> Value {
    json!({ "type": "attachment", "channelId": channel, "fileName": "a.txt", "fileSize": size, "contentType": "text/plain" })
}

async fn every_way_of_a_file_is_counted(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    assert_eq!(used(&owner).await, 0);
    let upload = owner.stage(&channel, "a.txt", "text/plain", b"twelve bytes").await;
    assert_eq!(used(&owner).await, 12, "from the announcement on");
    owner.fail(&upload.id, "given up").await.ok();
    assert_eq!(used(&owner).await, 0);
    owner.retry(&upload.id).await.ok();
    assert_eq!(used(&owner).await, 12);
    owner.retry(&upload.id).await.ok();
    assert_eq!(used(&owner).await, 12, "once, however many tries");
    let sent = owner.send_file(&channel, "b.txt", "text/plain", b"four").await;
    assert_eq!(used(&owner).await, 16);
    app.sql("UPDATE attachments SET deleted_at = 1 WHERE id = {id}", &sent).await;
    assert_eq!(used(&owner).await, 16, "the object is kept");
    app.sql("UPDATE attachments SET purged_at = 1 WHERE id = {id}", &sent).await;
    assert_eq!(used(&owner).await, 12);
    app.sql("DELETE FROM attachments WHERE id = {id}", &upload.id).await;
    assert_eq!(used(&owner).await, 0);
    assert_eq!(used(&app.other_organization().await).await, 0);
}

async fn uploads_over_the_quota_are_rejected_with_the_remainder(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    with_quota(&app, 100).await;
    owner.send_file(&channel, "a.txt", "text/plain", &[b'a'; 60]).await;
    let refused = owner.post("/api/uploads/presign", request(&channel, 41)).await;
    let error = refused.refused(413, "quota_exceeded");
    assert_eq!(error["data"]["field"], "fileSize");
    assert!(text(&error["message"]).contains("40 B left"), "{error}");
    assert_eq!(used(&owner).await, 60, "nothing is kept of it");
    owner.post("/api/uploads/presign", request(&channel, 40)).await.ok();
    let room = owner.get("/api/storage").await.ok();
    assert_eq!(room, json!({ "usedBytes": 100, "quotaBytes": 100, "maxFileSize": null }));
}

async fn many_at_once_do_not_get_past_the_quota(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    with_quota(&app, 70).await;
    // SQLite allows only one server.
    let other = if app.engines == Engines::PostgresGarage { Some(app.second_server().await) } else { None };
    let base = other.as_ref().map_or(&app.base, |other| &other.base);
    let there = owner.at(base);
    let tries = (0..20).map(|index| {
        let (user, body) = (if index % 2 == 0 { owner.clone() } else { there.clone() }, request(&channel, 10));
        async move { user.post("/api/uploads/presign", body).await.status }
    });
    let statuses = futures::future::join_all(tries).await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 7, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 413).count(), 13, "{statuses:?}");
    assert_eq!(used(&owner).await, 70);
}

async fn a_retry_has_to_fit_again(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    with_quota(&app, 100).await;
    let upload = owner.presign(&channel, "a.txt", "text/plain", &[b'a'; 60]).await;
    owner.fail(&upload.id, "given up").await.ok();
    let other = owner.presign(&channel, "b.txt", "text/plain", &[b'b'; 60]).await;
    owner.retry(&upload.id).await.refused(413, "quota_exceeded");
    owner.fail(&other.id, "given up").await.ok();
    owner.retry(&upload.id).await.ok();
    assert_eq!(used(&owner).await, 60);
}

async fn usage_tells_where_the_bytes_are(app: TestApp) {
    let owner = app.owner().await;
    let member = app.member().await;
    let general = owner.channel("general").await;
    let contact = owner.contact("Jane", "Doe", "+1 (555) 123-4567").await;
    let picture = files::png("a picture");
    owner.send_file(&general, "large.txt", "text/plain", &[b'a'; 5000]).await;
    let photo = member.send_file(&text(&contact["channelId"]), "photo.png", "image/png", &picture).await;
    app.sql("UPDATE attachments SET deleted_at = 1 WHERE id = {id}", &photo).await;
    let usage = owner.get("/api/storage/usage").await.ok();
    let size = picture.len();
    assert_eq!(usage["files"], 2);
    assert_eq!(usage["room"]["usedBytes"], 5000 + size);
    assert_eq!(usage["deleted"], json!({ "of": null, "files": 1, "bytes": size }));
    assert_eq!(
        usage["byType"],
        json!([{ "of": "other", "files": 1, "bytes": 5000 }, { "of": "image", "files": 1, "bytes": size }])
    );
    assert_eq!(usage["byChannel"][0]["of"]["name"], "#general");
    assert_eq!(usage["byChannel"][1]["of"]["name"], "Jane Doe");
    assert_eq!(usage["byMember"][0]["of"]["name"], "Olga Owner");
    assert_eq!(usage["byMember"][1]["of"]["name"], "Mia Member");
    assert_eq!(usage["largest"][0]["fileName"], "large.txt");
    assert_eq!(usage["largest"][1]["deleted"], true);
}

async fn invisible_conversations_have_no_name_in_the_usage(app: TestApp) {
    let owner = app.owner().await;
    let member = app.member().await;
    let private = member.private_channel("secret plans").await;
    member.send_file(&private, "plans.txt", "text/plain", b"plans").await;
    let usage = app.admin().await.get("/api/storage/usage").await.ok();
    assert_eq!(usage["byChannel"], json!([{ "of": { "id": private, "name": null }, "files": 1, "bytes": 5 }]));
    assert_eq!(usage["largest"], json!([]));
    assert!(!usage.to_string().contains("plans"), "{usage}");
    assert_eq!(owner.get("/api/storage/usage").await.ok()["files"], 1);
}

async fn days_to_keep_deleted_files_are_checked(app: TestApp) {
    let owner = app.owner().await;
    for wrong in [0, -1, 3651] {
        owner.patch("/api/storage/retention", json!({ "retentionDays": wrong })).await.refused_field("retentionDays");
    }
    for right in [Value::Null, json!(1), json!(3650)] {
        owner.patch("/api/storage/retention", json!({ "retentionDays": right })).await.ok();
        assert_eq!(owner.get("/api/storage/usage").await.ok()["retentionDays"], right);
    }
    owner.patch("/api/storage/retention", json!({})).await.refused(400, "malformed_request");
    assert_eq!(owner.get("/api/storage/usage").await.ok()["retentionDays"], 3650, "null alone takes it away");
}

async fn a_wrong_count_is_mended(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    owner.send_file(&channel, "a.txt", "text/plain", b"twelve bytes").await;
    app.sql("UPDATE organizations SET used_bytes = 7", "").await;
    attache::platform::jobs::run_due(&app.platform, attache::jobs::JOBS).await.expect("jobs can be read");
    assert_eq!(used(&owner).await, 12);
}
