//! `Idempotency-Key`: a repeated request is done once.

use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Program, TestApp, on_both_engines};

on_both_engines![
    the_same_request_is_answered_as_before,
    another_request_under_the_same_key_is_refused,
    a_key_is_its_callers_own,
    a_refused_request_leaves_its_key_free,
    two_at_once_make_one_message,
    a_key_is_forgotten_after_a_day,
    a_key_has_bounds,
];

async fn post(program: &Program, key: &str, body: &Value) -> Answer {
    let request = program.request(Method::POST, "/messages").header("idempotency-key", key).json(body);
    program.send_request(request).await
}

async fn the_same_request_is_answered_as_before(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("deploys").await;
    let program = owner.program(&["messages:write"]).await;
    let body = json!({ "bucketId": "deploys", "body": "out" });
    let first = post(&program, "one", &body).await;
    let again = post(&program, "one", &body).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(first.header("idempotency-replayed"), "");
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!(first.created(), again.created());
    let other = post(&program, "two", &body).await.created();
    assert_ne!(other["id"], post(&program, "one", &body).await.created()["id"]);
    assert_eq!(owner.messages(&channel).await.len(), 2);
}

async fn another_request_under_the_same_key_is_refused(app: TestApp) {
    let owner = app.owner().await;
    owner.channel("deploys").await;
    let program = owner.program(&["messages:write"]).await;
    post(&program, "one", &json!({ "bucketId": "deploys", "body": "a" })).await.created();
    let refused = post(&program, "one", &json!({ "bucketId": "deploys", "body": "b" })).await;
    refused.refused_field("Idempotency-Key");
}

async fn a_key_is_its_callers_own(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("deploys").await;
    let body = json!({ "bucketId": "deploys", "body": "a" });
    for _ in 0..2 {
        post(&owner.program(&["messages:write"]).await, "one", &body).await.created();
    }
    assert_eq!(owner.messages(&channel).await.len(), 2);
}

async fn a_refused_request_leaves_its_key_free(app: TestApp) {
    let owner = app.owner().await;
    owner.channel("deploys").await;
    let program = owner.program(&["messages:write"]).await;
    post(&program, "one", &json!({ "bucketId": "nowhere", "body": "a" })).await.refused(404, "not_found");
    post(&program, "one", &json!({ "bucketId": "deploys", "body": "a" })).await.created();
}

async fn two_at_once_make_one_message(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("deploys").await;
    let program = owner.program(&["messages:write"]).await;
    let body = json!({ "bucketId": "deploys", "body": "a" });
    let answers = futures::future::join_all((0..8).map(|_| post(&program, "one", &body))).await;
    assert!(answers.iter().any(|answer| answer.status == 201));
    for answer in answers {
        assert!(matches!(answer.status, 201 | 409), "{}", answer.text());
        if answer.status == 409 {
            answer.refused(409, "conflict");
        }
    }
    post(&program, "one", &body).await.created();
    assert_eq!(owner.messages(&channel).await.len(), 1);
}

async fn a_key_is_forgotten_after_a_day(app: TestApp) {
    // Jobs of later days would remove new files of other tests.
    let app = TestApp::start_alone(app.engines).await;
    let owner = app.owner().await;
    let channel = owner.channel("deploys").await;
    let program = owner.program(&["messages:write"]).await;
    let body = json!({ "bucketId": "deploys", "body": "a" });
    let first = post(&program, "one", &body).await.created();
    app.advance(Duration::from_hours(23));
    run_due(&app.platform, JOBS).await.unwrap();
    assert_eq!(post(&program, "one", &body).await.created(), first);
    app.advance(Duration::from_hours(2));
    // Whether or not the job has run.
    assert_ne!(post(&program, "one", &body).await.created()["id"], first["id"]);
    app.advance(Duration::from_hours(25));
    run_due(&app.platform, JOBS).await.unwrap();
    post(&program, "one", &json!({ "bucketId": "deploys", "body": "b" })).await.created();
    assert_eq!(owner.messages(&channel).await.len(), 3);
}

async fn a_key_has_bounds(app: TestApp) {
    let owner = app.owner().await;
    owner.channel("deploys").await;
    let program = owner.program(&["messages:write"]).await;
    let body = json!({ "bucketId": "deploys", "body": "a" });
    post(&program, "", &body).await.refused_field("Idempotency-Key");
    post(&program, "two words", &body).await.refused_field("Idempotency-Key");
    post(&program, &"x".repeat(201), &body).await.refused_field("Idempotency-Key");
    post(&program, &"x".repeat(200), &body).await.created();
}
