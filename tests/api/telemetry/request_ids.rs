//! Every answer has the id of its request, and an error repeats it.

use reqwest::Method;
use serde_json::{Value, json};
use sqlx::types::Uuid;

use crate::support::{Answer, Engines, TestApp, User, on_both_engines};

on_both_engines![
    every_answer_has_an_id_of_its_own,
    an_id_that_a_client_sends_is_ignored,
    errors_repeat_the_id,
    an_unexpected_error_tells_people_the_id,
];

fn id_of(answer: &Answer) -> Uuid {
    answer.header("x-request-id").parse().unwrap_or_else(|_| panic!("{} {:?}", answer.status, answer.headers))
}

async fn every_answer_has_an_id_of_its_own(app: TestApp) {
    let (owner, anonymous) = (app.owner().await, app.anonymous());
    let channel = owner.channel("general").await;
    let file = owner.send_file(&channel, "a.txt", "text/plain", b"Hello").await;
    let mut ids = Vec::new();
    for (user, path) in [
        (&owner, "/api/auth/session".to_owned()),
        (&owner, format!("/api/messages/attachments/{file}")),
        (&owner, "/api/nothing".to_owned()),
        (&owner, "/api/nothing/".to_owned()),
        (&anonymous, "/api/auth/session".to_owned()),
        (&anonymous, "/s/none".to_owned()),
        (&anonymous, "/inbox".to_owned()),
        (&anonymous, "/inbox/".to_owned()),
        (&anonymous, "/assets/none.js".to_owned()),
        (&anonymous, "/healthz".to_owned()),
        (&anonymous, "/readyz".to_owned()),
        (&anonymous, "/metrics".to_owned()),
        (&anonymous, "/api/docs".to_owned()),
        (&anonymous, "/api/v1/openapi.json".to_owned()),
        (&anonymous, "/api/v1/messages".to_owned()),
        (&anonymous, "/api/storage/none".to_owned()),
    ] {
        ids.push(id_of(&user.get(&path).await));
    }
    // Refused before any route: a method that there is not, another site, an ambiguous request, a body without end.
    ids.push(id_of(&owner.delete("/api/auth/session").await));
    let foreign = owner.request(Method::POST, "/api/channels").header("origin", "https://elsewhere.example.com");
    ids.push(id_of(&owner.send_request(foreign.json(&json!({}))).await));
    let part = owner.request(Method::PUT, "/api/organization").header("content-range", "bytes 0-1/2");
    ids.push(id_of(&owner.send_request(part).await));
    let large = owner.request(Method::POST, "/api/channels").body(vec![b' '; 3_000_000]);
    ids.push(id_of(&owner.send_request(large).await));
    let stream = owner.request(Method::GET, "/api/events").send().await.expect("a stream");
    ids.push(stream.headers()["x-request-id"].to_str().unwrap().parse().unwrap());
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

async fn an_id_that_a_client_sends_is_ignored(app: TestApp) {
    let sent = "00000000-0000-7000-8000-000000000001";
    let request = app.anonymous().request(Method::GET, "/api/auth/session").header("x-request-id", sent);
    let answer = app.anonymous().send_request(request).await;
    let id = answer.header("x-request-id").to_owned();
    assert_ne!(id, sent);
    assert_eq!((answer.status, &answer.json()["requestId"]), (401, &Value::from(id)));
}

async fn errors_repeat_the_id(app: TestApp) {
    let owner = app.owner().await;
    for answer in [
        owner.get("/api/channels/019a5d2e-7c41-7d30-9f6b-2b1f4f0a8f3a").await,
        owner.post("/api/channels", json!({ "name": "", "kind": "team", "private": false })).await,
        owner.get("/api/nothing").await,
        owner.delete("/api/auth/session").await,
        owner.get("/metrics").await,
        app.anonymous().get("/api/v1/messages").await,
        app.anonymous().post("/api/auth/log-in", json!({ "email": "a@example.com" })).await,
    ] {
        let (id, body) = (id_of(&answer), answer.json());
        assert_eq!(body["requestId"], id.to_string(), "{body}");
        assert!(body["data"]["kind"].is_string() && body["data"].get("requestId").is_none(), "{body}");
    }
}

/// Breaks the table that a request needs.
async fn rename_table(app: &TestApp, table: &str) {
    app.sql(&format!("ALTER TABLE {table} RENAME TO {table}_gone"), "").await;
}

async fn an_unexpected_error_tells_people_the_id(app: TestApp) {
    let owner = app.owner().await;
    let program = owner.program(&["messages:read"]).await;
    rename_table(&app, "messages").await;
    rename_table(&app, "share_links").await;
    let channel = "019a5d2e-7c41-7d30-9f6b-2b1f4f0a8f3a";
    let asked = [
        owner.get("/api/messages/found?search=word").await,
        program.get("/messages").await,
        owner.get(&format!("/api/channels/{channel}/messages")).await,
    ];
    let mut unexpected = 0;
    for answer in asked.into_iter().filter(|answer| answer.status == 500) {
        unexpected += 1;
        let id = id_of(&answer).to_string();
        let body = answer.refused(500, "internal");
        for message in [&body["message"], &body["data"]["message"]] {
            assert!(message.as_str().is_some_and(|message| message.contains(&id)), "{body}");
        }
    }
    assert!(unexpected > 0, "no request met the missing table");
    let page = app.anonymous().get("/s/0123456789abcdefghijklmnopqrstuvwxyzABCDEFG").await;
    assert_eq!(page.status, 500, "{}", page.text());
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.text().contains(&id_of(&page).to_string()), "{}", page.text());
}

/// A page of the app that failed says so in words, not in the framework's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_failed_shows_the_id() {
    let pages = axum::Router::new().fallback(|| async { (axum::http::StatusCode::INTERNAL_SERVER_ERROR, "oops") });
    let app = TestApp::start_with_pages(Engines::SqliteLocal, pages).await;
    let page = User::new(&app.base).get("/invite/secret").await;
    assert_eq!(page.status, 500);
    let text = page.text();
    assert!(text.contains(&id_of(&page).to_string()) && !text.contains("oops"), "{text}");
}
