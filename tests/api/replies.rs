//! Replies: what they can reply to, and their quotes, which are the present state of the quoted message.

use serde_json::{Value, json};

use crate::support::{Answer, TestApp, User, files, on_both_engines, text};

on_both_engines![
    a_reply_quotes_a_message_of_its_conversation,
    a_reply_to_a_message_elsewhere_is_refused,
    a_quote_shows_the_present_text,
    a_quote_of_a_deleted_message_is_a_tombstone,
    a_quote_without_text_describes_the_files,
    a_quote_is_cut_to_a_line,
    programs_reply_and_read_replies,
    a_page_of_replies_has_all_quotes,
    a_repeated_reply_is_found_by_its_key,
];

async fn reply(user: &User, channel: &str, body: &str, to: &Value) -> Answer {
    user.post(&format!("/api/channels/{channel}/messages"), json!({ "body": body, "replyTo": to })).await
}

async fn quote(user: &User, id: &Value) -> Value {
    user.get(&format!("/api/messages/{}", text(id))).await.ok()["replyTo"].clone()
}

async fn a_reply_quotes_a_message_of_its_conversation(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let first = member.send(&channel, "Is it here?\nSince when?", &[]).await.ok();
    let answer = reply(&owner, &channel, "Yes", &first["id"]).await.ok();
    let expected = json!({ "id": first["id"], "author": "Mia Member", "text": "Is it here?" });
    assert_eq!(answer["replyTo"], expected);
    for path in [
        format!("/api/channels/{channel}/messages"),
        format!("/api/channels/{channel}/messages/after/{}", text(&first["id"])),
    ] {
        assert_eq!(member.get(&path).await.ok()[0]["replyTo"], expected, "{path}");
    }
    let feed = member.get(&format!("/api/channels/{channel}/feed")).await.ok();
    assert_eq!((&feed["messages"][0]["replyTo"], &feed["messages"][1]["replyTo"]), (&Value::Null, &expected));
    let opened = member.get(&format!("/api/conversations/{channel}")).await.ok();
    assert_eq!(opened["feed"]["messages"][1]["replyTo"], expected);
    // A reply to a reply, and to oneself.
    assert_eq!(reply(&owner, &channel, "Sure", &answer["id"]).await.ok()["replyTo"]["text"], "Yes");
    // Omitted in each of these.
    for nothing in [Value::Null, json!("")] {
        assert_eq!(reply(&owner, &channel, "Alone", &nothing).await.ok()["replyTo"], Value::Null);
    }
}

async fn a_reply_to_a_message_elsewhere_is_refused(app: TestApp) {
    let (owner, member, stranger) = (app.owner().await, app.member().await, app.other_organization().await);
    let (general, plans) = (owner.channel("general").await, owner.private_channel("plans").await);
    let away = stranger.channel("general").await;
    let hidden = owner.send(&plans, "hidden", &[]).await.ok()["id"].clone();
    let theirs = stranger.send(&away, "theirs", &[]).await.ok()["id"].clone();
    let deleted = owner.send(&general, "deleted", &[]).await.ok()["id"].clone();
    owner.delete(&format!("/api/messages/{}", text(&deleted))).await.ok();
    let unknown = json!("00000000-0000-7000-8000-000000000000");
    for (user, target) in
        [(&member, &hidden), (&owner, &hidden), (&owner, &theirs), (&owner, &deleted), (&owner, &unknown)]
    {
        let refused = reply(user, &general, "Reply", target).await.refused(404, "not_found");
        assert_eq!(refused["data"]["field"], "replyTo");
    }
    for wrong in [json!("x"), json!(1), json!([]), json!({})] {
        let status = reply(&owner, &general, "Reply", &wrong).await.status;
        assert!((400..500).contains(&status), "{wrong}: {status}");
    }
    assert_eq!(owner.messages(&general).await.len(), 1, "the deleted one");
}

async fn a_quote_shows_the_present_text(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let first = owner.send(&channel, "Helo", &[]).await.ok();
    let answer = reply(&owner, &channel, "Yes", &first["id"]).await.ok();
    owner.patch(&format!("/api/messages/{}", text(&first["id"])), json!({ "body": "Hello" })).await.ok();
    assert_eq!(quote(&owner, &answer["id"]).await["text"], "Hello");
}

async fn a_quote_of_a_deleted_message_is_a_tombstone(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let first = owner.send(&channel, "a secret", &[]).await.ok();
    let answer = reply(&owner, &channel, "Yes", &first["id"]).await.ok();
    let path = format!("/api/messages/{}", text(&first["id"]));
    owner.delete(&path).await.ok();
    let tombstone = json!({ "id": first["id"], "author": "Olga Owner", "text": "", "deleted": true });
    assert_eq!(quote(&owner, &answer["id"]).await, tombstone);
    let feed = owner.get(&format!("/api/channels/{channel}/feed")).await;
    assert!(!feed.text().contains("secret"), "{}", feed.text());
    owner.poke(&format!("{path}/restore")).await.ok();
    assert_eq!(quote(&owner, &answer["id"]).await["text"], "a secret");
    // A deleted reply quotes nothing.
    owner.delete(&format!("/api/messages/{}", text(&answer["id"]))).await.ok();
    assert_eq!(quote(&owner, &answer["id"]).await, Value::Null);
}

async fn a_quote_without_text_describes_the_files(app: TestApp) {
    let (owner, guest) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let mut ids = Vec::new();
    for name in ["a.png", "b.png"] {
        ids.push(owner.upload(&channel, name, "image/png", &files::picture(8, 8)).await);
    }
    let plan = owner.upload(&channel, "plan.txt", "text/plain", b"plan").await;
    let photo = owner.send(&channel, "", &[&ids[0]]).await.ok();
    let document = owner.send(&channel, "", &[&plan]).await.ok();
    let both = owner.send(&channel, "", &[&ids[1], &plan]).await.ok();
    let mut answers = Vec::new();
    for (message, expected) in [(&photo, "Photo"), (&document, "plan.txt"), (&both, "2 files")] {
        let answer = reply(&owner, &channel, "Yes", &message["id"]).await.ok();
        assert_eq!(answer["replyTo"]["text"], expected);
        answers.push(answer["id"].clone());
    }
    // A deleted file is not named.
    owner.delete(&format!("/api/attachments/{plan}")).await.ok();
    assert_eq!(quote(&owner, &answers[1]).await["text"], "No text");
    assert_eq!(quote(&owner, &answers[2]).await["text"], "Photo");
    // Roles that can't view files don't learn their names.
    let permissions = json!(["Channel:View", "Message:Send"]);
    let role = owner.post("/api/roles", json!({ "name": "Blind", "permissions": permissions })).await.ok();
    owner.patch(&format!("/api/members/{}", guest.member_id), json!({ "role": role["id"] })).await.ok();
    assert_eq!(quote(&guest, &answers[0]).await["text"], "File");
}

async fn a_quote_is_cut_to_a_line(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let first = owner.send(&channel, &"é".repeat(20_000), &[]).await.ok();
    let answer = reply(&owner, &channel, "Yes", &first["id"]).await.ok();
    assert_eq!(text(&answer["replyTo"]["text"]).chars().count(), 141);
}

async fn programs_reply_and_read_replies(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let other = owner.channel("other").await;
    let first = owner.send(&channel, "Is it here?", &[]).await.ok();
    let program = owner.program(&["messages:read", "messages:write"]).await;
    let input = json!({ "bucketId": channel, "body": "Yes", "replyTo": first["id"] });
    let answer = program.post("/messages", input.clone()).await.created();
    assert_eq!(answer["replyTo"], first["id"]);
    assert_eq!(program.get(&format!("/messages/{}", text(&first["id"]))).await.ok()["replyTo"], Value::Null);
    assert_eq!(quote(&owner, &answer["id"]).await["text"], "Is it here?");
    let elsewhere = json!({ "bucketId": other, "body": "Yes", "replyTo": first["id"] });
    assert_eq!(program.post("/messages", elsewhere).await.status, 404);
    let listed = program.get(&format!("/messages?bucketId={channel}")).await.ok();
    assert_eq!(listed["messages"][0]["replyTo"], first["id"]);
}

async fn a_page_of_replies_has_all_quotes(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let mut targets = Vec::new();
    for number in 0..3 {
        targets.push(owner.send(&channel, &format!("question {number}"), &[]).await.ok()["id"].clone());
    }
    for number in 0..50 {
        reply(&owner, &channel, &number.to_string(), &targets[number % 3]).await.ok();
    }
    let feed = owner.get(&format!("/api/channels/{channel}/feed")).await.ok();
    let messages = feed["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 50);
    for (number, message) in messages.iter().enumerate() {
        assert_eq!(message["replyTo"]["text"], format!("question {}", number % 3));
    }
}

async fn a_repeated_reply_is_found_by_its_key(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let first = owner.send(&channel, "question", &[]).await.ok();
    let path = format!("/api/channels/{channel}/messages");
    let body = json!({ "body": "Yes", "replyTo": first["id"], "idempotencyKey": "once" });
    let answer = owner.post(&path, body.clone()).await.ok();
    owner.delete(&format!("/api/messages/{}", text(&first["id"]))).await.ok();
    let again = owner.post(&path, body).await.ok();
    assert_eq!((&again["id"], &again["replyTo"]["deleted"]), (&answer["id"], &json!(true)));
}
