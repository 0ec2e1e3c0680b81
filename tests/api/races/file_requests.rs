//! Browsers with the link of one file request, and a link that ends while it is used.

use std::time::Duration;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::json;

use super::{assert_outcome, is_reversed, rounds};
use crate::file_requests::{Link, contact};
use crate::support::{Answer, Barrier, TestApp, User, meet, meet_in_order, on_both_engines, text};

on_both_engines![
    two_browsers_share_the_last_file,
    two_browsers_share_the_last_bytes,
    a_retry_and_a_new_upload_share_the_last_file,
    two_forms_share_the_last_file,
    a_submission_that_arrives_twice_is_one_message,
    an_upload_is_not_completed_after_a_revoke,
    nothing_is_received_after_a_revoke,
    nothing_is_received_after_the_end_of_a_link,
];

const REQUEST: &str = "SELECT 1 FROM file_requests WHERE id = {id}";

/// Returns a request to the link's page or below it.
fn post(link: &Link, path: &str, body: serde_json::Value) -> impl Future<Output = Answer> + Send + 'static + use<> {
    let (visitor, path) = (link.visitor.clone(), format!("{}{path}", link.page));
    async move { visitor.post(&path, body).await }
}

fn begin(link: &Link, size: usize) -> impl Future<Output = u16> + Send + 'static + use<> {
    let begun = post(link, "/uploads", json!({ "fileName": "a.txt", "fileSize": size, "contentType": "text/plain" }));
    async move { begun.await.status }
}

fn send(link: &Link, file: &str, key: &str) -> impl Future<Output = Answer> + Send + 'static + use<> {
    post(link, "/send", json!({ "body": "Look", "attachmentIds": [file], "idempotencyKey": key }))
}

fn revoke(user: &User, link: &Link) -> impl Future<Output = u16> + Send + 'static + use<> {
    let (user, path) = (user.clone(), format!("/api/file-requests/{}/revoke", link.id));
    async move { user.poke(&path).await.status }
}

/// Returns the number of files that count toward the limits of a link.
async fn counted(app: &TestApp, link: &Link) -> i64 {
    app.count("attachments WHERE file_request_id = {id} AND status <> 'failed'", &link.id).await
}

/// Returns the number of messages that were received by a link.
async fn received(app: &TestApp, link: &Link) -> i64 {
    app.count("messages WHERE file_request_id = {id} AND submission_key IS NOT NULL", &link.id).await
}

async fn two_browsers_share_the_last_file(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    for round in 0..rounds() {
        let link = Link::create(&app, &owner, &channel, json!({ "maxFiles": 2 })).await;
        link.begin("first.txt", "text/plain", 1).await.ok();
        let is_reversed = is_reversed(round);
        let statuses = meet_in_order(&app, (REQUEST, &link.id), is_reversed, begin(&link, 1), begin(&link, 1)).await;
        assert_outcome(&app, is_reversed, &statuses, &(200, 413), &(413, 200));
        assert_eq!(counted(&app, &link).await, 2);
    }
}

async fn two_browsers_share_the_last_bytes(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    for round in 0..rounds() {
        let link = Link::create(&app, &owner, &channel, json!({ "maxBytes": 1000 })).await;
        link.begin("first.txt", "text/plain", 300).await.ok();
        let is_reversed = is_reversed(round);
        let statuses =
            meet_in_order(&app, (REQUEST, &link.id), is_reversed, begin(&link, 400), begin(&link, 500)).await;
        assert_outcome(&app, is_reversed, &statuses, &(200, 413), &(413, 200));
        // Exactly as many bytes as are left.
        let left = if statuses.0 == 200 { 300 } else { 200 };
        link.begin("more.txt", "text/plain", left + 1).await.refused(413, "too_large");
        link.begin("rest.txt", "text/plain", left).await.ok();
    }
}

async fn a_retry_and_a_new_upload_share_the_last_file(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    for round in 0..rounds() {
        let link = Link::create(&app, &owner, &channel, json!({ "maxFiles": 1 })).await;
        let failed = text(&link.begin("a.txt", "text/plain", 1).await.ok()["resourceId"]);
        let path = format!("/uploads/{failed}");
        post(&link, &format!("{path}/fail"), json!({ "reason": "given up" })).await.ok();
        let retried = post(&link, &format!("{path}/retry"), json!({}));
        let is_reversed = is_reversed(round);
        let statuses =
            meet_in_order(&app, (REQUEST, &link.id), is_reversed, async move { retried.await.status }, begin(&link, 1));
        assert_outcome(&app, is_reversed, &statuses.await, &(200, 413), &(413, 200));
        assert_eq!(counted(&app, &link).await, 1);
    }
}

async fn two_forms_share_the_last_file(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    for round in 0..rounds() {
        let link = Link::create(&app, &owner, &channel, json!({ "maxFiles": 1 })).await;
        let submit = || {
            let form = Form::new().part("file", Part::bytes(b"a".to_vec()).file_name("a.txt"));
            let request = link.visitor.request(Method::POST, &link.page).header("origin", &app.base).multipart(form);
            let visitor = link.visitor.clone();
            async move { visitor.send_request(request).await.status }
        };
        let is_reversed = is_reversed(round);
        let statuses = meet_in_order(&app, (REQUEST, &link.id), is_reversed, submit(), submit()).await;
        assert_outcome(&app, is_reversed, &statuses, &(303, 413), &(413, 303));
        assert_eq!(app.count("attachments WHERE file_request_id = {id}", &link.id).await, 1);
        assert_eq!(received(&app, &link).await, 1);
    }
}

async fn a_submission_that_arrives_twice_is_one_message(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    for _ in 0..rounds() {
        let link = Link::create(&app, &owner, &channel, json!({})).await;
        let file = link.upload("a.txt", "text/plain", b"a").await;
        // Both have found no message with their key.
        let (one, other) = meet(&app, (REQUEST, &link.id), send(&link, &file, "key"), send(&link, &file, "key")).await;
        assert_eq!(one.ok(), other.ok());
        assert_eq!(received(&app, &link).await, 1);
    }
}

async fn an_upload_is_not_completed_after_a_revoke(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    for round in 0..rounds() {
        let link = Link::create(&app, &owner, &channel, json!({})).await;
        let id = link.stage("a.txt", "text/plain", b"a").await;
        let complete = post(&link, &format!("/uploads/{id}/complete"), json!({}));
        let is_reversed = is_reversed(round);
        let statuses = meet_in_order(
            &app,
            (REQUEST, &link.id),
            is_reversed,
            async move { complete.await.status },
            revoke(&owner, &link),
        );
        // The link had ended when the bytes were checked: the same response as later.
        assert_outcome(&app, is_reversed, &statuses.await, &(200, 200), &(404, 200));
        link.complete(&id).await.refused(404, "not_found");
        send(&link, &id, "key").await.refused(404, "not_found");
        assert_eq!(received(&app, &link).await, 0);
    }
}

async fn nothing_is_received_after_a_revoke(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    for round in 0..rounds() {
        let link = Link::create(&app, &owner, &channel, json!({})).await;
        let file = link.upload("a.txt", "text/plain", b"a").await;
        let sent = send(&link, &file, "key");
        let is_reversed = is_reversed(round);
        let statuses = meet_in_order(
            &app,
            (REQUEST, &link.id),
            is_reversed,
            async move { sent.await.status },
            revoke(&owner, &link),
        );
        let outcome = (statuses.await, received(&app, &link).await);
        assert_outcome(&app, is_reversed, &outcome, &((200, 200), 1), &((404, 200), 0));
        assert_eq!(link.listed(&owner).await["receivedFiles"], outcome.1);
    }
}

async fn nothing_is_received_after_the_end_of_a_link(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    for _ in 0..rounds() {
        let link = Link::create(&app, &owner, &channel, json!({ "expiresIn": 60 })).await;
        let file = link.upload("a.txt", "text/plain", b"a").await;
        let mut barrier = Barrier::hold(&app, REQUEST, &link.id).await;
        let sent = barrier.start(send(&link, &file, "key")).await;
        app.advance(Duration::from_mins(1));
        barrier.release().await;
        let status = sent.await.expect("the request ends").status;
        let outcome = (status, received(&app, &link).await);
        // On SQLite it may have been sent before.
        assert!(outcome == (404, 0) || (app.is_local_disk() && outcome == (200, 1)), "{outcome:?}");
    }
}
