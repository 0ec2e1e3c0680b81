//! Scripts of other sites: what the REST API permits them, and that no cookie counts.

use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, TestApp, User, on_both_engines, text};

on_both_engines![
    a_token_passes_from_any_origin,
    a_cookie_does_not_pass_from_another_origin,
    preflights_are_answered_without_credentials,
    public_files_can_be_fetched_by_scripts,
];

const ELSEWHERE: &str = "https://app.example.net";

#[track_caller]
fn assert_open(answer: &Answer) {
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    assert!(answer.header("access-control-expose-headers").contains("RateLimit-Remaining"));
}

async fn a_token_passes_from_any_origin(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let program = owner.program(&["messages:write", "messages:read"]).await;
    let body = json!({ "bucketId": channel, "body": "x" });
    for (name, value) in [
        ("origin", ELSEWHERE),
        ("origin", "null"),
        ("origin", ""),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        for scheme in ["Bearer", "bearer"] {
            let request = app.anonymous().request(Method::POST, "/api/v1/messages").header(name, value);
            let request = request.header("authorization", format!("{scheme} {}", program.secret)).json(&body);
            let answer = app.anonymous().send_request(request).await;
            assert_eq!(answer.status, 201, "{name}: {value}: {}", answer.text());
            assert_open(&answer);
        }
    }
    let refused = program.request(Method::GET, "/messages?limit=0").header("origin", ELSEWHERE);
    let refused = program.send_request(refused).await;
    assert_open(&refused);
    refused.refused_field("limit");
}

async fn a_cookie_does_not_pass_from_another_origin(app: TestApp) {
    let owner = app.owner().await;
    let program = owner.program(&["messages:write"]).await;
    let body = json!({ "name": "doorbell", "scopes": ["messages:read"] });
    let post = |path: &str| owner.request(Method::POST, path).header("origin", ELSEWHERE).json(&body);
    owner.send_request(post("/api/v1/access-tokens")).await.refused(403, "cross_origin");
    // A token does not lend its permission to the cookie.
    for authorization in ["Basic x", "Bearer", "Bearerx"] {
        let request = post("/api/v1/access-tokens").header("authorization", authorization);
        owner.send_request(request).await.refused(403, "cross_origin");
    }
    let request = post("/api/v1/access-tokens").bearer_auth(&program.secret);
    owner.send_request(request).await.refused(403, "forbidden");
    let request = post("/api/access-tokens").bearer_auth(&program.secret);
    owner.send_request(request).await.refused(403, "cross_origin");
    let listed = owner.get("/api/access-tokens").await.ok();
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
}

async fn preflight(user: &User, path: &str) -> Answer {
    let request = user.request(Method::OPTIONS, path).header("origin", ELSEWHERE);
    let request = request.header("access-control-request-method", "POST");
    user.send_request(request.header("access-control-request-headers", "authorization,content-type")).await
}

async fn preflights_are_answered_without_credentials(app: TestApp) {
    let nobody = app.anonymous();
    for path in ["/api/v1/messages", "/api/v1/attachments/upload", "/api/v1/nothing"] {
        let answer = preflight(&nobody, path).await;
        assert_eq!((answer.status, answer.bytes.len()), (204, 0), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            assert!(answer.header("access-control-allow-methods").contains(method));
        }
        for name in ["Authorization", "Content-Type", "Idempotency-Key", "Range"] {
            assert!(answer.header("access-control-allow-headers").contains(name), "{name}");
        }
    }
    // The web app's own routes are for its own pages.
    for path in ["/api/channels", "/api/access-tokens", "/log-in"] {
        let answer = preflight(&nobody, path).await;
        assert!(matches!(answer.status, 404 | 405), "{path}: {}", answer.status);
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
    // Not a preflight.
    let request = nobody.request(Method::OPTIONS, "/api/v1/messages");
    nobody.send_request(request).await.refused(405, "method_not_allowed");
}

async fn public_files_can_be_fetched_by_scripts(app: TestApp) {
    let owner = app.owner().await;
    let new = json!({ "name": "Door", "publicDownloads": true });
    let bucket = text(&owner.post("/api/buckets", new).await.ok()["id"]);
    let file = owner.send_file(&bucket, "a.txt", "text/plain", b"abc").await;
    let nobody = app.anonymous();
    for path in [
        format!("/api/v1/attachments/{file}/download/public"),
        format!("/api/v1/buckets/{bucket}/icon"),
        "/api/v1/openapi.json".to_owned(),
    ] {
        let request = nobody.request(Method::GET, &path).header("origin", ELSEWHERE);
        let answer = nobody.send_request(request).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_open(&answer);
    }
    let request = owner.request(Method::GET, &format!("/api/messages/attachments/{file}")).header("origin", ELSEWHERE);
    assert_eq!(owner.send_request(request).await.header("access-control-allow-origin"), "");
}
