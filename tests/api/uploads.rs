//! Direct uploads: the bytes must match the announcement, and every change of status is guarded.

use serde_json::json;

use crate::support::{TestApp, Upload, files, on_both_engines};

on_both_engines![
    an_upload_goes_from_presign_to_complete,
    invalid_uploads_are_rejected_before_they_start,
    another_size_than_announced_is_refused_at_the_put,
    another_size_in_chunks_is_refused,
    another_type_than_announced_is_refused_at_the_put,
    a_page_announced_as_a_picture_is_refused_and_removed,
    a_mislabeled_picture_gets_its_detected_type,
    a_file_that_was_never_put_cannot_be_completed,
    completing_twice_changes_nothing,
    failing_twice_changes_nothing,
    only_legal_transitions_happen,
    a_retry_gives_a_new_url_and_starts_from_nothing,
    only_the_uploader_changes_an_upload,
    half_an_upload_leaves_nothing_and_can_be_retried,
    the_size_limit_is_shown,
    pixels_are_measured,
];

async fn an_upload_goes_from_presign_to_complete(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let bytes = files::png("hello");
    let upload = owner.presign(&channel, "photo.png", "image/png", &bytes).await;
    assert_eq!(upload.answer["method"], "PUT");
    assert_eq!(upload.answer["key"], upload.id.as_str());
    assert_eq!(upload.answer["publicUrl"], format!("{}/api/messages/attachments/{}", app.base, upload.id));
    assert!(upload.answer["expiresAt"].as_str().unwrap().ends_with('Z'));
    assert_eq!(upload.put().await.status, 200);
    let complete = owner.complete(&upload.id).await.ok();
    for (field, value) in [
        ("status", json!("complete")),
        ("fileName", json!("photo.png")),
        ("fileSize", json!(bytes.len())),
        ("contentType", json!("image/png")),
        ("mediaType", json!("IMAGE")),
        ("url", json!(format!("/api/messages/attachments/{}", upload.id))),
    ] {
        assert_eq!(complete[field], value, "{field}");
    }
    let sent = owner.send(&channel, "", &[&upload.id]).await.ok();
    assert_eq!(sent["attachments"], json!([complete]));
    assert_eq!(owner.download(&upload.id, "").await.bytes, bytes);
}

async fn invalid_uploads_are_rejected_before_they_start(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let right =
        json!({ "type": "attachment", "channelId": channel, "fileName": "a", "fileSize": 1, "contentType": "a/b" });
    for (field, wrong) in [
        ("type", json!("avatar")),
        ("fileSize", json!(0)),
        ("fileSize", json!(-1)),
        ("contentType", json!("picture")),
        ("contentType", json!("a/b\r\nx: y")),
    ] {
        let mut body = right.clone();
        body[field] = wrong;
        owner.post("/api/uploads/presign", body).await.refused_field(field);
    }
    let mut body = right.clone();
    body["channelId"] = json!("00000000-0000-0000-0000-000000000000");
    owner.post("/api/uploads/presign", body).await.refused(404, "not_found");
    let mut body = right.clone();
    body["fileSize"] = json!(1.5);
    owner.post("/api/uploads/presign", body).await.refused(400, "malformed_request");
    owner.post("/api/uploads/presign", right).await.ok();
}

async fn another_size_than_announced_is_refused_at_the_put(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let upload = owner.presign(&channel, "a.txt", "text/plain", b"twelve bytes").await;
    for wrong in [&b"eleven byte"[..], b"thirteen byte", b""] {
        let status = upload.put_bytes(wrong).await.status;
        assert!((400..500).contains(&status), "{status}");
        owner.complete(&upload.id).await.refused(422, "object_missing");
    }
    assert_eq!(upload.put().await.status, 200);
    owner.complete(&upload.id).await.ok();
}

async fn another_size_in_chunks_is_refused(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let bytes = b"twenty-four bytes in all";
    for wrong in [&bytes[..20], b"twenty-four bytes in all and more"] {
        let upload = owner.presign(&channel, "a.txt", "text/plain", bytes).await;
        let status = upload.put_chunked(wrong).await.status;
        assert!((400..500).contains(&status), "{status}");
        owner.complete(&upload.id).await.refused(422, "object_missing");
    }
}

async fn another_type_than_announced_is_refused_at_the_put(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let mut upload = owner.presign(&channel, "a.txt", "text/plain", b"a").await;
    for (_, value) in upload.headers.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        *value = String::from("text/html");
    }
    let status = upload.put().await.status;
    assert!((400..500).contains(&status), "{status}");
    owner.complete(&upload.id).await.refused(422, "object_missing");
}

async fn a_page_announced_as_a_picture_is_refused_and_removed(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let upload = owner.stage(&channel, "photo.png", "image/png", files::HTML).await;
    owner.complete(&upload.id).await.refused(422, "type_mismatch");
    owner.complete(&upload.id).await.refused(409, "invalid_transition");
    owner.get(&format!("/api/messages/attachments/{}", upload.id)).await.refused(404, "not_found");
    owner.send(&channel, "", &[&upload.id]).await.refused(409, "attachment_not_complete");
    assert_object_gone(&app, &upload.id).await;
    let failed = owner.fail(&upload.id, "").await.ok();
    assert_eq!(failed["failureReason"], "declared as image/png, but it is text/html according to its content");
}

/// Asserts that it is neither under its key nor staged.
async fn assert_object_gone(app: &TestApp, id: &str) {
    use attache::platform::storage::{ObjectKey, StorageError};
    let key = ObjectKey::Attachment(id.parse().unwrap());
    assert!(matches!(app.platform.storage.head(&key).await, Err(StorageError::NotFound)));
    if app.is_local_disk() {
        assert_eq!(app.files_under("objects"), [""; 0]);
        assert_eq!(app.files_under("tmp"), [""; 0]);
    }
}

async fn a_mislabeled_picture_gets_its_detected_type(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let upload = owner.stage(&channel, "photo.png", "image/png", &files::jpeg("x")).await;
    assert_eq!(owner.complete(&upload.id).await.ok()["contentType"], "image/jpeg");
    let upload = owner.stage(&channel, "nobody-knows", "", &files::pdf("x")).await;
    assert_eq!(owner.complete(&upload.id).await.ok()["contentType"], "application/pdf");
}

async fn a_file_that_was_never_put_cannot_be_completed(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let upload = owner.presign(&channel, "a.txt", "text/plain", b"a").await;
    owner.complete(&upload.id).await.refused(422, "object_missing");
    // It can still be uploaded.
    upload.put().await;
    owner.complete(&upload.id).await.ok();
}

async fn completing_twice_changes_nothing(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let upload = owner.stage(&channel, "a.txt", "text/plain", b"a").await;
    let first = owner.complete(&upload.id).await.ok();
    app.advance(std::time::Duration::from_mins(1));
    assert_eq!(owner.complete(&upload.id).await.ok(), first);
    let staged = owner.stage(&channel, "b.txt", "text/plain", b"b").await;
    let both = tokio::join!(owner.complete(&staged.id), owner.complete(&staged.id));
    assert_eq!(both.0.ok(), both.1.ok());
}

async fn failing_twice_changes_nothing(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let upload = owner.presign(&channel, "a.txt", "text/plain", b"a").await;
    let failed = owner.fail(&upload.id, "the connection was\nlost").await.ok();
    assert_eq!((&failed["status"], &failed["failureReason"]), (&json!("failed"), &json!("the connection waslost")));
    assert_eq!(owner.fail(&upload.id, "another reason").await.ok(), failed);
    let long = owner.presign(&channel, "a.txt", "text/plain", b"a").await;
    let failed = owner.fail(&long.id, &"é".repeat(1000)).await.ok();
    assert_eq!(failed["failureReason"], "é".repeat(300));
}

async fn only_legal_transitions_happen(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let complete = owner.upload(&channel, "a.txt", "text/plain", b"a").await;
    owner.fail(&complete, "x").await.refused(409, "invalid_transition");
    owner.retry(&complete).await.refused(409, "invalid_transition");
    assert_eq!(owner.complete(&complete).await.ok()["status"], "complete");
    let failed = owner.stage(&channel, "b.txt", "text/plain", b"b").await;
    owner.fail(&failed.id, "x").await.ok();
    owner.complete(&failed.id).await.refused(409, "invalid_transition");
    owner.complete("00000000-0000-0000-0000-000000000000").await.refused(404, "not_found");
}

async fn a_retry_gives_a_new_url_and_starts_from_nothing(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let first = owner.stage(&channel, "a.txt", "text/plain", b"first").await;
    owner.fail(&first.id, "x").await.ok();
    let second = Upload::new(owner.retry(&first.id).await.ok(), b"other");
    assert_eq!(second.id, first.id);
    assert_ne!(second.url, first.url);
    // Bytes of the first attempt don't count.
    owner.complete(&first.id).await.refused(422, "object_missing");
    // Nor do later bytes at its URL: an S3 store accepts them, but they are never read.
    let late = first.put().await;
    if app.is_local_disk() {
        late.refused(409, "invalid_transition");
    }
    owner.complete(&first.id).await.refused(422, "object_missing");
    assert_eq!(second.put().await.status, 200);
    owner.complete(&first.id).await.ok();
    assert_eq!(owner.download(&first.id, "").await.bytes, b"other");
}

async fn only_the_uploader_changes_an_upload(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = member.channel("general").await;
    let upload = member.stage(&channel, "a.txt", "text/plain", b"a").await;
    owner.complete(&upload.id).await.refused(403, "forbidden");
    owner.fail(&upload.id, "x").await.refused(403, "forbidden");
    owner.retry(&upload.id).await.refused(403, "forbidden");
    member.complete(&upload.id).await.ok();
    // Before it is sent, only its uploader can view it.
    owner.get(&format!("/api/messages/attachments/{}", upload.id)).await.refused(404, "not_found");
    assert_eq!(member.download(&upload.id, "").await.bytes, b"a");
}

async fn half_an_upload_leaves_nothing_and_can_be_retried(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let bytes = vec![b'x'; 1_000_000];
    let upload = owner.presign(&channel, "big.txt", "text/plain", &bytes).await;
    upload.cut_half_way().await;
    owner.complete(&upload.id).await.refused(422, "object_missing");
    if app.is_local_disk() {
        assert_eq!(app.files_under("objects"), [""; 0]);
        assert_eq!(app.files_under("tmp"), [""; 0]);
    }
    owner.fail(&upload.id, "the connection was lost").await.ok();
    let again = Upload::new(owner.retry(&upload.id).await.ok(), &bytes);
    assert_eq!(again.put().await.status, 200);
    owner.complete(&upload.id).await.ok();
    assert_eq!(owner.download(&upload.id, "").await.bytes, bytes);
}

async fn the_size_limit_is_shown(app: TestApp) {
    let app = TestApp::start_with(app.engines, |config| config.max_upload_size = Some(1_000_000)).await;
    let owner = app.owner().await;
    assert_eq!(owner.get("/api/auth/session").await.ok()["maxUploadSize"], 1_000_000);
    let channel = owner.channel("general").await;
    let mut body = json!({ "type": "attachment", "channelId": channel, "fileSize": 1_000_001 });
    let refused = owner.post("/api/uploads/presign", body.clone()).await.refused(413, "too_large");
    assert_eq!(refused["data"]["field"], "fileSize");
    assert!(refused["message"].as_str().unwrap().contains("1000001 bytes"), "both would be 1.0 MB: {refused}");
    body["fileSize"] = json!(2_000_000);
    let refused = owner.post("/api/uploads/presign", body.clone()).await.refused(413, "too_large");
    assert!(refused["message"].as_str().unwrap().contains("2.0 MB. The limit is 1.0 MB"), "{refused}");
    body["fileSize"] = json!(1_000_000);
    owner.post("/api/uploads/presign", body).await.ok();
}

async fn pixels_are_measured(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let upload = owner.stage(&channel, "a.png", "image/png", &files::png("x")).await;
    let complete = owner.complete(&upload.id).await.ok();
    assert_eq!((&complete["width"], &complete["height"]), (&json!(256), &json!(128)));
    let upload = owner.stage(&channel, "a.txt", "text/plain", b"x").await;
    assert_eq!(owner.complete(&upload.id).await.ok()["width"], json!(null));
}
