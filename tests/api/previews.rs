//! Previews: created by a job, served with the permissions of the file.

use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use attache::platform::storage::ObjectKey;
use image::{ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};

use crate::support::{TestApp, User, files, on_both_engines, on_one_pair, text};

on_both_engines![
    a_picture_gets_its_preview_after_complete,
    a_preview_is_guarded_like_its_file,
    a_bomb_is_refused_and_says_why,
    open_feeds_are_updated,
    temporary_failures_are_retried,
    previews_are_removed_with_their_file,
    a_video_gets_a_still_and_its_length,
    a_voice_note_gets_its_length,
    a_document_gets_its_first_page_and_pages_on_demand,
    a_page_that_cannot_be_drawn_is_tried_once,
    unreadable_media_has_no_preview,
    text_is_read_as_far_as_a_megabyte,
];

// Events reach another server through PostgreSQL.
on_one_pair![two_servers, PostgresGarage: two_servers_make_one_preview];

on_one_pair![on_disk, SqliteLocal: an_unchanged_preview_is_not_sent_again, no_file_is_left_behind];

async fn run(app: &TestApp) {
    run_due(&app.platform, JOBS).await.expect("jobs can be read");
}

/// Returns a file of a message, as in the feed.
async fn file(user: &User, channel: &str) -> Value {
    user.messages(channel).await[0]["attachments"][0].clone()
}

async fn thumbnail(user: &User, id: &str, size: &str) -> crate::support::Answer {
    user.download(id, &format!("/thumbnail?size={size}")).await
}

fn large_photo() -> Vec<u8> {
    // Noise, so that it does not compress.
    let noise = |x: u32, y: u32| (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).to_be_bytes();
    let picture = RgbImage::from_fn(1200, 600, |x, y| Rgb([noise(x, y)[0], noise(x, y)[1], noise(x, y)[2]]));
    files::encoded(picture.into(), ImageFormat::Png)
}

fn pixels(webp: &[u8]) -> (u32, u32) {
    let picture = image::load_from_memory_with_format(webp, ImageFormat::WebP).expect("it is WebP");
    (picture.width(), picture.height())
}

async fn a_picture_gets_its_preview_after_complete(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let photo = large_photo();
    assert!(photo.len() > 500_000, "large enough to have a view: {}", photo.len());
    let id = owner.send_file(&channel, "a.png", "image/png", &photo).await;
    let before = file(&owner, &channel).await;
    assert_eq!(before["preview"], json!({ "state": "pending" }));
    assert_eq!(before["thumbhash"], Value::Null);
    thumbnail(&owner, &id, "feed").await.refused(404, "not_found");
    run(&app).await;
    let after = file(&owner, &channel).await;
    assert_eq!(after["preview"], json!({ "state": "ready" }));
    assert!(text(&after["thumbhash"]).len() >= 20);
    assert_eq!((&after["width"], &after["height"]), (&json!(1200), &json!(600)));
    for (size, expected) in [("feed", (800, 400)), ("view", (1200, 600))] {
        let answer = thumbnail(&owner, &id, size).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("content-type"), "image/webp");
        assert_eq!(pixels(&answer.bytes), expected);
        assert!(answer.bytes.len() < photo.len() / 2);
    }
    thumbnail(&owner, &id, "poster").await.refused(404, "not_found");
    owner.get(&format!("/api/messages/attachments/{id}/thumbnail?size=huge")).await.refused_field("size");
    owner.get(&format!("/api/messages/attachments/{id}/thumbnail")).await.refused(400, "malformed_request");
}

async fn a_preview_is_guarded_like_its_file(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.png", "image/png", &files::picture(64, 48)).await;
    let unsent = owner.upload(&channel, "b.png", "image/png", &files::picture(64, 48)).await;
    run(&app).await;
    let path = |id: &str| format!("/api/messages/attachments/{id}/thumbnail?size=feed");
    let answer = owner.get(&path(&id)).await;
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("content-security-policy"), "sandbox; default-src 'none'");
    assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    assert_eq!(thumbnail(&owner, &unsent, "feed").await.status, 200);
    app.member().await.get(&path(&unsent)).await.refused(404, "not_found");
    app.sql("UPDATE attachments SET deleted_at = 1 WHERE id = {id}", &id).await;
    owner.get(&path(&id)).await.refused(404, "not_found");
}

async fn a_bomb_is_refused_and_says_why(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for (name, bytes, reason) in [
        ("bomb.png", files::png_of(65535, 65535), "Too many pixels to preview: 65535 × 65535"),
        ("cut.png", files::png_of(64, 64), "Damaged: no preview available"),
    ] {
        let id = owner.send_file(&channel, name, "image/png", &bytes).await;
        run(&app).await;
        assert_eq!(file(&owner, &channel).await["preview"], json!({ "state": "none", "reason": reason }));
        thumbnail(&owner, &id, "feed").await.refused(404, "not_found");
        assert_eq!(owner.download(&id, "").await.bytes, bytes, "the file itself can still be saved");
    }
}

async fn open_feeds_are_updated(app: TestApp) {
    let owner = app.owner().await;
    let member = app.member().await;
    let channel = owner.channel("general").await;
    owner.send_file(&channel, "a.png", "image/png", &files::picture(64, 48)).await;
    let message = owner.messages(&channel).await[0]["id"].clone();
    let mut events = member.listen().await;
    run(&app).await;
    let heard = events.next_named("message.changed").await;
    assert_eq!(heard.data, json!({ "channelId": channel, "messageId": message }));
}

async fn two_servers_make_one_preview(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.push(owner.send_file(&channel, "a.png", "image/png", &files::picture(64, 48)).await);
    }
    let other = app.second_server().await;
    let mut events = owner.at(&other.base).listen().await;
    tokio::join!(run(&app), run(&other));
    for _ in &ids {
        events.next_named("message.changed").await;
    }
    // Another event would have come first.
    owner.channel("another").await;
    assert_eq!(events.next().await.name, "channel.created");
    for id in ids {
        assert_eq!(thumbnail(&owner, &id, "feed").await.status, 200);
    }
}

async fn temporary_failures_are_retried(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    owner.send_file(&channel, "a.png", "image/png", &files::picture(64, 48)).await;
    // As after a worker that died.
    let until = app.platform.clock.now().plus(Duration::from_secs(30)).0;
    app.sql(&format!("UPDATE jobs SET leased_until = {until}, attempts = 1 WHERE name = 'make_preview'"), "").await;
    run(&app).await;
    assert_eq!(file(&owner, &channel).await["preview"]["state"], "pending");
    app.advance(Duration::from_mins(1));
    run(&app).await;
    assert_eq!(file(&owner, &channel).await["preview"]["state"], "ready");
    assert_eq!(app.sql("UPDATE jobs SET attempts = 0 WHERE name = 'make_preview'", "").await, 0, "the job is done");
}

async fn previews_are_removed_with_their_file(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.png", "image/png", &files::picture(64, 48)).await;
    run(&app).await;
    let id = id.parse().expect("an id");
    attache::files::attachments::service::remove_objects(&app.platform, id).await.expect("the storage answers");
    thumbnail(&owner, &id.to_string(), "feed").await.refused(404, "not_found");
    if app.is_local_disk() {
        assert_eq!(app.files_under("objects"), Vec::<String>::new());
    }
}

async fn an_unchanged_preview_is_not_sent_again(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.png", "image/png", &files::picture(64, 48)).await;
    run(&app).await;
    let path = format!("/api/messages/attachments/{id}/thumbnail?size=feed");
    let first = owner.get(&path).await;
    let again = owner.request("GET".parse().unwrap(), &path).header("if-none-match", first.header("etag"));
    let again = owner.send_request(again).await;
    assert_eq!((again.status, again.bytes.len()), (304, 0));
    let file = owner.get(&format!("/api/messages/attachments/{id}")).await;
    assert_ne!(first.header("etag"), file.header("etag"));
}

async fn no_file_is_left_behind(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.png", "image/png", &files::picture(64, 48)).await;
    run(&app).await;
    assert_eq!(app.files_under("tmp"), Vec::<String>::new());
    assert_eq!(app.files_under("objects"), [id.clone(), format!("derived/{id}/feed")]);
}

const VIDEO: &[u8] = include_bytes!("../../demo/VID_0042.mp4");
const VOICE: &[u8] = include_bytes!("../../demo/voice-note.m4a");
const DOCUMENT: &[u8] = include_bytes!("../../demo/service-report.pdf");

async fn a_video_gets_a_still_and_its_length(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.mp4", "video/mp4", VIDEO).await;
    run(&app).await;
    let file = file(&owner, &channel).await;
    assert_eq!(file["preview"], json!({ "state": "ready" }), "ffmpeg is installed by make setup-tests");
    assert!(file["durationMs"].as_i64().is_some_and(|length| length > 500), "{file}");
    assert!(file["width"].as_i64().is_some_and(|width| width > 0), "{file}");
    let still = thumbnail(&owner, &id, "poster").await;
    assert_eq!(still.header("content-type"), "image/webp");
    let (width, height) = pixels(&still.bytes);
    assert_eq!(
        i64::from(width) * file["height"].as_i64().unwrap(),
        i64::from(height) * file["width"].as_i64().unwrap()
    );
}

async fn a_voice_note_gets_its_length(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    owner.send_file(&channel, "a.m4a", "audio/mp4", VOICE).await;
    run(&app).await;
    let file = file(&owner, &channel).await;
    assert_eq!(file["preview"], json!({ "state": "none" }));
    assert!(file["durationMs"].as_i64().is_some_and(|length| length > 500), "{file}");
}

async fn a_document_gets_its_first_page_and_pages_on_demand(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.pdf", "application/pdf", DOCUMENT).await;
    run(&app).await;
    let file = file(&owner, &channel).await;
    assert_eq!(file["preview"], json!({ "state": "ready" }), "pdftoppm is installed by make setup-tests");
    assert_eq!(file["pageCount"], 3);
    assert_eq!(pixels(&thumbnail(&owner, &id, "poster").await.bytes).1, 1280);
    // The second time it exists already.
    for page in [1, 3, 1] {
        let page = owner.download(&id, &format!("/pages/{page}")).await;
        assert_eq!((page.status, page.header("content-type")), (200, "image/webp"));
        assert_eq!(pixels(&page.bytes).1, 1600);
    }
    for none in ["0", "4", "4294967295"] {
        owner.get(&format!("/api/messages/attachments/{id}/pages/{none}")).await.refused(404, "not_found");
    }
    owner.get(&format!("/api/messages/attachments/{id}/pages/-1")).await.refused(400, "malformed_request");
    attache::files::attachments::service::remove_objects(&app.platform, id.parse().unwrap())
        .await
        .expect("it is removed");
    if app.is_local_disk() {
        assert_eq!(app.files_under("objects"), Vec::<String>::new(), "pages too");
    }
}

/// A document with two pages, of which the second is missing.
const BROKEN_DOCUMENT: &[u8] = b"%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Count 2 /Kids [3 0 R 9 0 R] >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] >> endobj
trailer << /Size 4 /Root 1 0 R >>
%%EOF
";

async fn a_page_that_cannot_be_drawn_is_tried_once(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.pdf", "application/pdf", BROKEN_DOCUMENT).await;
    run(&app).await;
    assert_eq!(file(&owner, &channel).await["pageCount"], 2);
    let page = |number| format!("/pages/{number}");
    assert_eq!(owner.download(&id, &page(1)).await.status, 200);
    let refused = owner.download(&id, &page(2)).await.refused(404, "not_found");
    // Without the file nothing could be rendered.
    let file = ObjectKey::Attachment(id.parse().unwrap());
    app.platform.storage.delete(&file).await.expect("it is removed");
    assert_eq!(owner.download(&id, &page(2)).await.refused(404, "not_found"), refused);
    assert_eq!(owner.download(&id, &page(1)).await.status, 200);
    attache::files::attachments::service::remove_objects(&app.platform, id.parse().unwrap())
        .await
        .expect("it is removed");
    if app.is_local_disk() {
        assert_eq!(app.files_under("objects"), Vec::<String>::new(), "what stands for the page too");
    }
}

async fn unreadable_media_has_no_preview(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    // A playlist that would read other files, and an empty document.
    let playlist = b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2#EXTM3U\nfile:///etc/passwd\n";
    for (name, content_type, bytes) in
        [("a.mp4", "video/mp4", playlist.to_vec()), ("a.pdf", "application/pdf", files::pdf("nothing"))]
    {
        let id = owner.send_file(&channel, name, content_type, &bytes).await;
        run(&app).await;
        let file = file(&owner, &channel).await;
        assert_eq!(file["preview"], json!({ "state": "none" }), "{name}");
        thumbnail(&owner, &id, "poster").await.refused(404, "not_found");
    }
}

async fn text_is_read_as_far_as_a_megabyte(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let path = |id: &str| format!("/api/attachments/{id}/text");
    let short = owner.send_file(&channel, "a.txt", "text/plain", "<b>Grüße</b>".as_bytes()).await;
    assert_eq!(owner.get(&path(&short)).await.ok(), json!({ "text": "<b>Grüße</b>", "truncated": false }));
    let long = owner.send_file(&channel, "a.log", "text/plain", &b"line\n".repeat(300_000)).await;
    let answer = owner.get(&path(&long)).await.ok();
    assert_eq!((text(&answer["text"]).len(), &answer["truncated"]), (1_000_000, &json!(true)));
    let picture = owner.send_file(&channel, "a.png", "image/png", &files::picture(9, 9)).await;
    owner.get(&path(&picture)).await.refused(404, "not_found");
}
