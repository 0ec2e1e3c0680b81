//! `GET /api/v1/messages` for programs that poll: all conversations, only new messages, and entity tags.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Program, TestApp, on_both_engines, text};

on_both_engines![
    the_messages_of_all_conversations_are_listed,
    only_new_messages_are_listed,
    a_message_that_commits_late_is_not_missed,
    old_ids_are_compared_by_age,
    an_unchanged_page_is_not_sent_again,
];

async fn list(program: &Program, query: &str) -> (Vec<String>, Value) {
    let page = program.get(&format!("/messages?{query}")).await.ok();
    let bodies = page["messages"].as_array().unwrap().iter().map(|message| text(&message["body"])).collect();
    (bodies, page["next"].clone())
}

async fn the_messages_of_all_conversations_are_listed(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let (first, second) = (owner.channel("first").await, owner.channel("second").await);
    let private = owner.private_channel("private").await;
    for (channel, body) in [(&first, "one"), (&second, "two"), (&private, "secret"), (&first, "three")] {
        owner.send(channel, body, &[]).await.ok();
    }
    let other = app.other_organization().await;
    let foreign = other.channel("foreign").await;
    other.send(&foreign, "foreign", &[]).await.ok();
    let read = ["messages:read"];
    let of_owner = owner.program(&read).await;
    assert_eq!(list(&of_owner, "").await.0, ["three", "secret", "two", "one"]);
    assert_eq!(list(&member.program(&read).await, "").await.0, ["three", "two", "one"]);
    assert_eq!(list(&owner.bound_program(&read, &first).await, "").await.0, ["three", "one"]);
    assert_eq!(list(&other.program(&read).await, "").await.0, ["foreign"]);
    let (page, next) = list(&of_owner, "limit=3").await;
    let (rest, last) = list(&of_owner, &format!("limit=3&before={}", text(&next))).await;
    assert_eq!(([page, rest].concat().len(), last), (4, Value::Null));
    of_owner.get(&format!("/messages?bucketId={foreign}")).await.refused(404, "not_found");
}

async fn only_new_messages_are_listed(app: TestApp) {
    let owner = app.owner().await;
    let (first, second) = (owner.channel("first").await, owner.channel("second").await);
    let program = owner.program(&["messages:read"]).await;
    let known = text(&owner.send(&first, "known", &[]).await.ok()["id"]);
    app.advance(Duration::from_mins(1));
    let since = app.platform.clock.now().to_rfc3339();
    for (channel, body) in [(&first, "one"), (&second, "two"), (&first, "three")] {
        owner.send(channel, body, &[]).await.ok();
    }
    for query in [format!("after={known}"), format!("since={since}"), format!("after={known}&since={since}")] {
        assert_eq!(list(&program, &query).await, (["three", "two", "one"].map(str::to_owned).to_vec(), Value::Null));
        assert_eq!(list(&program, &format!("{query}&bucketId={first}")).await.0, ["three", "one"]);
    }
    let (page, next) = list(&program, &format!("after={known}&limit=2")).await;
    assert_eq!(page, ["three", "two"]);
    assert_eq!(list(&program, &format!("after={known}&limit=2&before={}", text(&next))).await.0, ["one"]);
    let newest = text(&program.get("/messages?limit=1").await.ok()["messages"][0]["id"]);
    assert_eq!(list(&program, &format!("after={newest}")).await.0, [""; 0]);
    for wrong in ["after=x", "since=yesterday", "limit=0", "before=1"] {
        let status = program.get(&format!("/messages?{wrong}")).await.status;
        assert!([400, 422].contains(&status), "{wrong}: {status}");
    }
}

async fn a_message_that_commits_late_is_not_missed(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("dispatch").await;
    let program = owner.program(&["messages:read"]).await;
    let mut ids = Vec::new();
    for body in ["late", "early"] {
        ids.push(text(&owner.send(&channel, body, &[]).await.ok()["id"]));
    }
    // The first one has the lower id, and its transaction ended last.
    app.sql("UPDATE events SET number = 3 WHERE subject_id = {id}", &ids[0]).await;
    assert_eq!(list(&program, &format!("after={}", ids[1])).await.0, ["late"]);
    assert_eq!(list(&program, &format!("after={}", ids[0])).await.0, [""; 0]);
}

async fn old_ids_are_compared_by_age(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("dispatch").await;
    let program = owner.program(&["messages:read"]).await;
    let mut ids = Vec::new();
    for body in ["one", "two", "three"] {
        ids.push(text(&owner.send(&channel, body, &[]).await.ok()["id"]));
    }
    app.sql("DELETE FROM events", "").await;
    assert_eq!(list(&program, &format!("after={}", ids[0])).await.0, ["three", "two"]);
    owner.delete(&format!("/api/messages/{}", ids[1])).await.ok();
    assert_eq!(list(&program, &format!("after={}", ids[0])).await.0, ["three"]);
}

async fn an_unchanged_page_is_not_sent_again(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("dispatch").await;
    let program = owner.program(&["messages:read"]).await;
    owner.send(&channel, "Hello", &[]).await.ok();
    let first = program.get("/messages").await;
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("W/\"") && first.status == 200, "{tag}");
    let again = async |tag: &str| {
        program.send_request(program.request(Method::GET, "/messages").header("if-none-match", tag)).await
    };
    let unchanged = again(&tag).await;
    assert_eq!((unchanged.status, unchanged.header("etag"), unchanged.bytes.len()), (304, tag.as_str(), 0));
    owner.send(&channel, "New", &[]).await.ok();
    let changed = again(&tag).await;
    assert_eq!(changed.status, 200);
    assert_eq!(changed.json()["messages"][0]["body"], json!("New"));
    assert_ne!(changed.header("etag"), tag);
}
