//! Edits, replies and forwarding that meet each other, a deletion or a purge.

use serde_json::{Value, json};

use super::{assert_outcome, is_reversed, rounds};
use crate::support::{Answer, TestApp, User, meet_in_order, on_both_engines, text};

on_both_engines![
    an_edit_and_a_deletion_end_in_a_deleted_message,
    the_last_of_two_edits_is_kept,
    edits_of_different_fields_are_both_kept,
    a_reply_and_a_deletion_end_in_a_tombstone_or_no_reply,
    a_forwarded_file_is_sent_or_deleted,
];

const MESSAGE: &str = "SELECT 1 FROM messages WHERE id = {id}";
const ATTACHMENT: &str = "SELECT 1 FROM attachments WHERE id = {id}";

fn call(
    user: &User,
    method: &'static str,
    path: String,
    body: Option<Value>,
) -> impl Future<Output = Answer> + Send + 'static + use<> {
    let user = user.clone();
    async move { user.call(method, &path, body).await }
}

fn edit(user: &User, id: &str, body: &str) -> impl Future<Output = Answer> + Send + 'static + use<> {
    call(user, "PATCH", format!("/api/messages/{id}"), Some(json!({ "body": body })))
}

fn delete(user: &User, path: String) -> impl Future<Output = Answer> + Send + 'static + use<> {
    call(user, "DELETE", path, None)
}

async fn an_edit_and_a_deletion_end_in_a_deleted_message(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    for round in 0..rounds() {
        let id = text(&member.send(&channel, "Before", &[]).await.ok()["id"]);
        let is_reversed = is_reversed(round);
        let answers = meet_in_order(
            &app,
            (MESSAGE, &id),
            is_reversed,
            edit(&member, &id, "After"),
            delete(&owner, format!("/api/messages/{id}")),
        )
        .await;
        assert_outcome(&app, is_reversed, &(answers.0.status, answers.1.status), &(200, 200), &(404, 200));
        let message = owner.get(&format!("/api/messages/{id}")).await.ok();
        assert_eq!((&message["body"], &message["deleted"]["by"]), (&json!(""), &json!("Olga Owner")));
        // An edit that was refused left nothing.
        owner.poke(&format!("/api/messages/{id}/restore")).await.ok();
        let body = if answers.0.status == 200 { "After" } else { "Before" };
        assert_eq!(owner.get(&format!("/api/messages/{id}")).await.ok()["body"], body);
    }
}

async fn the_last_of_two_edits_is_kept(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for round in 0..rounds() {
        let id = text(&owner.send(&channel, "Before", &[]).await.ok()["id"]);
        let is_reversed = is_reversed(round);
        let answers = meet_in_order(
            &app,
            (MESSAGE, &id),
            is_reversed,
            edit(&owner, &id, "one siphon"),
            edit(&owner, &id, "other drill"),
        )
        .await;
        assert_eq!((answers.0.status, answers.1.status), (200, 200));
        let body = text(&owner.get(&format!("/api/messages/{id}")).await.ok()["body"]);
        assert_outcome(&app, is_reversed, &body.as_str(), &"other drill", &"one siphon");
        // The index has the words of this edit, and no others.
        for (word, is_found) in [("siphon", body == "one siphon"), ("drill", body == "other drill")] {
            let found = owner.get(&format!("/api/channels/{channel}/found?search={word}")).await.ok();
            let hits = found.as_array().unwrap().iter().filter(|hit| hit["id"] == id.as_str()).count();
            assert_eq!(hits == 1, is_found, "{word} in {body}");
        }
    }
}

async fn edits_of_different_fields_are_both_kept(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let program = owner.program(&["messages:read", "messages:write"]).await;
    for round in 0..rounds() {
        let message = json!({ "bucketId": channel, "title": "Before", "body": "before" });
        let id = text(&program.post("/messages", message).await.created()["id"]);
        let (titled, path) = (program.clone(), format!("/messages/{id}"));
        let title = async move { titled.call("PATCH", &path, Some(json!({ "title": "After" }))).await };
        let answers = meet_in_order(&app, (MESSAGE, &id), is_reversed(round), title, edit(&owner, &id, "after")).await;
        assert_eq!((answers.0.status, answers.1.status), (200, 200));
        let message = owner.get(&format!("/api/messages/{id}")).await.ok();
        assert_eq!((&message["title"], &message["body"]), (&json!("After"), &json!("after")));
    }
}

async fn a_reply_and_a_deletion_end_in_a_tombstone_or_no_reply(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for round in 0..rounds() {
        let id = text(&owner.send(&channel, "Question", &[]).await.ok()["id"]);
        let reply = json!({ "body": "Answer", "replyTo": id });
        let is_reversed = is_reversed(round);
        let (replied, deleted) = meet_in_order(
            &app,
            (MESSAGE, &id),
            is_reversed,
            call(&owner, "POST", format!("/api/channels/{channel}/messages"), Some(reply)),
            delete(&owner, format!("/api/messages/{id}")),
        )
        .await;
        assert_eq!(deleted.status, 200);
        if replied.status == 200 {
            let answer = text(&replied.ok()["id"]);
            let quote = owner.get(&format!("/api/messages/{answer}")).await.ok()["replyTo"].clone();
            assert_eq!((&quote["deleted"], &quote["text"]), (&json!(true), &json!("")));
        } else {
            replied.refused(404, "not_found");
        }
    }
}

async fn a_forwarded_file_is_sent_or_deleted(app: TestApp) {
    let owner = app.owner().await;
    let (general, random) = (owner.channel("general").await, owner.channel("random").await);
    for round in 0..rounds() {
        let file = owner.send_file(&general, "a.txt", "text/plain", b"a").await;
        let forward = json!({ "attachmentIds": [file] });
        let is_reversed = is_reversed(round);
        let answers = meet_in_order(
            &app,
            (ATTACHMENT, &file),
            is_reversed,
            call(&owner, "POST", format!("/api/channels/{random}/messages"), Some(forward)),
            delete(&owner, format!("/api/attachments/{file}")),
        )
        .await;
        assert_outcome(&app, is_reversed, &(answers.0.status, answers.1.status), &(200, 200), &(404, 200));
        owner.get(&format!("/api/messages/attachments/{file}")).await.refused(404, "not_found");
        let purged = owner.poke(&format!("/api/attachments/{file}/purge")).await.status;
        assert_eq!(purged, 200);
        let sent = owner.messages(&random).await;
        let shown: Vec<_> = sent.iter().flat_map(|message| message["attachments"].as_array().unwrap()).collect();
        assert_eq!(shown, [&Value::Null; 0], "a deleted file is in no message");
    }
}
