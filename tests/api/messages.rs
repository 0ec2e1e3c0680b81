//! Messages: order, pages, limits, and idempotency keys.

use serde_json::{Value, json};

use crate::support::{TestApp, on_both_engines};

on_both_engines![
    messages_come_newest_first_in_pages,
    the_feed_comes_oldest_first_and_says_whether_there_is_more,
    the_feed_says_where_the_unread_begin,
    later_messages_are_listed,
    a_message_has_its_author,
    a_message_says_something,
    a_body_has_a_limit,
    any_text_survives,
    the_same_key_makes_one_message,
    eight_sends_at_once_with_one_key_make_one_message,
    a_key_belongs_to_one_person_and_one_channel,
    limits_of_pages_are_kept,
];

fn bodies(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|message| message["body"].as_str().unwrap()).collect()
}

async fn messages_come_newest_first_in_pages(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for number in 0..5 {
        owner.send(&channel, &number.to_string(), &[]).await.ok();
    }
    assert_eq!(bodies(&owner.messages(&channel).await), ["4", "3", "2", "1", "0"]);
    let page = owner.get(&format!("/api/channels/{channel}/messages?limit=2")).await.ok();
    let page = page.as_array().unwrap();
    assert_eq!(bodies(page), ["4", "3"]);
    let path = format!("/api/channels/{channel}/messages?limit=2&before={}", page[1]["id"].as_str().unwrap());
    // New messages don't move the pages.
    owner.send(&channel, "5", &[]).await.ok();
    let next = owner.get(&path).await.ok();
    assert_eq!(bodies(next.as_array().unwrap()), ["2", "1"]);
}

async fn the_feed_comes_oldest_first_and_says_whether_there_is_more(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for number in 0..51 {
        owner.send(&channel, &number.to_string(), &[]).await.ok();
    }
    let feed = owner.get(&format!("/api/channels/{channel}/feed")).await.ok();
    let messages = feed["messages"].as_array().unwrap();
    assert_eq!((messages.len(), &feed["hasMore"]), (50, &json!(true)));
    assert_eq!((&messages[0]["body"], &messages[49]["body"]), (&json!("1"), &json!("50")));
    assert_eq!(feed["lastReadId"], messages[49]["id"]);
    let before = messages[0]["id"].as_str().unwrap();
    let older = owner.get(&format!("/api/channels/{channel}/feed?before={before}")).await.ok();
    assert_eq!((bodies(older["messages"].as_array().unwrap()), &older["hasMore"]), (vec!["0"], &json!(false)));
}

async fn the_feed_says_where_the_unread_begin(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let path = format!("/api/channels/{channel}/feed");
    let read = owner.send(&channel, "read", &[]).await.ok();
    assert_eq!(member.get(&path).await.ok()["unread"]["firstId"], read["id"], "of what was never opened all of it");
    member.post(&format!("/api/channels/{channel}/read"), json!({ "messageId": read["id"] })).await;
    assert_eq!(member.get(&path).await.ok()["unread"], Value::Null);

    let first = owner.send(&channel, "1", &[]).await.ok();
    for number in 2..=110 {
        owner.send(&channel, &number.to_string(), &[]).await.ok();
    }
    // Beyond the page, and counted like the lists.
    let unread = json!({ "count": 100, "firstId": first["id"], "since": first["createdAt"] });
    let feed = member.get(&path).await.ok();
    assert_eq!(feed["unread"], unread);
    let around = member.get(&format!("{path}?around={}", read["id"].as_str().unwrap())).await.ok();
    assert_eq!(around["unread"], unread);
    let oldest = feed["messages"][0]["id"].as_str().unwrap();
    assert_eq!(member.get(&format!("{path}?before={oldest}")).await.ok()["unread"], Value::Null);
    assert_eq!(owner.get(&path).await.ok()["unread"], Value::Null, "nothing for who wrote it");

    owner.delete(&format!("/api/messages/{}", first["id"].as_str().unwrap())).await;
    assert_ne!(member.get(&path).await.ok()["unread"]["firstId"], first["id"]);
}

async fn later_messages_are_listed(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let first = owner.send(&channel, "one", &[]).await.ok();
    owner.send(&channel, "two", &[]).await.ok();
    owner.send(&channel, "three", &[]).await.ok();
    let path = format!("/api/channels/{channel}/messages/after/{}", first["id"].as_str().unwrap());
    assert_eq!(bodies(owner.get(&path).await.ok().as_array().unwrap()), ["two", "three"]);
}

async fn a_message_has_its_author(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let sent = member.send(&channel, " hello \n", &[]).await.ok();
    let expected = json!({ "kind": "member", "id": member.member_id, "name": "Mia Member" });
    assert_eq!((&sent["author"], &sent["body"]), (&expected, &json!("hello")));
    assert_eq!(owner.get(&format!("/api/messages/{}", sent["id"].as_str().unwrap())).await.ok(), sent);
}

async fn a_message_says_something(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for body in ["", "  \n\t ", "\0"] {
        owner.send(&channel, body, &[]).await.refused_field("body");
    }
    owner.post(&format!("/api/channels/{channel}/messages"), json!({})).await.refused_field("body");
}

async fn a_body_has_a_limit(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    owner.send(&channel, &"é".repeat(20_000), &[]).await.ok();
    owner.send(&channel, &"é".repeat(20_001), &[]).await.refused_field("body");
}

async fn any_text_survives(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for text in
        ["<script>alert(1)</script>", "'; DROP TABLE messages; --", "مرحبا 👩‍🚀 e\u{301}", "a\u{1}b", "\u{202e}abc"]
    {
        owner.send(&channel, text, &[]).await.ok();
        assert_eq!(owner.messages(&channel).await[0]["body"], text);
    }
}

async fn the_same_key_makes_one_message(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let file = owner.upload(&channel, "a.txt", "text/plain", b"a").await;
    let body = json!({ "body": "once", "attachmentIds": [file], "idempotencyKey": "k" });
    let path = format!("/api/channels/{channel}/messages");
    let first = owner.post(&path, body.clone()).await.ok();
    assert_eq!(owner.post(&path, body).await.ok(), first);
    assert_eq!(owner.messages(&channel).await, [first]);
}

async fn eight_sends_at_once_with_one_key_make_one_message(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let file = owner.upload(&channel, "a.txt", "text/plain", b"a").await;
    let body = json!({ "body": "once", "attachmentIds": [file], "idempotencyKey": "k" });
    let path = format!("/api/channels/{channel}/messages");
    let sends = (0..8).map(|_| owner.post(&path, body.clone()));
    let answers: Vec<_> = futures::future::join_all(sends).await.into_iter().map(crate::support::Answer::ok).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(owner.messages(&channel).await.len(), 1);
}

async fn a_key_belongs_to_one_person_and_one_channel(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let (channel, other) = (owner.channel("general").await, owner.channel("other").await);
    let body = json!({ "body": "once", "idempotencyKey": "k" });
    let path = |channel: &str| format!("/api/channels/{channel}/messages");
    owner.post(&path(&channel), body.clone()).await.ok();
    let refused = owner.post(&path(&other), body.clone()).await.refused(409, "conflict");
    assert_eq!(refused["data"]["field"], "idempotencyKey");
    member.post(&path(&channel), body).await.ok();
    assert_eq!(owner.messages(&channel).await.len(), 2);
    for key in [String::new(), "k".repeat(201), "a\0b".to_owned()] {
        let body = json!({ "body": "x", "idempotencyKey": key });
        owner.post(&path(&channel), body).await.refused_field("idempotencyKey");
    }
}

async fn limits_of_pages_are_kept(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for number in 0..3 {
        owner.send(&channel, &number.to_string(), &[]).await.ok();
    }
    for (limit, count) in [("0", 1), ("-5", 1), ("2", 2), ("9223372036854775807", 3)] {
        let page = owner.get(&format!("/api/channels/{channel}/messages?limit={limit}")).await.ok();
        assert_eq!(page.as_array().unwrap().len(), count, "{limit}");
    }
}
