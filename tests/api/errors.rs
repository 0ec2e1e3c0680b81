//! Every kind of invalid request returns the same shape of error, and never a 5xx.

use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, TestApp, on_both_engines};

on_both_engines![
    errors_of_malformed_json_have_a_position,
    the_field_at_fault_is_named,
    a_list_of_values_is_no_object,
    authentication_errors_come_first,
    a_body_of_another_type_is_refused,
    a_body_over_two_megabytes_is_refused,
    a_body_without_end_is_cut_off,
    a_bad_id_in_the_path_is_refused,
    a_bad_query_is_refused,
    an_unknown_route_is_not_found,
    a_method_that_a_route_lacks_is_refused,
    requests_of_another_site_are_refused,
    requests_of_the_own_site_and_of_programs_pass,
    answers_are_not_cached_nor_guessed_at,
    the_server_is_alive_and_ready,
];

async fn errors_of_malformed_json_have_a_position(app: TestApp) {
    let owner = app.owner().await;
    for body in ["{\"name\": ", "", "[]", "null", "\"x\"", "{\"name\": 1, \"kind\": \"team\"}", "\u{fffd}\0"] {
        let request =
            owner.request(Method::POST, "/api/channels").header("content-type", "application/json").body(body);
        owner.send_request(request).await.refused(400, "malformed_request");
    }
    let request = owner.request(Method::POST, "/api/channels").header("content-type", "application/json");
    owner.send_request(request.body(b"{\"name\": \"\xff\"}".to_vec())).await.refused(400, "malformed_request");
}

/// Asserts that a request is malformed, with the field, which the message names too.
#[track_caller]
fn assert_names(answer: Answer, field: &str) {
    let refused = answer.refused(400, "malformed_request");
    assert_eq!(refused["data"]["field"], field, "{refused}");
    let message = refused["message"].as_str().unwrap();
    assert!(message.starts_with(&format!("{field} cannot be read: ")) && message.len() < 500, "{refused}");
}

async fn the_field_at_fault_is_named(app: TestApp) {
    assert_names(app.anonymous().post("/api/auth/log-in", json!({ "email": "a@example.com" })).await, "password");
    let owner = app.owner().await;
    assert_names(owner.post("/api/channels", json!({})).await, "name");
    let long = "x".repeat(70_000);
    for wrong in [json!("yes"), json!(long)] {
        let body = json!({ "name": "x", "kind": "team", "private": wrong });
        assert_names(owner.post("/api/channels", body).await, "private");
    }
    let phones = json!([{ "number": "5551234", "preferred": true }, { "number": 5 }]);
    assert_names(owner.post("/api/contacts", json!({ "phones": phones })).await, "phones[1].number");
    assert_names(owner.get("/api/channels?limit=abc").await, "limit");
    assert_names(owner.get(&format!("/api/conversations?kind={}", &long[..20_000])).await, "kind");
    assert_names(owner.get("/api/files?since=2026-11-22").await, "since");
    assert_names(owner.get("/api/audit-entries.csv?since=2026-11-22").await, "since");
    assert_names(owner.get("/api/conversations").await, "kind");
    // Empty parameters equal omitted ones.
    assert_eq!(owner.get("/api/channels?after=&limit=").await.ok(), json!([]));
}

async fn a_list_of_values_is_no_object(app: TestApp) {
    let owner = app.owner().await;
    owner.post("/api/contacts", json!(["Arr", "ay", []])).await.refused(400, "malformed_request");
    assert_eq!(owner.get("/api/contacts").await.ok(), json!([]));
}

async fn authentication_errors_come_first(app: TestApp) {
    let channel = app.owner().await.channel("general").await;
    for path in ["/api/conversations", "/api/channels?limit=abc", &format!("/api/channels/{channel}/found")] {
        app.anonymous().get(path).await.refused(401, "unauthenticated");
    }
}

async fn a_body_of_another_type_is_refused(app: TestApp) {
    let owner = app.owner().await;
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let request = owner.request(Method::POST, "/api/channels").header("content-type", content_type).body("name=x");
        owner.send_request(request).await.refused(415, "unsupported_media_type");
    }
    let request = owner.request(Method::POST, "/api/channels").body("{\"name\": \"x\"}");
    owner.send_request(request).await.refused(415, "unsupported_media_type");
}

async fn a_body_over_two_megabytes_is_refused(app: TestApp) {
    let owner = app.owner().await;
    let refused = owner.post("/api/channels", json!({ "name": "x".repeat(3 * 1024 * 1024) })).await;
    refused.refused(413, "too_large");
    owner.post("/api/channels", json!({ "name": "x".repeat(1024 * 1024) })).await.refused_field("name");
}

async fn a_body_without_end_is_cut_off(app: TestApp) {
    let chunk = || Ok::<_, std::io::Error>(bytes::Bytes::from(vec![b' '; 64 * 1024]));
    let endless = futures::stream::iter(std::iter::repeat_with(chunk).take(40));
    let owner = app.owner().await;
    let request = owner.request(Method::POST, "/api/auth/log-out").body(reqwest::Body::wrap_stream(endless));
    owner.send_request(request).await.refused(413, "too_large");
}

async fn a_bad_id_in_the_path_is_refused(app: TestApp) {
    let owner = app.owner().await;
    for id in ["x", "1", "00000000-0000-0000-0000-00000000000g", "%00", "..", "%2e%2e%2f"] {
        for path in ["/api/channels/{id}", "/api/contacts/{id}", "/api/messages/{id}", "/api/messages/attachments/{id}"]
        {
            let answer = owner.get(&path.replace("{id}", id)).await;
            let kind = if answer.status == 404 { "not_found" } else { "malformed_request" };
            let status = answer.status;
            assert!(status == 400 || status == 404, "{path} {id}: {status}");
            answer.refused(status, kind);
        }
    }
    owner.get("/api/channels/x/messages").await.refused(400, "malformed_request");
    owner.complete("x").await.refused(400, "malformed_request");
}

async fn a_bad_query_is_refused(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for query in ["before=x", "limit=many", "limit=99999999999999999999"] {
        owner.get(&format!("/api/channels/{channel}/messages?{query}")).await.refused(400, "malformed_request");
    }
    owner.get("/api/conversations?kind=nothing").await.refused(400, "malformed_request");
}

async fn an_unknown_route_is_not_found(app: TestApp) {
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        app.anonymous().call(method, "/api/nothing/here", None).await.refused(404, "not_found");
    }
}

async fn a_method_that_a_route_lacks_is_refused(app: TestApp) {
    app.owner().await.delete("/api/contacts").await.refused(405, "method_not_allowed");
    app.owner().await.delete("/api/events").await.refused(405, "method_not_allowed");
    let refused = app.anonymous().delete("/s/token").await;
    assert!(refused.header("allow").contains("POST"));
    refused.refused(405, "method_not_allowed");
}

async fn requests_of_another_site_are_refused(app: TestApp) {
    let owner = app.owner().await;
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", ""),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let request = owner.request(Method::POST, "/api/channels").header(name, value).json(&json!({ "name": "x" }));
        owner.send_request(request).await.refused(403, "cross_origin");
    }
    assert_eq!(owner.get("/api/channels").await.ok(), json!([]));
    // Its path begins like that of signed uploads, which any site may send.
    for (method, path) in [(Method::PATCH, "/api/storage/retention"), (Method::POST, "/api/storage/x")] {
        let request = owner.request(method, path).header("origin", "https://evil.example");
        owner.send_request(request.json(&json!({ "retentionDays": 1 }))).await.refused(403, "cross_origin");
    }
    assert_eq!(owner.get("/api/storage/usage").await.ok()["retentionDays"], json!(null));
    // Reading is not a change; the browser decides whether the other site may see the response.
    let request = owner.request(Method::GET, "/api/channels").header("origin", "https://evil.example");
    assert_eq!(owner.send_request(request).await.header("access-control-allow-origin"), "");
}

async fn requests_of_the_own_site_and_of_programs_pass(app: TestApp) {
    let owner = app.owner().await;
    let own = app.base.clone();
    for (index, (name, value)) in [
        ("origin", own.as_str()),
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-site", "none"),
        ("user-agent", "curl"),
    ]
    .into_iter()
    .enumerate()
    {
        let body = json!({ "name": format!("channel {index}") });
        let request = owner.request(Method::POST, "/api/channels").header(name, value).json(&body);
        owner.send_request(request).await.ok();
    }
}

async fn answers_are_not_cached_nor_guessed_at(app: TestApp) {
    let answer = app.owner().await.get("/api/auth/session").await;
    assert_eq!(answer.header("cache-control"), "private, no-store");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("referrer-policy"), "same-origin");
}

async fn the_server_is_alive_and_ready(app: TestApp) {
    assert_eq!(app.anonymous().get("/healthz").await.status, 200);
    assert_eq!(app.anonymous().get("/readyz").await.status, 200);
}
