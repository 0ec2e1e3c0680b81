//! Photos that can't be read: here every worker dies.

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use serde_json::{Value, json};

use crate::support::{Engines, TestApp, files, text};

const REASON: &str = "Too complex to preview";

async fn start(engines: Engines) -> TestApp {
    TestApp::start_with(engines, |config| config.worker_program = "/bin/false".into()).await
}

async fn a_photo_that_cannot_be_searched_is_refused(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for (name, content_type, bytes) in
        [("a.png", "image/png", files::picture(20, 10)), ("a.jpg", "image/jpeg", files::jpeg("no more than a header"))]
    {
        let upload = owner.stage(&channel, name, content_type, &bytes).await;
        owner.complete(&upload.id).await.refused(422, "unreadable_media");
        // The response stays the same, and nothing is stored.
        assert_eq!(owner.complete(&upload.id).await.status, 409);
        assert_eq!(owner.download(&upload.id, "").await.status, 404);
        if app.is_local_disk() {
            assert_eq!(app.files_under("objects"), [""; 0]);
        }
    }
    let id = owner.send_file(&channel, "a.txt", "text/plain", b"not a photo").await;
    assert_eq!(owner.download(&id, "").await.bytes, b"not a photo");
}

async fn where_locations_stay_it_is_complete_but_never_public(app: TestApp) {
    let owner = app.owner().await;
    owner.patch("/api/photo-location", json!({ "keep": true })).await.ok();
    let bucket = text(&owner.post("/api/buckets", json!({ "name": "Door", "publicDownloads": true })).await.ok()["id"]);
    let photo = files::picture(20, 10);
    let id = owner.send_file(&bucket, "a.png", "image/png", &photo).await;
    assert_eq!(owner.download(&id, "").await.bytes, photo);
    let link = owner.post("/api/share-links", json!({ "attachmentId": id })).await.ok();
    let shared = format!("/s/{}/{id}", text(&link["url"]).rsplit('/').next().unwrap());
    for path in [format!("/api/v1/attachments/{id}/download/public"), shared.clone(), format!("{shared}?download=1")] {
        for _ in 0..2 {
            let answer = app.anonymous().get(&path).await;
            assert_eq!(answer.status, 422, "{path}: {}", answer.text());
        }
    }
    run_due(&app.platform, JOBS).await.unwrap();
    let file = owner.messages(&bucket).await[0]["attachments"][0].clone();
    assert_eq!(file["preview"], json!({ "state": "none", "reason": REASON }));
    assert_eq!(file["location"], Value::Null);
    assert_eq!(owner.download(&id, "").await.bytes, photo, "members still have it");
}

macro_rules! on_both {
    ($($name:ident),+) => {
        mod sqlite_local {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::start(crate::support::Engines::SqliteLocal).await).await;
            })+
        }
        mod postgres_garage {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::start(crate::support::Engines::PostgresGarage).await).await;
            })+
        }
    };
}

on_both![a_photo_that_cannot_be_searched_is_refused, where_locations_stay_it_is_complete_but_never_public];
