//! Complete files that are in no message: their uploader lists, renames and removes them.

use serde_json::json;

use crate::support::{TestApp, files, on_both_engines};

on_both_engines![
    removing_an_unsent_file_gives_its_room_back_at_once,
    a_sent_file_is_neither_removed_nor_renamed_as_an_upload,
    an_unsent_file_can_be_renamed,
    unsent_files_are_listed_to_their_uploader_alone,
];

async fn removing_an_unsent_file_gives_its_room_back_at_once(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let used = async || owner.get("/api/storage").await.ok()["usedBytes"].as_i64().unwrap();
    let before = used().await;
    let id = owner.upload(&channel, "photo.png", "image/png", &files::png("photo")).await;
    assert!(used().await > before);
    owner.delete(&format!("/api/uploads/{id}")).await.ok();
    assert_eq!(used().await, before);
    owner.get(&format!("/api/messages/attachments/{id}")).await.refused(404, "not_found");
    owner.delete(&format!("/api/uploads/{id}")).await.refused(404, "not_found");
    owner.send(&channel, "", &[&id]).await.refused(404, "not_found");
}

async fn a_sent_file_is_neither_removed_nor_renamed_as_an_upload(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "photo.png", "image/png", &files::png("photo")).await;
    owner.delete(&format!("/api/uploads/{id}")).await.refused(409, "conflict");
    owner.post(&format!("/api/uploads/{id}/rename"), json!({ "fileName": "b.png" })).await.refused(409, "conflict");
    assert_eq!(owner.messages(&channel).await[0]["attachments"][0]["fileName"], "photo.png");
    assert_eq!(owner.download(&id, "").await.status, 200);
}

async fn an_unsent_file_can_be_renamed(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.upload(&channel, "image.png", "image/png", &files::png("photo")).await;
    let rename = async |name: &str| owner.post(&format!("/api/uploads/{id}/rename"), json!({ "fileName": name })).await;
    assert_eq!(rename("Küche/links.png").await.ok()["fileName"], "Küche_links.png");
    rename(" \u{200B} ").await.refused(422, "invalid_value");
    owner.send(&channel, "", &[&id]).await.ok();
    assert_eq!(owner.messages(&channel).await[0]["attachments"][0]["fileName"], "Küche_links.png");
    let found = owner.get("/api/files?search=links").await.ok();
    assert_eq!(found["files"].as_array().unwrap().len(), 1, "{found}");
}

async fn unsent_files_are_listed_to_their_uploader_alone(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let kept = owner.upload(&channel, "kept.png", "image/png", &files::png("kept")).await;
    owner.send_file(&channel, "sent.png", "image/png", &files::png("sent")).await;
    let listed = owner.get("/api/uploads/unsent").await.ok();
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(listed[0]["id"], kept.as_str());
    let colleague = app.invited("member", "Noor Haddad").await;
    assert_eq!(colleague.get("/api/uploads/unsent").await.ok(), json!([]));
}
