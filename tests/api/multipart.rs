//! Uploads in parts: each is what was announced, none is listed before it is complete, and a canceled upload leaves
//! nothing.

use std::time::Duration;

use serde_json::json;

use crate::support::{Parts, TestApp, checksum, files, on_both_engines, on_one_pair};

on_both_engines![
    a_file_goes_up_in_parts_in_any_order,
    a_file_of_one_part_offers_no_parts_and_a_larger_one_still_takes_one_put,
    only_missing_parts_are_sent_after_an_interruption,
    an_upload_is_not_complete_while_a_part_is_missing,
    completing_twice_answers_the_same,
    after_the_end_the_part_urls_take_nothing,
    giving_up_leaves_nothing_at_the_store,
    a_retry_without_parts_starts_again,
    parts_are_judged_by_their_first_bytes,
    concurrent_starts_begin_one_upload,
    parts_unknown_to_the_store_are_uploaded_again,
];
on_one_pair![sqlite_local_only, SqliteLocal: a_hanging_part_gives_way_to_the_next_try, half_a_part_does_not_count];

/// Returns three parts: 8 MiB, 8 MiB and the rest.
fn three_parts() -> Vec<u8> {
    (0_u32..5_000_000).flat_map(u32::to_le_bytes).collect()
}

pub async fn begin(app: &TestApp) -> Parts {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    Parts::begin(&owner, &channel, "big.bin", "application/octet-stream", &three_parts()).await
}

async fn a_file_goes_up_in_parts_in_any_order(app: TestApp) {
    let parts = begin(&app).await;
    assert_eq!((parts.part_size, parts.count), (8 * 1024 * 1024, 3));
    assert_eq!(parts.arrived().await, [0; 0]);
    parts.send([3, 1, 2]).await;
    assert_eq!(parts.arrived().await, [1, 2, 3]);
    let complete = parts.user.complete(parts.id()).await.ok();
    assert_eq!((&complete["status"], &complete["fileSize"]), (&json!("complete"), &json!(20_000_000)));
    // Like S3: the checksum of the parts' checksums.
    let digests: Vec<u8> =
        (1..=3).flat_map(|number| <sha2::Sha256 as sha2::Digest>::digest(parts.part(number))).collect();
    assert_eq!(complete["checksumSha256"], format!("{}-3", checksum(&digests)));
    assert!(parts.user.download(parts.id(), "").await.bytes == three_parts());
}

async fn a_file_of_one_part_offers_no_parts_and_a_larger_one_still_takes_one_put(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let small = owner.presign(&channel, "a.bin", "", &vec![1; 8 * 1024 * 1024]).await;
    assert_eq!(small.answer.get("multipart"), None);
    let large = owner.presign(&channel, "b.bin", "", &three_parts()).await;
    assert_eq!(large.answer["multipart"], json!({ "partSize": 8 * 1024 * 1024, "partCount": 3 }));
    assert_eq!(large.put().await.status, 200);
    owner.complete(&large.id).await.ok();
    assert!(owner.download(&large.id, "").await.bytes == three_parts());
}

async fn only_missing_parts_are_sent_after_an_interruption(app: TestApp) {
    let parts = begin(&app).await;
    parts.send([2]).await;
    let app = app.restart().await;
    let parts = Parts { user: parts.user.at(&app.base), ..parts };
    assert_eq!(parts.arrived().await, [2]);
    // Long after the first URLs have expired.
    app.advance(Duration::from_hours(20));
    parts.send([1, 3]).await;
    parts.user.complete(parts.id()).await.ok();
    assert!(parts.user.download(parts.id(), "").await.bytes == three_parts());
}

async fn an_upload_is_not_complete_while_a_part_is_missing(app: TestApp) {
    let parts = begin(&app).await;
    parts.send([1, 3]).await;
    let refused = parts.user.complete(parts.id()).await.refused(422, "object_missing");
    assert!(refused["message"].as_str().unwrap().contains("1 of 3 parts are missing: 2."), "{refused}");
    parts.send([2]).await;
    parts.user.complete(parts.id()).await.ok();
    assert!(parts.user.download(parts.id(), "").await.bytes == three_parts());
}

async fn completing_twice_answers_the_same(app: TestApp) {
    let parts = begin(&app).await;
    parts.send(1..=3).await;
    let both = tokio::join!(parts.user.complete(parts.id()), parts.user.complete(parts.id()));
    let first = both.0.ok();
    assert_eq!(both.1.ok(), first);
    assert_eq!(parts.user.complete(parts.id()).await.ok(), first);
}

async fn after_the_end_the_part_urls_take_nothing(app: TestApp) {
    let parts = begin(&app).await;
    let replayed = parts.sign(1).await;
    let others = vec![b'x'; replayed.bytes.len()];
    let swapped = parts.sign_for(1, &others).await;
    parts.send(1..=3).await;
    parts.user.complete(parts.id()).await.ok();
    for late in [&replayed, &swapped] {
        assert!(late.refuses(&late.bytes).await);
    }
    // The URL for one PUT is invalid too.
    parts.upload.refuses(&vec![b'x'; 20_000_000]).await;
    parts.user.complete(parts.id()).await.ok();
    assert!(parts.user.download(parts.id(), "").await.bytes == three_parts());
    parts
        .ask(json!([{ "partNumber": 1, "checksumSha256": checksum(&others) }]))
        .await
        .refused(409, "invalid_transition");
}

async fn giving_up_leaves_nothing_at_the_store(app: TestApp) {
    let parts = begin(&app).await;
    let late = parts.sign(2).await;
    parts.send([1]).await;
    let upload = multipart_id(&app, parts.id()).await;
    assert_eq!(parts.user.fail(parts.id(), "canceled").await.ok()["status"], "failed");
    assert!(late.refuses(&late.bytes).await);
    let key = attache::platform::storage::ObjectKey::Attachment(parts.id().parse().unwrap());
    let listed = app.platform.storage.list_parts(&key, &upload).await;
    assert!(matches!(listed, Err(attache::platform::storage::StorageError::NotFound)), "{listed:?}");
    if app.is_local_disk() {
        for folder in ["parts", "objects", "tmp"] {
            assert_eq!(app.files_under(folder), [""; 0], "{folder}");
        }
    }
    parts.user.get(&format!("/api/attachments/{}/parts", parts.id())).await.refused(409, "invalid_transition");
}

/// Returns the storage's id of the upload.
async fn multipart_id(app: &TestApp, id: &str) -> String {
    let id = id.parse().unwrap();
    let organization = app.owner().await.get("/api/auth/session").await.ok()["organization"]["id"].clone();
    let organization = serde_json::from_value(organization).unwrap();
    let row = attache::files::attachments::store::find(app.platform.db.on(), organization, id).await.unwrap().unwrap();
    row.multipart_id.expect("the upload comes in parts")
}

async fn a_retry_without_parts_starts_again(app: TestApp) {
    let parts = begin(&app).await;
    parts.send([1]).await;
    let old = parts.sign(2).await;
    parts.user.fail(parts.id(), "x").await.ok();
    let answer = parts.user.retry(parts.id()).await.ok();
    assert_eq!(answer["multipart"]["partCount"], 3);
    assert_eq!(parts.arrived().await, [0; 0]);
    parts.send([1]).await;
    // A URL of the first attempt is invalid.
    assert!(old.refuses(&old.bytes).await);
    assert_eq!(parts.arrived().await, [1]);
    parts.send([2, 3]).await;
    parts.user.complete(parts.id()).await.ok();
}

async fn parts_are_judged_by_their_first_bytes(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let page = [files::HTML, &vec![b' '; 9_000_000]].concat();
    let parts = Parts::begin(&owner, &channel, "photo.png", "image/png", &page).await;
    parts.send(1..=2).await;
    owner.complete(parts.id()).await.refused(422, "type_mismatch");
    owner.get(&format!("/api/messages/attachments/{}", parts.id())).await.refused(404, "not_found");
    let key = attache::platform::storage::ObjectKey::Attachment(parts.id().parse().unwrap());
    assert!(app.platform.storage.head(&key).await.is_err());
}

async fn concurrent_starts_begin_one_upload(app: TestApp) {
    let parts = begin(&app).await;
    let signed = futures::future::join_all((0..4).map(|_| parts.sign(3))).await;
    let upload = multipart_id(&app, parts.id()).await;
    for part in signed {
        assert!(part.url.contains(&upload), "{} is not of {upload}", part.url);
        assert_eq!(part.put().await.status, 200);
    }
    assert_eq!(parts.arrived().await, [3]);
    if app.is_local_disk() {
        assert_eq!(app.files_under("parts"), [format!("{upload}/3"), format!("{upload}/data")]);
    }
}

async fn parts_unknown_to_the_store_are_uploaded_again(app: TestApp) {
    let parts = begin(&app).await;
    parts.send([1]).await;
    // As R2 does after seven days.
    let key = attache::platform::storage::ObjectKey::Attachment(parts.id().parse().unwrap());
    let upload = multipart_id(&app, parts.id()).await;
    app.platform.storage.abort_multipart(&key, &upload).await.unwrap();
    parts.user.get(&format!("/api/attachments/{}/parts", parts.id())).await.refused(409, "invalid_transition");
    parts.user.complete(parts.id()).await.refused(422, "object_missing");
    parts.user.retry(parts.id()).await.ok();
    parts.send(1..=3).await;
    parts.user.complete(parts.id()).await.ok();
}

async fn a_hanging_part_gives_way_to_the_next_try(app: TestApp) {
    let parts = begin(&app).await;
    let others = vec![b'x'; parts.part_size];
    let hanging = parts.sign_for(1, &others).await;
    let mut connection = hanging.send_half().await;
    parts.send(1..=3).await;
    // The rest of the old bytes arrives: it is not written.
    let _ = tokio::io::AsyncWriteExt::write_all(&mut connection, &others[others.len() / 2..]).await;
    let mut answer = Vec::new();
    let _ = tokio::io::AsyncReadExt::read_to_end(&mut connection, &mut answer).await;
    assert!(!answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(parts.arrived().await, [1, 2, 3]);
    parts.user.complete(parts.id()).await.ok();
    assert!(parts.user.download(parts.id(), "").await.bytes == three_parts());
}

async fn half_a_part_does_not_count(app: TestApp) {
    let parts = begin(&app).await;
    parts.send([1]).await;
    // Sent again and interrupted: the earlier part no longer counts either, because it may be overwritten.
    parts.sign(1).await.cut_half_way().await;
    assert_eq!(parts.arrived().await, [0; 0]);
    parts.send(1..=3).await;
    parts.user.complete(parts.id()).await.ok();
    assert!(parts.user.download(parts.id(), "").await.bytes == three_parts());
}
