//! Signed URLs: bound to size, type and time, and invalid when altered.

use std::time::Duration;

use serde_json::json;

use crate::support::{TestApp, Upload, checksum, files, on_both_engines, on_one_pair};

on_both_engines![one_put_with_a_checksum_takes_these_bytes_and_no_others, a_checksum_that_is_none_is_refused,];
on_one_pair![sqlite_local_only, SqliteLocal: an_altered_url_is_refused, an_old_url_is_refused, a_retried_urls_predecessor_is_refused, a_finished_url_is_refused, headers_must_be_as_presigned, only_staging_keys_take_bytes];
on_one_pair![postgres_garage_only, PostgresGarage: the_stores_url_binds_size_type_and_time, the_stores_url_is_worth_nothing_when_altered, the_server_takes_no_bytes_for_a_store];

async fn an_altered_url_is_refused(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let upload = owner.presign(&channel, "a.txt", "text/plain", b"abc").await;
    let other = owner.presign(&channel, "b.txt", "text/plain", b"abc").await;
    let (path, query) = upload.url.split_once('?').unwrap();
    let other_path = other.url.split_once('?').unwrap().0;
    for altered in [
        format!("{other_path}?{query}"),
        upload.url.replace("size=3", "size=4"),
        upload.url.replace("type=text/plain", "type=text/html"),
        upload.url.replace("expires=1", "expires=2"),
        upload.url.replace("signature=", "signature=A"),
        format!("{path}?{}", query.split("&signature").next().unwrap().to_owned() + "&signature="),
    ] {
        assert_ne!(altered, upload.url);
        upload.put_to(&altered, b"abc").await.refused(403, "invalid_signature");
    }
    upload.put_to(path, b"abc").await.refused(400, "malformed_request");
    upload.put_to(&format!("{path}?{query}&size=9"), b"abc").await.refused(400, "malformed_request");
    assert_eq!(upload.put().await.status, 200);
}

async fn an_old_url_is_refused(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let upload = owner.presign(&channel, "a.txt", "text/plain", b"abc").await;
    app.advance(Duration::from_secs(301));
    upload.put().await.refused(403, "url_expired");
    let again = crate::support::Upload::new(owner.retry(&upload.id).await.ok(), b"abc");
    assert_eq!(again.put().await.status, 200);
}

async fn a_retried_urls_predecessor_is_refused(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let upload = owner.presign(&channel, "a.txt", "text/plain", b"abc").await;
    owner.retry(&upload.id).await.ok();
    upload.put().await.refused(409, "invalid_transition");
}

async fn a_finished_url_is_refused(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let complete = owner.stage(&channel, "a.txt", "text/plain", b"abc").await;
    owner.complete(&complete.id).await.ok();
    complete.put().await.refused(409, "invalid_transition");
    let failed = owner.presign(&channel, "a.txt", "text/plain", b"abc").await;
    owner.fail(&failed.id, "x").await.ok();
    failed.put().await.refused(409, "invalid_transition");
}

async fn headers_must_be_as_presigned(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let mut upload = owner.presign(&channel, "a.png", "image/png", &files::png("x")).await;
    upload.put_bytes(b"short").await.refused(422, "size_mismatch");
    upload.put_chunked(b"short").await.refused(422, "size_mismatch");
    upload.headers.clear();
    upload.put().await.refused(415, "unsupported_media_type");
}

async fn only_staging_keys_take_bytes(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let upload = owner.presign(&channel, "a.txt", "text/plain", b"abc").await;
    let (_, query) = upload.url.split_once('?').unwrap();
    for key in [upload.id.as_str(), "..%2f..%2fetc%2fpasswd", "staging/x/y", "staging/../x", "staging"] {
        let url = format!("{}/api/storage/{key}?{query}", app.base);
        let answer = upload.put_to(&url, b"abc").await;
        answer.refused(404, "not_found");
    }
}

async fn the_stores_url_binds_size_type_and_time(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let upload = owner.presign(&channel, "a.txt", "text/plain", b"abc").await;
    let parameter = |name: &str| {
        let query = upload.url.split_once('?').unwrap().1;
        query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))).unwrap_or_default().to_owned()
    };
    assert_eq!(parameter("X-Amz-Expires"), "300");
    let signed = parameter("X-Amz-SignedHeaders");
    for header in ["content-length", "content-type", "host"] {
        assert!(signed.split("%3B").any(|name| name == header), "{signed}");
    }
    // The checksum of an empty body, which newer SDKs add, would match no upload.
    assert!(!upload.url.to_lowercase().contains("checksum"), "{}", upload.url);
    assert!(upload.headers.keys().all(|name| !name.to_lowercase().contains("checksum")), "{:?}", upload.headers);
    // The browser sets these itself, and forbids scripts to.
    assert!(upload.headers.keys().all(|name| !["content-length", "host"].contains(&name.to_lowercase().as_str())));
    assert!(upload.url.contains(&format!("/staging/{}/", upload.id)), "{}", upload.url);
}

async fn the_stores_url_is_worth_nothing_when_altered(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let upload = owner.presign(&channel, "a.txt", "text/plain", b"abc").await;
    let other = owner.presign(&channel, "b.txt", "text/plain", b"abc").await;
    for altered in [
        upload.url.replace(&format!("staging/{}", upload.id), &format!("staging/{}", other.id)),
        upload.url.replace("X-Amz-Expires=300", "X-Amz-Expires=3000"),
        upload.url.replace("X-Amz-Signature=", "X-Amz-Signature=0"),
    ] {
        assert_ne!(altered, upload.url);
        assert_eq!(upload.put_to(&altered, b"abc").await.status, 403);
    }
}

async fn the_server_takes_no_bytes_for_a_store(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let upload = owner.presign(&channel, "a.txt", "text/plain", b"abc").await;
    let path = format!("{}/api/storage/staging/{}/{}", app.base, upload.id, upload.id);
    let url = format!("{path}?expires=99999999999999&size=3&type=text/plain&signature=x");
    upload.put_to(&url, b"abc").await.refused(404, "not_found");
}

async fn one_put_with_a_checksum_takes_these_bytes_and_no_others(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let bytes = b"the very bytes";
    let body = json!({ "type": "attachment", "channelId": channel, "fileName": "a.txt", "fileSize": bytes.len(),
        "contentType": "text/plain", "checksumSha256": checksum(bytes) });
    let upload = Upload::new(owner.post("/api/uploads/presign", body).await.ok(), bytes);
    let refused = upload.put_bytes(b"the vary bytes").await;
    if app.is_local_disk() {
        refused.refused(422, "checksum_mismatch");
    } else {
        assert_eq!(refused.status, 400, "{}", refused.text());
    }
    owner.complete(&upload.id).await.refused(422, "object_missing");
    assert_eq!(upload.put().await.status, 200);
    assert_eq!(owner.complete(&upload.id).await.ok()["checksumSha256"], checksum(bytes));
    // A retry is bound to the same.
    let body = json!({ "type": "attachment", "channelId": channel, "fileName": "a.txt", "fileSize": bytes.len(),
        "contentType": "text/plain", "checksumSha256": checksum(bytes) });
    let first = owner.post("/api/uploads/presign", body).await.ok();
    let again = owner.retry(first["resourceId"].as_str().unwrap()).await.ok();
    let status = Upload::new(again, bytes).put_bytes(b"the vary bytes").await.status;
    assert!((400..500).contains(&status), "{status}");
}

async fn a_checksum_that_is_none_is_refused(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for wrong in ["", "x", hex, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"] {
        let body = json!({ "type": "attachment", "channelId": channel, "fileSize": 1, "checksumSha256": wrong });
        owner.post("/api/uploads/presign", body).await.refused_field("checksumSha256");
    }
}
