//! Deleted messages, and the files that are deleted and restored with them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::removal::{attachment, only_message};
use crate::support::{TestApp, on_both_engines, text};

on_both_engines![
    a_deleted_message_says_nothing,
    deleting_a_message_requires_author_or_permission,
    restoring_a_message_restores_its_files,
    a_file_in_two_messages_goes_with_the_last,
];

async fn a_deleted_message_says_nothing(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    owner.send(&channel, "before", &[]).await.ok();
    let file = owner.upload(&channel, "hush.txt", "text/plain", b"a").await;
    let id = text(&owner.send(&channel, "a secret", &[&file]).await.ok()["id"]);
    owner.delete(&format!("/api/messages/{id}")).await.ok();
    for user in [&owner, &member] {
        for path in [
            format!("/api/messages/{id}"),
            format!("/api/channels/{channel}/messages"),
            format!("/api/channels/{channel}/feed"),
            format!("/api/files?channel={channel}"),
            "/api/conversations?kind=team".to_owned(),
        ] {
            let answer = user.get(&path).await;
            assert_eq!(answer.status, 200, "{path}");
            assert!(!answer.text().contains("secret") && !answer.text().contains("hush"), "{path}: {}", answer.text());
        }
        let message = only_message(user, &channel).await;
        assert_eq!((&message["id"], &message["deleted"]["by"]), (&json!(id), &json!("Olga Owner")));
        assert_eq!((&message["body"], &message["attachments"]), (&json!(""), &json!([])));
        user.get(&format!("/api/messages/attachments/{file}")).await.refused(404, "not_found");
    }
    owner.delete(&format!("/api/messages/{id}")).await.refused(404, "not_found");
}

async fn deleting_a_message_requires_author_or_permission(app: TestApp) {
    let (owner, admin, member) = (app.owner().await, app.admin().await, app.member().await);
    let channel = owner.channel("general").await;
    let of_owner = text(&owner.send(&channel, "a", &[]).await.ok()["id"]);
    let of_member = text(&member.send(&channel, "b", &[]).await.ok()["id"]);
    member.delete(&format!("/api/messages/{of_owner}")).await.refused(403, "forbidden");
    member.delete(&format!("/api/messages/{of_member}")).await.ok();
    admin.delete(&format!("/api/messages/{of_owner}")).await.ok();
    let restore = format!("/api/messages/{of_member}/restore");
    member.poke(&restore).await.ok();
    owner.poke(&restore).await.refused(409, "conflict");
    member.delete(&format!("/api/messages/{of_member}")).await.ok();
    app.advance(Duration::from_mins(11));
    member.poke(&restore).await.refused(403, "forbidden");
    member.poke(&format!("/api/messages/{of_owner}/restore")).await.refused(403, "forbidden");
    owner.poke(&restore).await.ok();
}

async fn restoring_a_message_restores_its_files(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let before = owner.upload(&channel, "before.txt", "text/plain", b"a").await;
    let with = owner.upload(&channel, "with.txt", "text/plain", b"b").await;
    let id = text(&owner.send(&channel, "two", &[&before, &with]).await.ok()["id"]);
    owner.delete(&attachment(&before)).await.ok();
    owner.delete(&format!("/api/messages/{id}")).await.ok();
    let list = owner.get("/api/deleted-attachments").await.ok();
    let went: Vec<_> =
        list["files"].as_array().unwrap().iter().map(|file| (&file["fileName"], &file["deletedWithMessage"])).collect();
    assert_eq!(went, [(&json!("with.txt"), &json!(true)), (&json!("before.txt"), &json!(false))]);
    // A file can't be restored into a deleted message.
    owner.poke(&format!("/api/attachments/{with}/restore")).await.refused(409, "conflict");
    owner.poke(&format!("/api/messages/{id}/restore")).await.ok();
    let message = only_message(&owner, &channel).await;
    assert_eq!((&message["body"], &message["deleted"]), (&json!("two"), &Value::Null));
    assert_eq!(message["attachments"][0]["fileName"], "with.txt");
    assert_eq!(message["deletedAttachments"][0]["fileName"], "before.txt");
    assert_eq!(owner.download(&with, "").await.bytes, b"b");
}

async fn a_file_in_two_messages_goes_with_the_last(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let id = owner.upload(&channel, "a.txt", "text/plain", b"a").await;
    let first = text(&owner.send(&channel, "first", &[&id]).await.ok()["id"]);
    let second = text(&owner.send(&channel, "second", &[]).await.ok()["id"]);
    let link = "INSERT INTO message_attachments (message_id, position, attachment_id)
        SELECT id, 0, {id} FROM messages WHERE body = 'second'";
    app.sql(link, &id).await;

    owner.delete(&attachment(&id)).await.ok();
    for message in member.messages(&channel).await {
        assert_eq!(message["deletedAttachments"][0]["id"], id.as_str(), "{message}");
    }
    owner.poke(&format!("/api/attachments/{id}/restore")).await.ok();

    owner.delete(&format!("/api/messages/{first}")).await.ok();
    assert_eq!(member.download(&id, "").await.status, 200, "the second still has it");
    owner.delete(&format!("/api/messages/{second}")).await.ok();
    assert_eq!(member.download(&id, "").await.status, 404);
    owner.poke(&format!("/api/messages/{first}/restore")).await.ok();
    assert_eq!(member.download(&id, "").await.status, 200);
    assert_eq!(owner.get(&format!("/api/messages/{first}")).await.ok()["attachments"][0]["id"], id.as_str());
}
