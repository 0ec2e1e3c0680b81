//! Uploads of pictures: types, permissions and the rate limit.

use std::time::Duration;

use serde_json::{Value, json};

use crate::pictures::{HOUR, avatar_of, complete, exists, presign, request, run_jobs, set};
use crate::support::{TestApp, files, on_both_engines, text};

on_both_engines![
    five_uploads_an_hour_however_many_ask_at_once_on_two_servers,
    rejected_uploads_are_not_counted,
    the_bytes_decide_the_type_of_a_picture,
    too_large_and_too_many_pixels_are_refused,
    only_the_uploader_completes_and_only_once,
    uncompleted_pictures_are_removed,
];

async fn five_uploads_an_hour_however_many_ask_at_once_on_two_servers(app: TestApp) {
    let owner = app.owner().await;
    let second = app.second_server().await;
    let bytes = files::png("x");
    let begun = app.platform.clock.now();
    let tries = (0..20).map(|place| {
        let user = owner.at(if place % 2 == 0 { &app.base } else { &second.base });
        // All kinds together.
        let mut body = request(["user-avatar", "organization-avatar", "custom-emoji"][place % 3], &bytes);
        body["name"] = json!(format!("emoji_{place}"));
        async move { user.post("/api/uploads/presign", body).await }
    });
    let answers = futures::future::join_all(tries).await;
    let passed = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(passed, 5, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    for refused in answers.into_iter().filter(|answer| answer.status != 200) {
        let seconds: u32 = refused.header("retry-after").parse().expect("seconds");
        assert!((3500..=3600).contains(&seconds), "{seconds}");
        assert_eq!(refused.refused(429, "rate_limited")["data"]["retryAfter"], seconds);
    }
    let left = owner.get("/api/uploads/pictures-left").await.ok();
    // Rounded up, from what remains of the hour.
    let seconds = left["retryAfter"].as_i64().expect("seconds");
    let passed = (app.platform.clock.now().0 - begun.0) / 1000;
    assert_eq!(left["left"], 0);
    assert!((3600 - passed..=3600).contains(&seconds), "{seconds}");
    // Other users and files are not affected.
    presign(&app.member().await, "user-avatar", &bytes).await;
    let channel = owner.channel("general").await;
    owner.presign(&channel, "a.txt", "text/plain", b"a").await;

    app.advance(Duration::from_mins(58));
    let body = request("user-avatar", &bytes);
    owner.post("/api/uploads/presign", body.clone()).await.refused(429, "rate_limited");
    app.advance(Duration::from_mins(2));
    owner.post("/api/uploads/presign", body).await.ok();
}

async fn rejected_uploads_are_not_counted(app: TestApp) {
    let owner = app.owner().await;
    for _ in 0..6 {
        owner.post("/api/uploads/presign", request("user-avatar", b"")).await.refused_field("fileSize");
        owner.post("/api/uploads/presign", request("custom-emoji", b"x")).await.refused_field("name");
    }
    assert_eq!(owner.get("/api/uploads/pictures-left").await.ok(), json!({ "left": 5 }));
    presign(&owner, "user-avatar", b"x").await;
    assert_eq!(owner.get("/api/uploads/pictures-left").await.ok(), json!({ "left": 4 }));
}

async fn the_bytes_decide_the_type_of_a_picture(app: TestApp) {
    let owner = app.owner().await;
    let mut svg = request("user-avatar", files::SVG);
    svg["contentType"] = json!("image/svg+xml");
    owner.post("/api/uploads/presign", svg).await.refused_field("contentType");
    for bytes in [files::SVG, files::HTML, &files::pdf("x"), b"\x89PNG\r\n\x1a\n cut off"] {
        let upload = presign(&owner, "user-avatar", bytes).await;
        assert_eq!(upload.put().await.status, 200);
        complete(&owner, &upload).await.refused(422, "type_mismatch");
        assert!(!exists(&app, &upload.answer["key"]).await);
        complete(&owner, &upload).await.refused(409, "invalid_transition");
        // A failed attempt counts; the next ones are other people's.
        app.advance(HOUR);
    }
    assert_eq!(avatar_of(&owner).await, Value::Null);
    // Labeled as a PNG, and a GIF: the detected type wins.
    let gif = set(&owner, "user-avatar", b"GIF89a\x10\0\x20\0\x80\0\0").await;
    assert_eq!((&gif["contentType"], &gif["height"]), (&json!("image/gif"), &json!(32)));
    assert_eq!(owner.get(&text(&gif["url"])).await.header("content-type"), "image/gif");
}

async fn too_large_and_too_many_pixels_are_refused(app: TestApp) {
    let owner = app.owner().await;
    for (kind, most) in [("user-avatar", 5_000_000), ("custom-emoji", 256_000)] {
        let mut body = request(kind, b"");
        body["name"] = json!("party_parrot");
        body["fileSize"] = json!(most + 1);
        owner.post("/api/uploads/presign", body.clone()).await.refused(413, "too_large");
        body["fileSize"] = json!(most);
        owner.post("/api/uploads/presign", body).await.ok();
    }
    let bomb = presign(&owner, "user-avatar", &files::png_of(65535, 65535)).await;
    assert_eq!(bomb.put().await.status, 200);
    complete(&owner, &bomb).await.refused(422, "invalid_value");
    assert!(!exists(&app, &bomb.answer["key"]).await);
    // Another size than announced is rejected.
    let upload = presign(&owner, "user-avatar", &files::png("x")).await;
    assert!(upload.put_bytes(&files::png("longer")).await.status >= 400);
    complete(&owner, &upload).await.refused(422, "object_missing");
}

async fn only_the_uploader_completes_and_only_once(app: TestApp) {
    let (owner, admin) = (app.owner().await, app.admin().await);
    let upload = presign(&owner, "organization-avatar", &files::png("x")).await;
    complete(&owner, &upload).await.refused(422, "object_missing");
    assert_eq!(upload.put().await.status, 200);
    complete(&admin, &upload).await.refused(404, "not_found");
    // Not served before it is complete.
    owner.get(&format!("/api/pictures/{}", upload.id)).await.refused(404, "not_found");
    let first = complete(&owner, &upload).await.ok();
    assert_eq!(complete(&owner, &upload).await.ok(), first);
    // The old URL can't change the verified bytes.
    let _ = upload.put_bytes(&files::png("y")).await;
    assert_eq!(complete(&owner, &upload).await.ok(), first);
    assert_eq!(owner.get(&text(&first["url"])).await.bytes, files::png("x"));
}

async fn uncompleted_pictures_are_removed(app: TestApp) {
    // A day passes in its storage: unfinished uploads of other tests would look abandoned.
    let app = TestApp::start_alone(app.engines).await;
    let owner = app.owner().await;
    let upload = presign(&owner, "user-avatar", &files::png("x")).await;
    assert_eq!(upload.put().await.status, 200);
    let staged = if app.is_local_disk() { app.files_under("objects/staging").len() } else { 1 };
    assert_eq!(staged, 1);
    app.advance(HOUR * 25);
    let owner = owner.another_device().await;
    run_jobs(&app).await;
    complete(&owner, &upload).await.refused(404, "not_found");
    if app.is_local_disk() {
        assert!(app.files_under("objects/staging").is_empty());
    }
    run_jobs(&app).await;
}
