//! Log-in by email and password, for a person's own programs.

use std::time::Duration;

use attache::people::accounts::model::PASSWORD_MIN;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::{Program, TestApp, on_both_engines, text};

on_both_engines![
    a_log_in_acts_as_its_person,
    wrong_credentials_are_refused,
    an_access_token_lasts_minutes,
    a_forged_token_opens_nothing,
    a_refresh_token_works_once,
    a_refresh_token_that_comes_again_ends_the_log_in,
    a_log_out_ends_both_tokens,
    a_log_in_is_listed_and_ended_like_a_device,
    people_alone_make_access_tokens,
];

async fn log_in(app: &TestApp) -> (Program, Value) {
    let email = app.owner().await.email;
    let body = json!({ "email": email, "password": "correct horse battery" });
    let tokens = app.anonymous().post("/api/v1/auth/login", body).await.ok();
    (Program::new(&app.base, &text(&tokens["accessToken"])), tokens)
}

async fn exchange(app: &TestApp, refresh: &Value) -> crate::support::Answer {
    app.anonymous().post("/api/v1/auth/refresh", json!({ "refreshToken": refresh })).await
}

async fn a_log_in_acts_as_its_person(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.private_channel("board").await;
    let (program, tokens) = log_in(&app).await;
    assert_eq!(tokens["tokenType"], "Bearer");
    assert_eq!(tokens["expiresIn"], 900);
    let sent = program.post("/messages", json!({ "bucketId": channel, "body": "by myself" })).await.created();
    assert_eq!(sent["author"], json!({ "kind": "member", "id": owner.member_id, "name": "Olga Owner" }));
    assert_eq!(program.get(&format!("/messages?bucketId={channel}")).await.ok()["messages"][0], sent);
}

async fn wrong_credentials_are_refused(app: TestApp) {
    let email = app.owner().await.email;
    let ask = async |body| app.anonymous().post("/api/v1/auth/login", body).await;
    let wrong = "x".repeat(PASSWORD_MIN);
    ask(json!({ "email": email, "password": wrong })).await.refused(401, "wrong_credentials");
    ask(json!({ "email": "nobody@example.com", "password": wrong })).await.refused(401, "wrong_credentials");
    ask(json!({ "email": email })).await.refused(400, "malformed_request");
    for _ in 0..9 {
        ask(json!({ "email": email, "password": wrong })).await.refused(401, "wrong_credentials");
    }
    let limited = ask(json!({ "email": email, "password": "correct horse battery" })).await;
    assert!(!limited.header("retry-after").is_empty());
    limited.refused(429, "rate_limited");
}

async fn an_access_token_lasts_minutes(app: TestApp) {
    app.owner().await.channel("general").await;
    let (program, tokens) = log_in(&app).await;
    app.advance(Duration::from_secs(890));
    program.get("/messages?bucketId=general").await.ok();
    app.advance(Duration::from_secs(11));
    program.get("/messages?bucketId=general").await.refused(401, "unauthenticated");
    let next = exchange(&app, &tokens["refreshToken"]).await.ok();
    Program::new(&app.base, &text(&next["accessToken"])).get("/messages?bucketId=general").await.ok();
    // Unused for a month.
    app.advance(Duration::from_hours(31 * 24));
    exchange(&app, &next["refreshToken"]).await.refused(401, "unauthenticated");
}

async fn a_forged_token_opens_nothing(app: TestApp) {
    app.owner().await.channel("general").await;
    let (program, _) = log_in(&app).await;
    let mut parts = program.secret.split('.');
    let (head, claims, signature) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let encode = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let none = encode(json!({ "alg": "none", "typ": "JWT" }));
    let other = encode(json!({ "alg": "HS512", "typ": "JWT" }));
    let mut longer: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    longer["exp"] = json!(9_999_999_999_i64);
    let own = jsonwebtoken::encode(
        &jsonwebtoken::Header::default(),
        &longer,
        &jsonwebtoken::EncodingKey::from_secret(b"secret"),
    );
    for forged in [
        format!("{none}.{claims}."),
        format!("{none}.{claims}.{signature}"),
        format!("{other}.{claims}.{signature}"),
        format!("{head}.{}.{signature}", encode(longer)),
        format!("{head}.{claims}"),
        format!("{head}.{claims}."),
        own.unwrap(),
    ] {
        Program::new(&app.base, &forged).get("/messages?bucketId=general").await.refused(401, "unauthenticated");
    }
    program.get("/messages?bucketId=general").await.ok();
}

async fn a_refresh_token_works_once(app: TestApp) {
    let (_, first) = log_in(&app).await;
    let second = exchange(&app, &first["refreshToken"]).await.ok();
    assert_ne!(first["refreshToken"], second["refreshToken"]);
    let third = exchange(&app, &second["refreshToken"]).await.ok();
    exchange(&app, &third["refreshToken"]).await.ok();
    for wrong in ["", "zrt_", "zrt_nobody", &text(&third["accessToken"])] {
        exchange(&app, &json!(wrong)).await.refused(401, "unauthenticated");
    }
    // It is neither a cookie nor an access token.
    let refresh = text(&first["refreshToken"]);
    let anonymous = app.anonymous();
    for cookie in [refresh.clone(), format!("refresh token {refresh}")] {
        let request = anonymous.request(reqwest::Method::GET, "/api/auth/session");
        let request = request.header("cookie", format!("attache_session=\"{cookie}\""));
        anonymous.send_request(request).await.refused(401, "unauthenticated");
    }
    Program::new(&app.base, &refresh).get("/messages").await.refused(401, "unauthenticated");
}

async fn a_refresh_token_that_comes_again_ends_the_log_in(app: TestApp) {
    app.owner().await.channel("general").await;
    let (_, first) = log_in(&app).await;
    let (bystander, _) = log_in(&app).await;
    let second = exchange(&app, &first["refreshToken"]).await.ok();
    let program = Program::new(&app.base, &text(&second["accessToken"]));
    program.get("/messages?bucketId=general").await.ok();
    exchange(&app, &first["refreshToken"]).await.refused(401, "unauthenticated");
    exchange(&app, &second["refreshToken"]).await.refused(401, "unauthenticated");
    program.get("/messages?bucketId=general").await.refused(401, "unauthenticated");
    bystander.get("/messages?bucketId=general").await.ok();
}

async fn a_log_out_ends_both_tokens(app: TestApp) {
    app.owner().await.channel("general").await;
    let (program, tokens) = log_in(&app).await;
    let log_out = async || {
        let body = json!({ "refreshToken": tokens["refreshToken"] });
        app.anonymous().post("/api/v1/auth/logout", body).await
    };
    assert_eq!(log_out().await.status, 204);
    program.get("/messages?bucketId=general").await.refused(401, "unauthenticated");
    exchange(&app, &tokens["refreshToken"]).await.refused(401, "unauthenticated");
    assert_eq!(log_out().await.status, 204);
}

async fn a_log_in_is_listed_and_ended_like_a_device(app: TestApp) {
    let owner = app.owner().await;
    owner.channel("general").await;
    let (program, _) = log_in(&app).await;
    let devices = owner.get("/api/auth/sessions").await.ok();
    let other = devices.as_array().unwrap().iter().find(|device| device["current"] == false).unwrap().clone();
    owner.delete(&format!("/api/auth/sessions/{}", text(&other["id"]))).await.ok();
    program.get("/messages?bucketId=general").await.refused(401, "unauthenticated");
}

async fn people_alone_make_access_tokens(app: TestApp) {
    let owner = app.owner().await;
    let (person, _) = log_in(&app).await;
    let body = json!({ "name": "doorbell", "scopes": ["messages:write"] });
    let made = person.post("/access-tokens", body.clone()).await.created();
    let token = Program::new(&app.base, &text(&made["secret"]));
    token.post("/access-tokens", body.clone()).await.refused(403, "forbidden");
    token.get("/access-tokens").await.refused(403, "forbidden");
    let path = format!("/access-tokens/{}", text(&made["id"]));
    token.call("DELETE", &path, None).await.refused(403, "forbidden");
    let listed = person.get("/access-tokens").await.ok();
    assert_eq!(listed["accessTokens"][0]["id"], made["id"]);
    assert!(listed["accessTokens"][0].get("secret").is_none());
    assert_eq!(person.call("DELETE", &path, None).await.status, 204);
    token.get("/messages").await.refused(401, "unauthenticated");
    // Also by a browser's cookie, from the app itself.
    let by_cookie = owner.post("/api/v1/access-tokens", body.clone()).await.created();
    assert!(text(&by_cookie["secret"]).starts_with("zat_"));
    let foreign =
        owner.request(reqwest::Method::POST, "/api/v1/access-tokens").header("origin", "https://evil.example");
    owner.send_request(foreign.json(&body)).await.refused(403, "cross_origin");
    app.anonymous().post("/api/v1/access-tokens", body).await.refused(401, "unauthenticated");
}
