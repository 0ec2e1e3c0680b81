//! Uploads by a link: the same presigned uploads and parts as in the app, only for visitors with the link.

use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use serde_json::{Value, json};

use super::{Link, contact};
use crate::support::{TestApp, Upload, checksum, files, on_both_engines, text};

on_both_engines![
    an_upload_goes_straight_to_the_store,
    a_large_file_goes_up_in_parts,
    uploads_are_those_of_their_link,
    only_the_kinds_that_were_asked_for_are_taken,
    bytes_decide_what_was_announced_as_nothing,
    hostile_announcements_are_rejected,
    a_file_can_be_given_up_and_tried_again,
    what_is_not_sent_is_cleaned_up,
];

async fn an_upload_goes_straight_to_the_store(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({})).await;
    let upload =
        Upload::new(link.begin("IMG_0231.png", "image/png", files::png("tap").len()).await.ok(), &files::png("tap"));
    let path = format!("{}/uploads/{}", link.page, upload.id);
    assert_eq!(link.visitor.get(&path).await.ok()["status"], "uploading");
    link.complete(&upload.id).await.refused(422, "object_missing");
    assert!(upload.refuses(b"other bytes that are longer than announced").await);
    assert_eq!(upload.put().await.status, 200);
    let complete = link.complete(&upload.id).await.ok();
    let told =
        json!({ "id": upload.id, "status": "complete", "fileName": "IMG_0231.png", "fileSize": upload.bytes.len() });
    assert_eq!(complete, told);
    // Once more changes nothing.
    assert_eq!(link.complete(&upload.id).await.ok(), told);
    // Nobody inside sees it before it is sent.
    owner.get(&format!("/api/messages/attachments/{}", upload.id)).await.refused(404, "not_found");
    assert_eq!(owner.get("/api/uploads/unsent").await.ok(), json!([]));
}

async fn a_large_file_goes_up_in_parts(app: TestApp) {
    const PART: usize = 8 * 1024 * 1024;
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({})).await;
    let bytes: Vec<u8> = (0..PART + 1000).map(|at| u8::try_from(at % 251).unwrap()).collect();
    let begun = link.begin("film.bin", "", bytes.len()).await.ok();
    assert_eq!(begun["multipart"]["partCount"], 2);
    let path = format!("{}/uploads/{}", link.page, text(&begun["resourceId"]));
    let send = async |number: usize, part: &[u8]| {
        let asked = json!({ "parts": [{ "partNumber": number, "checksumSha256": checksum(part) }] });
        let mut signed = link.visitor.post(&format!("{path}/parts"), asked).await.ok()["parts"][0].clone();
        signed["resourceId"] = begun["resourceId"].clone();
        assert_eq!(Upload::new(signed, part).put().await.status, 200);
    };
    send(1, &bytes[..PART]).await;
    link.complete(&text(&begun["resourceId"])).await.refused(422, "object_missing");
    // After a reload only the rest is sent.
    let known = link.visitor.get(&format!("{path}/parts")).await.ok();
    assert_eq!(known["parts"].as_array().unwrap().len(), 1);
    send(2, &bytes[PART..]).await;
    let id = text(&begun["resourceId"]);
    assert_eq!(link.complete(&id).await.ok()["status"], "complete");
    link.send("", &[&id], "key").await.ok();
    assert_eq!(owner.download(&id, "").await.bytes, bytes);
}

async fn uploads_are_those_of_their_link(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({})).await;
    let other = Link::create(&app, &owner, &channel, json!({})).await;
    let theirs = other.upload("a.txt", "text/plain", b"a").await;
    let members = owner.upload(&channel, "b.txt", "text/plain", b"b").await;
    let own = link.upload("c.txt", "text/plain", b"c").await;
    for id in [&theirs, &members, &"nothing".to_owned()] {
        for (method, what) in
            [("GET", ""), ("GET", "/parts"), ("POST", "/complete"), ("POST", "/retry"), ("DELETE", "")]
        {
            let path = format!("{}/uploads/{id}{what}", link.page);
            link.visitor.call(method, &path, None).await.refused(404, "not_found");
        }
        if id != "nothing" {
            link.send("", &[id], &format!("key {id}")).await.refused(404, "not_found");
        }
    }
    // A member cannot send what a visitor has uploaded.
    owner.send(&channel, "", &[&own]).await.refused(404, "not_found");
    assert_eq!(owner.delete(&format!("/api/uploads/{own}")).await.status, 404);
    owner.complete(&own).await.refused(403, "forbidden");
    link.send("", &[&own], "key").await.ok();
    link.send("", &[&own], "another key").await.refused(409, "attachment_already_sent");
    let path = format!("{}/uploads/{own}", link.page);
    link.visitor.delete(&path).await.refused(409, "conflict");
}

async fn only_the_kinds_that_were_asked_for_are_taken(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({ "kinds": ["image", "document"] })).await;
    link.begin("a.mp4", "video/mp4", 10).await.refused_field("file");
    link.upload("tap.png", "image/png", &files::png("tap")).await;
    link.upload("offer.pdf", "application/pdf", &files::pdf("offer")).await;
}

async fn bytes_decide_what_was_announced_as_nothing(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({ "kinds": ["image"] })).await;
    let id = link.stage("tap.png", "", b"only a text").await;
    link.complete(&id).await.refused_field("file");
    let path = format!("{}/uploads/{id}", link.page);
    assert_eq!(link.visitor.get(&path).await.ok()["status"], "failed");
    link.upload("tap", "", &files::png("tap")).await;
    // HTML is no picture, whatever it is called.
    let id = link.stage("tap.png", "image/png", b"<script>alert(1)</script>").await;
    link.complete(&id).await.refused(422, "type_mismatch");
}

async fn hostile_announcements_are_rejected(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({})).await;
    let path = format!("{}/uploads", link.page);
    let ask = async |body: Value| link.visitor.post(&path, body).await;
    for size in [0, -1, i64::MIN] {
        ask(json!({ "fileName": "a", "fileSize": size })).await.refused_field("fileSize");
    }
    ask(json!({ "fileName": "a", "fileSize": i64::MAX })).await.refused(413, "too_large");
    ask(json!({ "fileName": "a", "fileSize": 1, "contentType": "nonsense" })).await.refused_field("contentType");
    ask(json!({ "fileName": "a", "fileSize": 1, "channelId": channel })).await.refused(400, "malformed_request");
    ask(json!({ "fileName": "a" })).await.refused(400, "malformed_request");
    ask(json!([])).await.refused(400, "malformed_request");
    let named = ask(json!({ "fileName": "../../\u{202e}gpj.\0exe", "fileSize": 1 })).await.ok();
    let id = text(&named["resourceId"]);
    let name = text(&link.visitor.get(&format!("{path}/{id}")).await.ok()["fileName"]);
    assert!(!name.contains(['/', '\0', '\u{202e}']), "{name:?}");
    let parts = json!({ "parts": [{ "partNumber": 0, "checksumSha256": checksum(b"a") }] });
    link.visitor.post(&format!("{path}/{id}/parts"), parts).await.refused_field("partNumber");
    link.send(&"x".repeat(20_001), &[], "key").await.refused_field("body");
    link.send("", &[], "key").await.refused_field("body");
    link.send("hello", &[], "").await.refused_field("idempotencyKey");
    link.send("hello", &[&id], "key").await.refused(409, "attachment_not_complete");
    assert_eq!(owner.messages(&channel).await.len(), 1, "all or nothing");
}

async fn a_file_can_be_given_up_and_tried_again(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({ "maxFiles": 1 })).await;
    let id = text(&link.begin("a.txt", "text/plain", 1).await.ok()["resourceId"]);
    let path = format!("{}/uploads/{id}", link.page);
    link.begin("b.txt", "text/plain", 1).await.refused(413, "too_large");
    let failed = link.visitor.post(&format!("{path}/fail"), json!({ "reason": "given up" })).await.ok();
    assert_eq!((&failed["status"], &failed["failureReason"]), (&json!("failed"), &json!("given up")));
    // A failed upload does not count, until it is tried again.
    let other = link.upload("b.txt", "text/plain", b"b").await;
    link.visitor.poke(&format!("{path}/retry")).await.refused(413, "too_large");
    link.visitor.delete(&format!("{}/uploads/{other}", link.page)).await.ok();
    let again = Upload::new(link.visitor.poke(&format!("{path}/retry")).await.ok(), b"a");
    assert_eq!(again.put().await.status, 200);
    link.complete(&id).await.ok();
    link.send("", &[&id], "key").await.ok();
    assert_eq!(owner.download(&id, "").await.bytes, b"a");
}

async fn what_is_not_sent_is_cleaned_up(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({ "maxFiles": 1, "expiresIn": 31_536_000 })).await;
    link.begin("a.txt", "text/plain", 1).await.ok();
    link.begin("b.txt", "text/plain", 1).await.refused(413, "too_large");
    app.advance(Duration::from_hours(2));
    run_due(&app.platform, JOBS).await.expect("jobs can be read");
    link.begin("b.txt", "text/plain", 1).await.ok();
}
