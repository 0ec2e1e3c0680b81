//! Downloads: permissions, names, and how the bytes are sent.

use std::time::Duration;

use attache::platform::storage::{ObjectKey, Storage};
use serde_json::json;

use crate::support::{TestApp, files, on_both_engines, on_one_pair, text, until};

on_both_engines![
    a_download_says_whose_it_is,
    the_preferred_phone_counts_else_the_first,
    without_a_phone_the_name_alone,
    without_a_contact_the_original_name,
    without_any_name_the_type_names_it,
    a_renamed_contact_renames_its_downloads,
    the_view_permission_is_checked_first,
    a_file_of_another_organization_does_not_exist,
    a_contacts_file_requires_access_to_the_contact,
    a_download_is_kept_by_nobody_else,
    head_returns_the_headers_of_get,
];
on_one_pair![sqlite_local_only, SqliteLocal: parts_of_a_file_are_served, a_file_of_many_buffers_is_served_in_order, unchanged_files_are_not_sent_again, a_part_needs_the_version_that_is_known];
on_one_pair![postgres_garage_only, PostgresGarage: the_store_sends_the_file_with_its_name, a_signed_url_lasts_for_as_long_as_a_download_is_resumed, a_download_is_resumed_after_its_signed_url_expired];

/// Returns the name in `filename*`, and checks the rest of the header.
#[track_caller]
pub fn saved_as(disposition: &str) -> String {
    assert!(disposition.starts_with("attachment; filename=\""), "{disposition}");
    let encoded = disposition.split("filename*=UTF-8''").nth(1).expect("a name in UTF-8");
    percent_encoding::percent_decode_str(encoded).decode_utf8().expect("UTF-8").into_owned()
}

async fn name_of(app: &TestApp, channel: &str, name: &str) -> String {
    let owner = app.owner().await;
    let id = owner.send_file(channel, name, "image/jpeg", &files::jpeg("x")).await;
    let answer = owner.download(&id, "?download=1").await;
    assert_eq!((answer.status, &answer.bytes), (200, &files::jpeg("x")));
    saved_as(answer.header("content-disposition"))
}

async fn a_download_says_whose_it_is(app: TestApp) {
    let owner = app.owner().await;
    let channel = text(&owner.contact("Jane", "Doe", "+1 (555) 123-4567").await["channelId"]);
    assert_eq!(name_of(&app, &channel, "photo.jpg").await, "Jane_15551234567_photo.jpg");
    let id = owner.send_file(&channel, "photo.jpg", "image/jpeg", &files::jpeg("x")).await;
    for query in ["?download=1", "?download=true"] {
        let header = owner.download(&id, query).await.header("content-disposition").to_owned();
        let expected =
            "attachment; filename=\"Jane_15551234567_photo.jpg\"; filename*=UTF-8''Jane_15551234567_photo.jpg";
        assert_eq!(header, expected, "{query}");
    }
    for query in ["", "?download=0", "?download="] {
        let header = owner.download(&id, query).await.header("content-disposition").to_owned();
        assert_eq!(header, "inline; filename=\"photo.jpg\"; filename*=UTF-8''photo.jpg", "{query}");
    }
}

async fn the_preferred_phone_counts_else_the_first(app: TestApp) {
    let owner = app.owner().await;
    let phone = |number: &str, preferred: bool| json!({ "number": number, "preferred": preferred });
    let body = json!({ "firstName": "Jane", "phones": [phone("111 111", false), phone("222 222", true)] });
    let channel = text(&owner.post("/api/contacts", body).await.ok()["channelId"]);
    assert_eq!(name_of(&app, &channel, "a.jpg").await, "Jane_222222_a.jpg");
    let body = json!({ "firstName": "Jane", "phones": [phone("111 111", false), phone("222 222", false)] });
    let channel = text(&owner.post("/api/contacts", body).await.ok()["channelId"]);
    assert_eq!(name_of(&app, &channel, "a.jpg").await, "Jane_111111_a.jpg");
}

async fn without_a_phone_the_name_alone(app: TestApp) {
    let channel = text(&app.owner().await.contact("Bob", "Roe", "").await["channelId"]);
    assert_eq!(name_of(&app, &channel, "image.png").await, "Bob_image.png");
}

async fn without_a_contact_the_original_name(app: TestApp) {
    let channel = app.owner().await.channel("general").await;
    assert_eq!(name_of(&app, &channel, "photo.jpg").await, "photo.jpg");
}

async fn without_any_name_the_type_names_it(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    assert_eq!(name_of(&app, &channel, "").await, "attachment.jpg");
    let contact = text(&owner.contact("", "", "5551234").await["channelId"]);
    assert_eq!(name_of(&app, &contact, "").await, "5551234_attachment.jpg");
}

async fn a_renamed_contact_renames_its_downloads(app: TestApp) {
    let owner = app.owner().await;
    let jane = owner.contact("Jane", "", "").await;
    let id = owner.send_file(&text(&jane["channelId"]), "a.txt", "text/plain", b"a").await;
    owner.patch(&format!("/api/contacts/{}", text(&jane["id"])), json!({ "firstName": "Juana" })).await.ok();
    assert_eq!(saved_as(owner.download(&id, "?download=1").await.header("content-disposition")), "Juana_a.txt");
}

async fn the_view_permission_is_checked_first(app: TestApp) {
    app.owner().await.post("/api/roles", json!({ "name": "blind", "permissions": ["Contact:View"] })).await.ok();
    let blind = app.invited("blind", "Ben Blind").await;
    let id = "00000000-0000-0000-0000-000000000000";
    blind.get(&format!("/api/messages/attachments/{id}")).await.refused(403, "forbidden");
    app.anonymous().get(&format!("/api/messages/attachments/{id}")).await.refused(401, "unauthenticated");
}

async fn a_file_of_another_organization_does_not_exist(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.txt", "text/plain", b"a").await;
    let stranger = app.other_organization().await;
    let hidden = stranger.get(&format!("/api/messages/attachments/{id}")).await.refused(404, "not_found");
    let absent = stranger.get("/api/messages/attachments/00000000-0000-0000-0000-000000000000").await;
    assert_eq!(hidden, absent.refused(404, "not_found"));
}

async fn a_contacts_file_requires_access_to_the_contact(app: TestApp) {
    let owner = app.owner().await;
    let jane = owner.contact("Jane", "", "").await;
    let id = owner.send_file(&text(&jane["channelId"]), "a.txt", "text/plain", b"a").await;
    let path = format!("/api/messages/attachments/{id}");
    app.guest().await.get(&path).await.refused(403, "forbidden");
    assert_eq!(app.guest_of(&jane).await.download(&id, "").await.bytes, b"a");
    assert_eq!(app.member().await.download(&id, "").await.bytes, b"a");
}

async fn a_download_is_kept_by_nobody_else(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.txt", "text/plain", b"a").await;
    let answer = owner.get(&format!("/api/messages/attachments/{id}")).await;
    assert_eq!(answer.header("cache-control"), "private, no-cache");
}

async fn head_returns_the_headers_of_get(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.pdf", "application/pdf", &files::pdf("123")).await;
    let head = owner.call("HEAD", &format!("/api/messages/attachments/{id}?download=1"), None).await;
    assert_eq!((head.status, head.bytes.len()), (200, 0));
    assert_eq!(head.header("content-length"), files::pdf("123").len().to_string());
    assert_eq!(head.header("content-type"), "application/pdf");
    assert_eq!(saved_as(head.header("content-disposition")), "a.pdf");
}

async fn parts_of_a_file_are_served(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.txt", "text/plain", b"0123456789").await;
    let path = format!("/api/messages/attachments/{id}");
    let whole = owner.get(&path).await;
    assert_eq!((whole.status, whole.header("accept-ranges"), whole.header("content-length")), (200, "bytes", "10"));
    let part = async |range: &str| {
        let request = owner.request(reqwest::Method::GET, &path).header("range", range);
        owner.send_request(request).await
    };
    for (range, bytes, content_range) in [
        ("bytes=0-3", "0123", "bytes 0-3/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
        ("bytes=-11", "0123456789", "bytes 0-9/10"),
        ("bytes=5-1000", "56789", "bytes 5-9/10"),
        ("bytes=9-9", "9", "bytes 9-9/10"),
    ] {
        let answer = part(range).await;
        assert_eq!((answer.status, answer.text().as_str()), (206, bytes), "{range}");
        assert_eq!(answer.header("content-range"), content_range);
        assert_eq!(answer.header("content-length"), bytes.len().to_string());
    }
    for range in ["bytes=10-", "bytes=100-200", "bytes=5-4"] {
        let answer = part(range).await;
        assert_eq!((answer.status, answer.header("content-range")), (416, "bytes */10"), "{range}");
    }
    for range in ["lines=1-2", "bytes=0-1,4-5", "bytes", ""] {
        let answer = part(range).await;
        assert_eq!((answer.status, answer.text().as_str()), (200, "0123456789"), "{range}");
    }
}

async fn a_file_of_many_buffers_is_served_in_order(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let bytes: Vec<u8> = (0..250_000_u32).flat_map(u32::to_le_bytes).collect();
    let id = owner.send_file(&channel, "a.bin", "application/octet-stream", &bytes).await;
    let path = format!("/api/messages/attachments/{id}");
    assert!(owner.get(&path).await.bytes == bytes);
    for (first, last) in [(0, 262_143), (0, 262_144), (262_143, 786_433), (300_001, 999_999)] {
        let request = owner.request(reqwest::Method::GET, &path).header("range", format!("bytes={first}-{last}"));
        let answer = owner.send_request(request).await;
        assert!(answer.status == 206 && answer.bytes == bytes[first..=last], "{first}-{last}");
    }
}

async fn unchanged_files_are_not_sent_again(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.txt", "text/plain", b"0123456789").await;
    let path = format!("/api/messages/attachments/{id}");
    let etag = owner.get(&path).await.header("etag").to_owned();
    let asked = async |known: &str| {
        let request = owner.request(reqwest::Method::GET, &path).header("if-none-match", known);
        owner.send_request(request).await
    };
    for known in [etag.clone(), "*".to_owned(), format!("W/{etag}"), format!("\"other\", {etag}")] {
        let answer = asked(&known).await;
        assert_eq!((answer.status, answer.bytes.len(), answer.header("etag")), (304, 0, etag.as_str()), "{known}");
    }
    assert_eq!(asked("\"other\"").await.status, 200);
    // Without access, the response does not say that it is unchanged.
    let request = app.anonymous().request(reqwest::Method::GET, &path).header("if-none-match", etag);
    app.anonymous().send_request(request).await.refused(401, "unauthenticated");
}

async fn a_part_needs_the_version_that_is_known(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.txt", "text/plain", b"0123456789").await;
    let path = format!("/api/messages/attachments/{id}");
    let etag = owner.get(&path).await.header("etag").to_owned();
    for (version, status) in [(etag.as_str(), 206), ("\"other\"", 200), ("Sat, 21 Nov 2026 01:00:00 GMT", 200)] {
        let request = owner.request(reqwest::Method::GET, &path).header("range", "bytes=0-3");
        assert_eq!(owner.send_request(request.header("if-range", version)).await.status, status, "{version}");
    }
}

async fn the_store_sends_the_file_with_its_name(app: TestApp) {
    let owner = app.owner().await;
    let channel = text(&owner.contact("Jane", "", "5551234").await["channelId"]);
    let id = owner.send_file(&channel, "фото.jpg", "image/jpeg", &files::jpeg("x")).await;
    let redirect = owner.get(&format!("/api/messages/attachments/{id}?download=1")).await;
    assert_eq!(redirect.status, 302);
    let location = redirect.header("location");
    assert!(location.starts_with(&std::env::var("TEST_S3_ENDPOINT").unwrap()), "{location}");
    let file = owner.download(&id, "?download=1").await;
    assert_eq!((file.status, file.header("content-type")), (200, "image/jpeg"));
    assert_eq!(saved_as(file.header("content-disposition")), "Jane_5551234_фото.jpg");
}

async fn a_signed_url_lasts_for_as_long_as_a_download_is_resumed(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.jpg", "image/jpeg", &files::jpeg("x")).await;
    let share = owner.post("/api/share-links", json!({ "attachmentId": id })).await.ok();
    let share = text(&share["url"]).split_once("/s/").map(|(_, token)| format!("/s/{token}/{id}")).unwrap();
    let shown = format!("/api/messages/attachments/{id}");
    for (path, seconds) in [
        (shown.clone(), 300),
        (format!("{shown}?download=1"), 3600),
        (share.clone(), 300),
        (format!("{share}?download=1"), 3600),
    ] {
        let redirect = owner.get(&path).await;
        let (location, lasts) = (redirect.header("location"), format!("X-Amz-Expires={seconds}"));
        assert!(location.contains(&format!("{lasts}&")), "{path}: {location}");
        let longer = location.replace(&lasts, "X-Amz-Expires=99999");
        assert_eq!(app.anonymous().get(&longer).await.status, 403, "it cannot be made longer");
    }
    // The server checks each request.
    app.advance(Duration::from_hours(31 * 24));
    owner.get(&shown).await.refused(401, "unauthenticated");
}

async fn a_download_is_resumed_after_its_signed_url_expired(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let bytes = b"0123456789".to_vec();
    let id = owner.send_file(&channel, "a.txt", "text/plain", &bytes).await;
    let part = async |url: &str| {
        let request = app.anonymous().request(reqwest::Method::GET, url).header("range", "bytes=4-");
        let answer = app.anonymous().send_request(request).await;
        (answer.status, answer.bytes)
    };
    let Storage::R2(store) = &app.platform.storage else { panic!("this pair has a store") };
    let key = ObjectKey::Attachment(id.parse().unwrap());
    let brief = Duration::from_secs(2);
    // A busy machine may be too slow for one that lasts so briefly.
    let mut short = String::new();
    until("the signed URL is used in time", async || {
        let url = store.presign_get_with_response_content_disposition(&key, brief, "attachment", "text/plain").await;
        short = url.unwrap();
        part(&short).await == (206, bytes[4..].to_vec())
    })
    .await;
    // Garage returns 400, AWS and R2 return 403.
    until("it has expired", async || matches!(part(&short).await.0, 400 | 403)).await;
    // At our own URL it continues.
    let path = format!("/api/messages/attachments/{id}?download=1");
    let redirect = owner.send_request(owner.request(reqwest::Method::GET, &path).header("range", "bytes=4-")).await;
    assert_eq!(redirect.status, 302);
    assert_eq!(part(redirect.header("location")).await, (206, bytes[4..].to_vec()));
}
