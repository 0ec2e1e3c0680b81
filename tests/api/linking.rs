//! Which files a message can have: complete ones, uploaded by this sender to this channel, or sent before.

use serde_json::json;

use crate::support::{TestApp, on_both_engines};

on_both_engines![
    files_stay_in_the_order_in_which_they_were_sent,
    a_file_of_somebody_else_is_refused,
    a_file_of_another_channel_is_refused,
    a_file_of_another_organization_is_refused,
    a_file_that_is_not_complete_is_refused,
    messages_at_once_with_one_file_share_it,
    one_wrong_file_sends_nothing,
    a_message_has_a_hundred_files_at_the_most,
];

async fn files_stay_in_the_order_in_which_they_were_sent(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let mut ids = Vec::new();
    for name in ["a.txt", "b.txt", "c.txt"] {
        ids.push(owner.upload(&channel, name, "text/plain", name.as_bytes()).await);
    }
    let sent = owner.send(&channel, "three", &[&ids[2], &ids[0], &ids[1], &ids[0]]).await.ok();
    let names: Vec<_> =
        sent["attachments"].as_array().unwrap().iter().map(|file| file["fileName"].as_str().unwrap()).collect();
    assert_eq!(names, ["c.txt", "a.txt", "b.txt"]);
}

async fn a_file_of_somebody_else_is_refused(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let file = member.upload(&channel, "a.txt", "text/plain", b"a").await;
    let refused = owner.send(&channel, "mine now", &[&file]).await.refused(404, "not_found");
    assert_eq!(refused["data"]["field"], "attachmentIds");
    member.send(&channel, "", &[&file]).await.ok();
    owner.send(&channel, "forwarded", &[&file]).await.ok();
}

async fn a_file_of_another_channel_is_refused(app: TestApp) {
    let owner = app.owner().await;
    let (channel, other) = (owner.channel("general").await, owner.channel("other").await);
    let file = owner.upload(&channel, "a.txt", "text/plain", b"a").await;
    owner.send(&other, "", &[&file]).await.refused(404, "not_found");
    owner.send(&channel, "", &[&file]).await.ok();
}

async fn a_file_of_another_organization_is_refused(app: TestApp) {
    let (owner, stranger) = (app.owner().await, app.other_organization().await);
    let (channel, elsewhere) = (owner.channel("general").await, stranger.channel("general").await);
    let file = stranger.upload(&elsewhere, "a.txt", "text/plain", b"a").await;
    owner.send(&channel, "", &[&file]).await.refused(404, "not_found");
    owner.send(&channel, "", &["00000000-0000-0000-0000-000000000000"]).await.refused(404, "not_found");
    owner.send(&elsewhere, "hello", &[]).await.refused(404, "not_found");
}

async fn a_file_that_is_not_complete_is_refused(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let uploading = owner.stage(&channel, "a.txt", "text/plain", b"a").await;
    owner.send(&channel, "", &[&uploading.id]).await.refused(409, "attachment_not_complete");
    let failed = owner.presign(&channel, "b.txt", "text/plain", b"b").await;
    owner.fail(&failed.id, "x").await.ok();
    owner.send(&channel, "", &[&failed.id]).await.refused(409, "attachment_not_complete");
    owner.complete(&uploading.id).await.ok();
    owner.send(&channel, "", &[&uploading.id]).await.ok();
}

async fn messages_at_once_with_one_file_share_it(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let file = owner.upload(&channel, "a.txt", "text/plain", b"a").await;
    let files = [file.as_str()];
    let sends = futures::future::join_all((0..4).map(|_| owner.send(&channel, "", &files))).await;
    assert!(sends.into_iter().all(|answer| answer.ok()["attachments"][0]["id"] == file.as_str()));
    let totals = owner.get("/api/files/totals").await.ok();
    assert_eq!((&totals["count"], &totals["size"]), (&json!(1), &json!(1)));
}

async fn one_wrong_file_sends_nothing(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let good = owner.upload(&channel, "a.txt", "text/plain", b"a").await;
    let bad = owner.presign(&channel, "b.txt", "text/plain", b"b").await;
    owner.send(&channel, "both", &[&good, &bad.id]).await.refused(409, "attachment_not_complete");
    assert_eq!(owner.messages(&channel).await, [json!(null); 0]);
    owner.send(&channel, "one", &[&good]).await.ok();
}

async fn a_message_has_a_hundred_files_at_the_most(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let ids: Vec<_> = (0..101).map(|number| format!("00000000-0000-0000-0000-{number:012}")).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    owner.send(&channel, "", &ids).await.refused_field("attachmentIds");
    owner.send(&channel, "", &ids[..100]).await.refused(404, "not_found");
}
