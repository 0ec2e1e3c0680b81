//! Editing of messages: by their authors only, live, in searches, and in the audit log without the text.

use serde_json::{Value, json};

use crate::support::{Answer, TestApp, User, files, on_both_engines, text};

on_both_engines![
    an_edited_message_shows_its_new_text_and_when,
    only_the_author_can_edit_a_message,
    editing_requires_viewing_the_conversation,
    a_deleted_message_is_not_edited,
    an_edit_leaves_text_or_files,
    an_edit_keeps_to_the_limits_of_texts,
    an_edit_that_changes_nothing_is_not_recorded,
    pages_learn_of_edits_at_once,
    searches_find_the_new_words_only,
    the_audit_log_has_edits_without_their_text,
    a_file_request_is_not_edited,
];

async fn sent(user: &User, channel: &str, body: &str) -> String {
    text(&user.send(channel, body, &[]).await.ok()["id"])
}

async fn edit(user: &User, id: &str, body: &str) -> Answer {
    user.patch(&format!("/api/messages/{id}"), json!({ "body": body })).await
}

async fn an_edited_message_shows_its_new_text_and_when(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let file = member.upload(&channel, "a.txt", "text/plain", b"a").await;
    let before = member.send(&channel, "Helo", &[&file]).await.ok();
    assert_eq!(before["editedAt"], Value::Null);
    let id = text(&before["id"]);
    let edited = edit(&member, &id, " Hello :tada: \n").await.ok();
    assert_eq!(edited["body"], "Hello 🎉");
    assert!(edited["editedAt"].is_string());
    for unchanged in ["id", "author", "createdAt", "attachments"] {
        assert_eq!(edited[unchanged], before[unchanged], "{unchanged}");
    }
    assert_eq!(owner.messages(&channel).await, [edited]);
    let list = owner.get("/api/conversations?kind=team").await.ok();
    assert_eq!(list[0]["lastMessage"]["text"], "Hello 🎉");
    assert_eq!(list[0]["unreadCount"], 1, "an edit is no new message");
}

async fn only_the_author_can_edit_a_message(app: TestApp) {
    let (owner, admin, member) = (app.owner().await, app.admin().await, app.member().await);
    let channel = owner.channel("general").await;
    let id = sent(&member, &channel, "As it was").await;
    for other in [&owner, &admin] {
        edit(other, &id, "Changed").await.refused(403, "forbidden");
    }
    edit(&app.other_organization().await, &id, "Changed").await.refused(404, "not_found");
    app.anonymous()
        .patch(&format!("/api/messages/{id}"), json!({ "body": "Changed" }))
        .await
        .refused(401, "unauthenticated");
    edit(&member, "00000000-0000-7000-8000-000000000000", "Changed").await.refused(404, "not_found");
    edit(&member, "x", "Changed").await.refused(400, "malformed_request");
    assert_eq!(owner.messages(&channel).await[0]["body"], "As it was");
    // What a contact wrote is nobody's, also not of those who received it.
    let jane = text(&owner.contact("Jane", "Doe", "5551234").await["channelId"]);
    let program = owner.program(&["messages:write"]).await;
    let inbound = json!({ "bucketId": jane, "direction": "inbound", "body": "I wrote this" });
    let inbound = text(&program.post("/messages", inbound).await.created()["id"]);
    edit(&owner, &inbound, "Changed").await.refused(403, "forbidden");
}

async fn editing_requires_viewing_the_conversation(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.private_channel("plans").await;
    let members = json!({ "memberIds": [owner.member_id, member.member_id] });
    owner.put(&format!("/api/channels/{channel}/members"), members).await.ok();
    let id = sent(&member, &channel, "As it was").await;
    owner.put(&format!("/api/channels/{channel}/members"), json!({ "memberIds": [owner.member_id] })).await.ok();
    edit(&member, &id, "Changed").await.refused(404, "not_found");
    assert_eq!(owner.messages(&channel).await[0]["body"], "As it was");
}

async fn a_deleted_message_is_not_edited(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = sent(&owner, &channel, "As it was").await;
    owner.delete(&format!("/api/messages/{id}")).await.ok();
    edit(&owner, &id, "Changed").await.refused(404, "not_found");
    owner.poke(&format!("/api/messages/{id}/restore")).await.ok();
    assert_eq!(owner.messages(&channel).await[0]["body"], "As it was");
}

async fn an_edit_leaves_text_or_files(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = sent(&owner, &channel, "Text").await;
    for empty in ["", " \n\t", "\0", "\u{200b}"] {
        edit(&owner, &id, empty).await.refused_field("body");
    }
    let file = owner.upload(&channel, "a.txt", "text/plain", b"a").await;
    let id = text(&owner.send(&channel, "Text", &[&file]).await.ok()["id"]);
    assert_eq!(edit(&owner, &id, "").await.ok()["body"], "");
    // Without its file the message may not become empty.
    edit(&owner, &id, "Again").await.ok();
    owner.delete(&format!("/api/attachments/{file}")).await.ok();
    edit(&owner, &id, "").await.refused_field("body");
}

async fn an_edit_keeps_to_the_limits_of_texts(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = sent(&owner, &channel, "Text").await;
    edit(&owner, &id, &"é".repeat(20_000)).await.ok();
    for long in ["é".repeat(20_001), "x".repeat(1_000_000)] {
        edit(&owner, &id, &long).await.refused_field("body");
    }
    assert_eq!(edit(&owner, &id, "a\u{1b}[31mb\u{202e}c\0d").await.ok()["body"], "a\u{1b}[31mb\u{202e}cd");
    let path = format!("/api/messages/{id}");
    for wrong in [json!({}), json!({ "body": null }), json!({ "body": 1 }), json!([]), Value::Null] {
        let status = owner.patch(&path, wrong.clone()).await.status;
        assert!((400..500).contains(&status), "{wrong}: {status}");
    }
}

async fn an_edit_that_changes_nothing_is_not_recorded(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = sent(&owner, &channel, "Text").await;
    assert_eq!(edit(&owner, &id, " Text ").await.ok()["editedAt"], Value::Null);
    let first = edit(&owner, &id, "Other").await.ok();
    app.advance(std::time::Duration::from_mins(1));
    assert_eq!(edit(&owner, &id, "Other").await.ok()["editedAt"], first["editedAt"]);
    let entries = owner.get("/api/audit-entries?action=message_edited").await.ok();
    assert_eq!(entries["entries"].as_array().unwrap().len(), 1);
}

async fn pages_learn_of_edits_at_once(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let id = sent(&owner, &channel, "Text").await;
    let program = member.program(&["messages:read"]).await;
    let mut heard = member.listen().await;
    edit(&owner, &id, "Other").await.ok();
    let event = heard.next_named("message.changed").await;
    assert_eq!((&event.data["channelId"], &event.data["messageId"]), (&json!(channel), &json!(id)));
    assert_eq!(event.conversation.unwrap()["lastMessage"]["text"], "Other");
    let read = program.get(&format!("/messages/{id}")).await.ok();
    assert_eq!(read["body"], "Other");
    assert!(read["editedAt"].is_string());
}

async fn searches_find_the_new_words_only(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let file = owner.upload(&channel, "a.png", "image/png", &files::picture(8, 8)).await;
    let id = text(&owner.send(&channel, "the siphon", &[&file]).await.ok()["id"]);
    edit(&owner, &id, "the Ölkessel").await.ok();
    for (word, count) in [("siphon", 0), ("olkessel", 1)] {
        let found = owner.get(&format!("/api/channels/{channel}/found?search={word}")).await.ok();
        assert_eq!(found.as_array().unwrap().len(), count, "{word}");
        let files = owner.get(&format!("/api/files?search={word}")).await.ok();
        assert_eq!(files["files"].as_array().unwrap().len(), count, "{word}");
    }
}

async fn the_audit_log_has_edits_without_their_text(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let id = sent(&member, &channel, "secret before").await;
    edit(&member, &id, "secret after").await.ok();
    let log = owner.get("/api/audit-entries?action=message_edited").await;
    assert!(!log.text().contains("secret"), "{}", log.text());
    let entry = log.ok()["entries"][0].clone();
    assert_eq!((&entry["messageId"], &entry["channelId"]), (&json!(id), &json!(channel)));
    assert_eq!(entry["actor"]["name"], "Mia Member");
    let csv = owner.get("/api/audit-entries.csv").await.text();
    assert!(csv.contains("Edited a message") && !csv.contains("secret"), "{csv}");
}

async fn a_file_request_is_not_edited(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    owner.post("/api/file-requests", json!({ "channelId": channel, "note": "Photos" })).await.ok();
    let card = text(&owner.messages(&channel).await[0]["id"]);
    edit(&owner, &card, "Other").await.refused(409, "conflict");
}
