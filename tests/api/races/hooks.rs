//! Incoming URLs: one that is revoked while a program posts to it, and two that are created at the same time.

use serde_json::json;

use super::{ORGANIZATION, is_reversed, rounds};
use crate::support::{Barrier, TestApp, User, meet_in_order, on_both_engines, text};

on_both_engines![
    a_revoke_waits_for_what_is_being_posted,
    the_last_free_url_of_a_bucket_is_created_once,
    a_delivery_that_arrives_twice_is_one_message,
];

/// Creates a URL. Returns the paths of the URL and of its revocation.
async fn hook(user: &User, bucket: &str) -> (String, String) {
    let made = user.post(&format!("/api/buckets/{bucket}/hooks"), json!({ "name": "ci" })).await.ok();
    let url = text(&made["url"]);
    let path = url.strip_prefix(&user.base).expect("the URL is of this server").to_owned();
    (path, format!("/api/buckets/{bucket}/hooks/{}/revoke", text(&made["id"])))
}

async fn bucket(user: &User, name: &str) -> String {
    text(&user.post("/api/buckets", json!({ "name": name })).await.ok()["id"])
}

async fn a_revoke_waits_for_what_is_being_posted(app: TestApp) {
    let owner = app.owner().await;
    let bucket = bucket(&owner, "Deploys").await;
    for round in 0..rounds() {
        let (url, revoke) = hook(&owner, &bucket).await;
        let (user, sender, body) = (owner.clone(), app.anonymous(), json!({ "text": format!("round {round}") }));
        let path = url.clone();
        // Its permissions were checked.
        let mut barrier = Barrier::hold(&app, "SELECT 1 FROM channels WHERE id = {id}", &bucket).await;
        let sent = barrier.start(async move { sender.post(&path, body).await.status }).await;
        let revoked = barrier.start(async move { user.poke(&revoke).await.status }).await;
        let is_early = revoked.is_finished();
        barrier.release().await;
        let statuses = (sent.await.expect("the request ends"), revoked.await.expect("the request ends"));
        assert!(app.is_local_disk() || (statuses == (200, 200) && !is_early), "{statuses:?}, early: {is_early}");
        let written = app.count(&format!("messages WHERE body = 'round {round}'"), "").await;
        assert_eq!(written == 1, statuses.0 == 200, "{statuses:?}");
        app.anonymous().post(&url, json!({ "text": "late" })).await.refused(404, "not_found");
    }
}

async fn the_last_free_url_of_a_bucket_is_created_once(app: TestApp) {
    let owner = app.owner().await;
    for round in 0..rounds() {
        let bucket = bucket(&owner, &format!("bucket {round}")).await;
        let path = format!("/api/buckets/{bucket}/hooks");
        for _ in 0..49 {
            owner.post(&path, json!({ "name": "ci" })).await.ok();
        }
        let create = || {
            let (user, path) = (owner.clone(), path.clone());
            async move { user.post(&path, json!({ "name": "last" })).await.status }
        };
        let organization = (ORGANIZATION, owner.member_id.as_str());
        let statuses = meet_in_order(&app, organization, is_reversed(round), create(), create()).await;
        assert!([(200, 409), (409, 200)].contains(&statuses), "{statuses:?}");
        assert_eq!(owner.get(&path).await.ok().as_array().unwrap().len(), 50);
    }
}

async fn a_delivery_that_arrives_twice_is_one_message(app: TestApp) {
    let owner = app.owner().await;
    let bucket = bucket(&owner, "Code").await;
    let (url, _) = hook(&owner, &bucket).await;
    for round in 0..rounds() {
        let deliver = || {
            let (sender, url) = (app.anonymous(), url.clone());
            async move {
                let request = sender.request(reqwest::Method::POST, &url).header("x-github-event", "push");
                let request = request.header("x-github-delivery", format!("delivery {round}"));
                let body = json!({ "ref": "refs/heads/main", "repository": { "full_name": "acme/shop" } });
                text(&sender.send_request(request.json(&body)).await.ok()["id"])
            }
        };
        let channel = ("SELECT 1 FROM channels WHERE id = {id}", bucket.as_str());
        let (first, second) = meet_in_order(&app, channel, is_reversed(round), deliver(), deliver()).await;
        assert_eq!(first, second);
        assert_eq!(owner.messages(&bucket).await.len(), round + 1);
    }
}
