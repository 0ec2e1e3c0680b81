//! The picture of a bucket among the attachments of its messages.

use serde_json::{Value, json};

use crate::support::{Part, Program, TestApp, files, on_both_engines, text};

on_both_engines![
    the_picture_of_a_bucket_comes_with_its_messages_once,
    a_message_that_has_an_icon_gets_none_more,
    without_a_picture_and_outside_buckets_there_is_none,
    the_picture_is_that_of_today,
    a_private_icon_requires_access_to_the_bucket,
];

const ALL: [&str; 4] = ["messages:write", "messages:read", "attachments:write", "buckets:write"];

/// Returns a program, its bucket and the bucket's picture.
async fn bucket_with_picture(app: &TestApp) -> (Program, String, String) {
    let program = app.owner().await.program(&ALL).await;
    let icon = program.upload("icon.png", &files::picture(8, 8)).await;
    let bucket = program.post("/buckets", json!({ "name": "door", "iconAttachmentUuid": icon })).await.created();
    (program, text(&bucket["id"]), icon)
}

async fn a_private_icon_requires_access_to_the_bucket(app: TestApp) {
    let (program, bucket, icon) = bucket_with_picture(&app).await;
    let drawn = program.post("/buckets", json!({ "name": "gate", "publicDownloads": false })).await.created();
    let drawn = format!("/api/v1/buckets/{}/icon", text(&drawn["id"]));
    let picture = format!("/api/v1/buckets/{bucket}/icon");
    app.owner().await.patch(&format!("/api/buckets/{bucket}"), json!({ "publicDownloads": false })).await.ok();
    for path in [&drawn, &picture] {
        let rest = path.strip_prefix("/api/v1").unwrap();
        assert_eq!(program.get(rest).await.status, if path == &drawn || app.is_local_disk() { 200 } else { 302 });
        let shown = app.member().await.get(path).await;
        assert!(matches!(shown.status, 200 | 302), "{}", shown.text());
        assert!(shown.header("cache-control").starts_with("private"), "{}", shown.header("cache-control"));
        for stranger in [app.anonymous(), app.other_organization().await] {
            stranger.get(path).await.refused(404, "not_found");
        }
        app.guest().await.get(path).await.refused(404, "not_found");
        let bound = app.owner().await.bound_program(&["messages:write"], &bucket).await;
        assert_eq!(bound.get(rest).await.status == 404, path == &drawn);
    }
    assert_eq!(app.member().await.download(&icon, "").await.bytes, files::picture(8, 8));
}

/// Returns a message's attachments: media type, and id or URL.
fn carried(message: &Value) -> Vec<(String, String)> {
    let name = |item: &Value| text(item.get("attachmentUuid").or(item.get("url")).unwrap_or(&item["id"]));
    message["attachments"].as_array().unwrap().iter().map(|item| (text(&item["mediaType"]), name(item))).collect()
}

fn as_icon(id: &str) -> (String, String) {
    ("ICON".to_owned(), id.to_owned())
}

async fn the_picture_of_a_bucket_comes_with_its_messages_once(app: TestApp) {
    let (program, bucket, icon) = bucket_with_picture(&app).await;
    let sent = program.post("/messages", json!({ "bucketId": bucket, "title": "Ring" })).await.created();
    assert_eq!(carried(&sent), [as_icon(&icon)]);
    let path = format!("/messages/{}", text(&sent["id"]));
    assert_eq!(carried(&program.get(&path).await.ok()), [as_icon(&icon)]);
    let edited = program.call("PATCH", &path, Some(json!({ "title": "Rang" }))).await.ok();
    assert_eq!(carried(&edited), [as_icon(&icon)]);
    let reader = app.owner().await.program(&["attachments:read"]).await;
    let files_of = format!("/attachments/message/{}", text(&sent["id"]));
    assert_eq!(carried(&reader.get(&files_of).await.ok()), [as_icon(&icon)]);
    // After its own files.
    let picture = files::picture(16, 8);
    let form = [("bucketId", Part::Text("door")), ("file", Part::File("a.png", &picture))];
    let with_file = program.form("/messages/with-attachment", &form).await.created();
    let own = text(&with_file["attachments"][0]["attachmentUuid"]);
    assert_eq!(carried(&with_file), [("IMAGE".to_owned(), own), as_icon(&icon)]);
    let list = program.get(&format!("/messages?bucketId={bucket}")).await.ok();
    for message in list["messages"].as_array().unwrap() {
        assert_eq!(carried(message).into_iter().filter(|item| *item == as_icon(&icon)).count(), 1);
    }
    // Its receivers can fetch its bytes: a token of this bucket too.
    let bound = app.owner().await.bound_program(&["attachments:read"], &bucket).await;
    assert_eq!(bound.download(&icon).await.bytes, files::picture(8, 8));
    // It is not a file of the message: the feed shows it beside the bucket's name.
    let shown = app.owner().await.messages(&bucket).await;
    assert_eq!(shown.iter().map(|message| message["attachments"].as_array().unwrap().len()).sum::<usize>(), 1);
}

async fn a_message_that_has_an_icon_gets_none_more(app: TestApp) {
    let (program, bucket, icon) = bucket_with_picture(&app).await;
    let picture = files::picture(9, 9);
    let fields = [("file", Part::File("other.png", &picture)), ("mediaType", Part::Text("ICON"))];
    let other = text(&program.form("/attachments/upload", &fields).await.created()["id"]);
    let reader = app.owner().await.program(&["attachments:read"]).await;
    for (attachment, expected) in [
        (json!({ "attachmentUuid": other }), as_icon(&other)),
        (json!({ "url": "https://example.com/i.png", "mediaType": "ICON" }), as_icon("https://example.com/i.png")),
        // The picture itself, stored as any media type.
        (json!({ "attachmentUuid": icon }), ("IMAGE".to_owned(), icon.clone())),
    ] {
        let body = json!({ "bucketId": bucket, "attachments": [attachment] });
        let sent = program.post("/messages", body).await.created();
        assert_eq!(carried(&sent), std::slice::from_ref(&expected));
        let id = text(&sent["id"]);
        assert_eq!(carried(&program.get(&format!("/messages/{id}")).await.ok()), std::slice::from_ref(&expected));
        let stored = carried(&reader.get(&format!("/attachments/message/{id}")).await.ok());
        assert!(stored.iter().all(|item| *item == expected), "{stored:?}");
    }
}

async fn without_a_picture_and_outside_buckets_there_is_none(app: TestApp) {
    let owner = app.owner().await;
    owner.channel("team").await;
    let program = owner.program(&ALL).await;
    program.post("/buckets", json!({ "name": "drawn" })).await.created();
    for place in ["team", "drawn"] {
        let sent = program.post("/messages", json!({ "bucketId": place, "body": "x" })).await.created();
        assert_eq!(carried(&sent), []);
    }
}

async fn the_picture_is_that_of_today(app: TestApp) {
    let (program, bucket, _) = bucket_with_picture(&app).await;
    let sent = program.post("/messages", json!({ "bucketId": bucket, "body": "x" })).await.created();
    let path = format!("/messages/{}", text(&sent["id"]));
    let other = program.upload("other.png", &files::picture(9, 9)).await;
    let bucket = format!("/buckets/{bucket}");
    program.call("PATCH", &bucket, Some(json!({ "iconAttachmentUuid": other }))).await.ok();
    assert_eq!(carried(&program.get(&path).await.ok()), [as_icon(&other)]);
    program.call("PATCH", &bucket, Some(json!({ "iconAttachmentUuid": null }))).await.ok();
    assert_eq!(carried(&program.get(&path).await.ok()), []);
}
