//! What is shown in place of files: made by a job, served with the checks of the file itself.

use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use image::{ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};

use crate::support::{TestApp, User, files, on_both_engines, on_one_pair, text};

on_both_engines![
    a_picture_gets_its_preview_after_complete,
    a_preview_is_guarded_like_its_file,
    a_bomb_is_refused_and_says_why,
    open_feeds_are_told,
    what_fails_for_a_moment_is_tried_again,
    previews_are_removed_with_their_file,
];

// Events reach another server by way of PostgreSQL.
on_one_pair![two_servers, PostgresGarage: two_servers_make_one_preview];

on_one_pair![on_disk, SqliteLocal: an_unchanged_preview_is_not_sent_again, no_file_is_left_behind];

async fn run(app: &TestApp) {
    run_due(&app.platform, JOBS).await.expect("jobs can be read");
}

/// A file of a message, as the feed shows it.
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
        ("cut.png", files::png_of(64, 64), "Damaged: it cannot be previewed"),
    ] {
        let id = owner.send_file(&channel, name, "image/png", &bytes).await;
        run(&app).await;
        assert_eq!(file(&owner, &channel).await["preview"], json!({ "state": "none", "reason": reason }));
        thumbnail(&owner, &id, "feed").await.refused(404, "not_found");
        assert_eq!(owner.download(&id, "").await.bytes, bytes, "the file itself can still be saved");
    }
}

async fn open_feeds_are_told(app: TestApp) {
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
    // Another one would have come before this.
    owner.channel("another").await;
    assert_eq!(events.next().await.name, "channel.created");
    for id in ids {
        assert_eq!(thumbnail(&owner, &id, "feed").await.status, 200);
    }
}

async fn what_fails_for_a_moment_is_tried_again(app: TestApp) {
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
    attache::attachments::service::remove_objects(&app.platform, id).await.expect("the storage answers");
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
