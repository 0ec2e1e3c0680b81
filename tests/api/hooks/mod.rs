//! Incoming URLs of buckets: creation, use and revocation. `formats` has what other programs send.

mod formats;

use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Program, TestApp, User, on_both_engines, text};

on_both_engines![
    a_url_is_shown_once_and_posts_under_its_name,
    a_revoked_and_a_mistyped_url_are_not_found,
    a_url_is_no_access_token,
    the_urls_of_a_deleted_bucket_and_of_a_removed_member_end,
    a_url_posts_what_its_member_may_post,
    a_bucket_has_at_most_fifty_urls,
    the_latest_rejected_request_is_kept_for_a_month,
    requests_are_counted_with_those_of_tokens,
    changes_are_in_the_audit_log,
    another_site_may_post,
];

/// An incoming URL, with its bucket.
pub struct Hook {
    pub bucket: String,
    pub id: String,
    pub url: String,
    user: User,
}

impl Hook {
    /// Creates a URL of a new bucket with the same name.
    pub async fn new(user: &User, name: &str) -> Self {
        let bucket = text(&user.post("/api/buckets", json!({ "name": name })).await.ok()["id"]);
        Self::of(user, &bucket, json!({ "name": name })).await
    }

    /// Creates a URL of this bucket.
    pub async fn of(user: &User, bucket: &str, new: Value) -> Self {
        let made = user.post(&format!("/api/buckets/{bucket}/hooks"), new).await.ok();
        Self { bucket: bucket.to_owned(), id: text(&made["id"]), url: text(&made["url"]), user: user.clone() }
    }

    pub fn request(&self) -> reqwest::RequestBuilder {
        User::new(&self.user.base).request(Method::POST, &self.url)
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        User::new(&self.user.base).send_request(request).await
    }

    /// Sends JSON as a program without a cookie.
    pub async fn post(&self, body: &Value) -> Answer {
        self.send(self.request().json(body)).await
    }

    /// Sends a body of this type.
    pub async fn post_as(&self, content_type: &str, body: impl Into<reqwest::Body>) -> Answer {
        self.send(self.request().header("content-type", content_type).body(body)).await
    }

    pub async fn revoke(&self) -> Answer {
        self.user.poke(&format!("/api/buckets/{}/hooks/{}/revoke", self.bucket, self.id)).await
    }

    /// Returns the URL as it is listed.
    pub async fn listed(&self) -> Value {
        let all = self.user.get(&format!("/api/buckets/{}/hooks", self.bucket)).await.ok();
        let found = all.as_array().unwrap().iter().find(|hook| hook["id"] == self.id.as_str());
        found.cloned().unwrap_or_default()
    }

    /// Returns the newest message of the bucket.
    pub async fn message(&self) -> Value {
        let program = self.user.program(&["messages:read"]).await;
        let page = program.get(&format!("/messages?bucketId={}&limit=1", self.bucket)).await.ok();
        page["messages"][0].clone()
    }

    pub async fn messages(&self) -> usize {
        self.user.messages(&self.bucket).await.len()
    }
}

async fn a_url_is_shown_once_and_posts_under_its_name(app: TestApp) {
    let member = app.member().await;
    let hook = Hook::new(&member, "Deploys").await;
    let secret = hook.url.rsplit('/').next().unwrap();
    assert_eq!(hook.url, format!("{}/api/hooks/{secret}", app.base));
    assert!(secret.starts_with("zah_") && secret.len() == 47, "{secret}");
    let listed = member.get(&format!("/api/buckets/{}/hooks", hook.bucket)).await;
    assert!(!listed.text().contains(&secret[4..]));
    let listed = listed.ok();
    assert_eq!(listed[0]["name"], "Deploys");
    assert_eq!((&listed[0]["createdBy"], &listed[0]["lastUsedAt"]), (&json!("Mia Member"), &json!(null)));

    let answer = hook.post(&json!({ "text": "Build 512 is out" })).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "ok"));
    let message = &app.owner().await.messages(&hook.bucket).await[0];
    assert_eq!(message["author"], json!({ "kind": "token", "id": hook.id, "name": "Deploys" }));
    assert_eq!(message["body"], "Build 512 is out");
    assert!(hook.listed().await["lastUsedAt"].is_string());
    let contents = member.get(&format!("/api/buckets/{}/contents", hook.bucket)).await.ok();
    assert_eq!(contents["posters"], json!([]));
}

async fn a_revoked_and_a_mistyped_url_are_not_found(app: TestApp) {
    let owner = app.owner().await;
    let hook = Hook::new(&owner, "Deploys").await;
    let wrong = app.anonymous();
    for secret in ["x", "zah_x", "zat_x", &hook.url.rsplit('/').next().unwrap()[..46]] {
        wrong.post(&format!("/api/hooks/{secret}"), json!({ "text": "x" })).await.refused(404, "not_found");
    }
    wrong.get(&format!("/api/hooks/{}", hook.url.rsplit('/').next().unwrap())).await.refused(405, "method_not_allowed");
    hook.revoke().await.ok();
    hook.post(&json!({ "text": "late" })).await.refused(404, "not_found");
    hook.revoke().await.refused(404, "not_found");
    assert_eq!((hook.listed().await, hook.messages().await), (Value::Null, 0));
}

async fn a_url_is_no_access_token(app: TestApp) {
    let owner = app.owner().await;
    let hook = Hook::new(&owner, "Deploys").await;
    let secret = hook.url.rsplit('/').next().unwrap();
    Program::new(&app.base, secret).get("/me").await.refused(401, "unauthenticated");
    assert_eq!(owner.get("/api/access-tokens").await.ok(), json!([]));
    owner.delete(&format!("/api/access-tokens/{}", hook.id)).await.refused(404, "not_found");
    let program = owner.program(&["messages:write"]).await;
    app.anonymous()
        .post(&format!("/api/hooks/{}", program.secret), json!({ "text": "x" }))
        .await
        .refused(404, "not_found");
    // Of another bucket.
    let other = Hook::new(&owner, "Alarms").await;
    for (method, path) in [("POST", "/revoke"), ("PATCH", "")] {
        let path = format!("/api/buckets/{}/hooks/{}{path}", other.bucket, hook.id);
        owner.call(method, &path, Some(json!({ "template": {} }))).await.refused(404, "not_found");
    }
    hook.post(&json!({ "text": "still valid" })).await;
    assert_eq!(hook.messages().await, 1);
}

async fn the_urls_of_a_deleted_bucket_and_of_a_removed_member_end(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let (deleted, removed) = (Hook::new(&owner, "Deleted").await, Hook::new(&member, "Removed").await);
    owner.delete(&format!("/api/buckets/{}", deleted.bucket)).await.ok();
    deleted.post(&json!({ "text": "x" })).await.refused(404, "not_found");
    owner.delete(&format!("/api/members/{}", member.member_id)).await.ok();
    removed.post(&json!({ "text": "x" })).await.refused(404, "not_found");
    assert_eq!(owner.get(&format!("/api/buckets/{}/hooks", removed.bucket)).await.ok(), json!([]));
}

async fn a_url_posts_what_its_member_may_post(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let hook = Hook::new(&member, "Deploys").await;
    let role = json!({ "role": "member", "permissions": ["Channel:View", "Bucket:Manage"] });
    owner.patch("/api/roles", role).await.ok();
    hook.post(&json!({ "text": "x" })).await.refused(403, "forbidden");
    let failure = hook.listed().await["lastError"].clone();
    assert!(text(&failure["message"]).contains("Message:Send"), "{failure}");
    member.post(&format!("/api/buckets/{}/hooks", hook.bucket), json!({ "name": "x" })).await.refused(403, "forbidden");
}

async fn a_bucket_has_at_most_fifty_urls(app: TestApp) {
    let owner = app.owner().await;
    let hook = Hook::new(&owner, "Deploys").await;
    let path = format!("/api/buckets/{}/hooks", hook.bucket);
    for number in 1..50 {
        owner.post(&path, json!({ "name": format!("url {number}") })).await.ok();
    }
    owner.post(&path, json!({ "name": "one more" })).await.refused(409, "conflict");
    hook.revoke().await.ok();
    owner.post(&path, json!({ "name": "one more" })).await.ok();
    owner.post(&path, json!({ "name": " " })).await.refused_field("name");
    let channel = owner.channel("general").await;
    owner.post(&format!("/api/buckets/{channel}/hooks"), json!({ "name": "x" })).await.refused(404, "not_found");
}

async fn the_latest_rejected_request_is_kept_for_a_month(app: TestApp) {
    let owner = app.owner().await;
    let hook = Hook::new(&owner, "Deploys").await;
    hook.post(&json!({ "unknown": "x".repeat(5000) })).await.refused_field("body");
    let failure = hook.listed().await["lastError"].clone();
    assert!(text(&failure["message"]).contains("known formats"), "{failure}");
    assert_eq!(text(&failure["body"]).len(), 1000);
    hook.post_as("application/json", "{nonsense\0").await.refused(400, "malformed_request");
    assert_eq!(hook.listed().await["lastError"]["body"], "{nonsense");
    hook.post(&json!({ "text": "fine" })).await;
    assert!(hook.listed().await["lastError"].is_object());
    app.advance(Duration::from_hours(31 * 24));
    run_due(&app.platform, JOBS).await.unwrap();
    let owner = owner.another_device().await;
    let listed = owner.get(&format!("/api/buckets/{}/hooks", hook.bucket)).await.ok();
    assert_eq!(listed[0]["lastError"], json!(null));
    assert_eq!(app.count("bucket_hooks WHERE failed_body IS NOT NULL", "").await, 0);
}

async fn requests_are_counted_with_those_of_tokens(app: TestApp) {
    let app = TestApp::start_with(app.engines, |config| config.api_requests_per_minute = Some(2)).await;
    let now = app.platform.clock.now().0;
    app.advance(Duration::from_millis((60_000 - now.rem_euclid(60_000)).unsigned_abs()));
    let owner = app.owner().await;
    let (hook, other) = (Hook::new(&owner, "Deploys").await, Hook::new(&owner, "Alarms").await);
    for left in ["1", "0"] {
        let answer = hook.post(&json!({ "text": "x" })).await;
        assert_eq!((answer.status, answer.header("ratelimit-remaining")), (200, left));
    }
    let refused = hook.post(&json!({ "text": "x" })).await;
    assert!(!refused.header("retry-after").is_empty());
    refused.refused(429, "rate_limited");
    assert_eq!(other.post(&json!({ "text": "x" })).await.status, 200);
    assert_eq!(hook.listed().await["lastError"], json!(null));
}

async fn changes_are_in_the_audit_log(app: TestApp) {
    let owner = app.owner().await;
    let hook = Hook::new(&owner, "Deploys").await;
    let path = format!("/api/buckets/{}/hooks/{}", hook.bucket, hook.id);
    for _ in 0..2 {
        owner.patch(&path, json!({ "template": { "title": "{{name}}" } })).await.ok();
    }
    hook.revoke().await.ok();
    let entries = owner.get("/api/audit-entries").await.ok();
    let entries = entries["entries"].as_array().unwrap();
    let about: Vec<_> = entries.iter().filter(|entry| text(&entry["action"]).starts_with("hook_")).collect();
    let actions: Vec<_> = about.iter().map(|entry| text(&entry["action"])).collect();
    assert_eq!(actions, ["hook_revoked", "hook_changed", "hook_created"]);
    assert!(about.iter().all(|entry| entry["detail"] == "Deploys"), "{about:?}");
}

async fn another_site_may_post(app: TestApp) {
    let owner = app.owner().await;
    let hook = Hook::new(&owner, "Deploys").await;
    let foreign = hook.request().header("origin", "https://example.com").header("sec-fetch-site", "cross-site");
    assert_eq!(hook.send(foreign.json(&json!({ "text": "x" }))).await.status, 200);
    assert_eq!(hook.messages().await, 1);
}
