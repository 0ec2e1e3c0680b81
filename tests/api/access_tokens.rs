//! Access tokens: creation, use and revocation.

use std::time::Duration;

use serde_json::json;

use crate::support::{Program, TestApp, on_both_engines, text};

on_both_engines![
    a_token_is_shown_once_and_acts_for_its_member,
    errors_of_a_new_token_name_the_field,
    a_revoked_an_expired_and_a_mistyped_token_open_nothing,
    a_use_is_written_down_once_a_minute,
    each_person_has_separate_tokens,
    tokens_are_listed_page_by_page,
    a_bound_token_names_its_channel_while_its_owner_sees_it,
    a_token_is_no_session,
];

async fn a_token_is_shown_once_and_acts_for_its_member(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let made = owner.access_token(json!({ "name": "  CI   job ", "scopes": ["messages:write"] })).await;
    let secret = text(&made["secret"]);
    assert!(secret.starts_with("zat_") && secret.len() == 47, "{secret}");
    assert_eq!(made["start"], secret[..9]);
    assert_eq!(made["name"], "CI job");
    let listed = owner.get("/api/access-tokens").await;
    assert!(!listed.text().contains(&secret[9..]));
    let listed = listed.ok();
    assert_eq!(listed[0]["id"], made["id"]);
    assert_eq!(listed[0]["scopes"], json!(["messages:write"]));
    assert_eq!(listed[0]["lastUsedAt"], json!(null));

    let sent =
        Program::new(&app.base, &secret).post("/messages", json!({ "bucketId": channel, "body": "built" })).await;
    let sent = sent.created();
    assert_eq!(sent["author"], json!({ "kind": "token", "id": made["id"], "name": "CI job" }));
    assert_eq!(owner.messages(&channel).await[0]["author"]["name"], "CI job");
}

async fn errors_of_a_new_token_name_the_field(app: TestApp) {
    let owner = app.owner().await;
    let new = |body| owner.post("/api/access-tokens", body);
    new(json!({ "name": " ", "scopes": ["messages:write"] })).await.refused_field("name");
    new(json!({ "name": "x", "scopes": [] })).await.refused_field("scopes");
    new(json!({ "name": "x", "scopes": ["messages:everything"] })).await.refused(400, "malformed_request");
    let past = json!({ "name": "x", "scopes": ["messages:read"], "expiresAt": "2020-01-01T00:00:00Z" });
    new(past).await.refused_field("expiresAt");
    let bound = json!({ "name": "x", "scopes": ["messages:read"], "bucketId": "nowhere" });
    assert_eq!(new(bound).await.refused(404, "not_found")["data"]["field"], "bucketId");
    let elsewhere = app.other_organization().await.channel("theirs").await;
    let bound = json!({ "name": "x", "scopes": ["messages:read"], "bucketId": elsewhere });
    new(bound).await.refused(404, "not_found");
}

async fn a_revoked_an_expired_and_a_mistyped_token_open_nothing(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let path = format!("/messages?bucketId={channel}");
    let made = owner.access_token(json!({ "name": "a", "scopes": ["messages:read"] })).await;
    let program = Program::new(&app.base, &text(&made["secret"]));
    program.get(&path).await.ok();
    owner.delete(&format!("/api/access-tokens/{}", text(&made["id"]))).await.ok();
    let refused = program.get(&path).await;
    assert_eq!(refused.header("www-authenticate"), "Bearer");
    refused.refused(401, "unauthenticated");
    assert_eq!(owner.get("/api/access-tokens").await.ok(), json!([]));

    let soon = app.platform.clock.now().plus(Duration::from_mins(1));
    let short = json!({ "name": "b", "scopes": ["messages:read"], "expiresAt": soon });
    let program = Program::new(&app.base, &text(&owner.access_token(short).await["secret"]));
    program.get(&path).await.ok();
    app.advance(Duration::from_mins(1));
    program.get(&path).await.refused(401, "unauthenticated");

    let right = owner.program(&["messages:read"]).await;
    for secret in ["zat_", "nothing", "", &right.secret[4..], &right.secret[..46], &format!("{} ", &right.secret[1..])]
    {
        Program::new(&app.base, secret).get(&path).await.refused(401, "unauthenticated");
    }
    let basic = app.anonymous().request(reqwest::Method::GET, &format!("/api/v1{path}")).basic_auth("x", Some("y"));
    app.anonymous().send_request(basic).await.refused(401, "unauthenticated");
    right.get(&path).await.ok();
}

async fn a_use_is_written_down_once_a_minute(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let program = owner.program(&["messages:read"]).await;
    let path = format!("/messages?bucketId={channel}");
    let last_use = async || owner.get("/api/access-tokens").await.ok()[0]["lastUsedAt"].clone();
    program.get(&path).await.ok();
    let first = last_use().await;
    assert!(first.is_string(), "{first}");
    app.advance(Duration::from_secs(30));
    program.get(&path).await.ok();
    assert_eq!(last_use().await, first);
    app.advance(Duration::from_secs(31));
    program.get(&path).await.ok();
    assert_ne!(last_use().await, first);
}

async fn each_person_has_separate_tokens(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let made = owner.access_token(json!({ "name": "a", "scopes": ["messages:read"] })).await;
    assert_eq!(member.get("/api/access-tokens").await.ok(), json!([]));
    member.delete(&format!("/api/access-tokens/{}", text(&made["id"]))).await.refused(404, "not_found");
}

async fn tokens_are_listed_page_by_page(app: TestApp) {
    let owner = app.owner().await;
    let mut made = Vec::new();
    for number in 0..5 {
        let token = owner.access_token(json!({ "name": format!("t{number}"), "scopes": ["messages:read"] })).await;
        made.insert(0, token["id"].clone());
    }
    owner.delete(&format!("/api/access-tokens/{}", text(&made[1]))).await.ok();
    made.remove(1);
    let (mut path, mut listed) = ("/api/v1/access-tokens?limit=3".to_owned(), Vec::new());
    loop {
        let page = owner.get(&path).await.ok();
        listed.extend(page["accessTokens"].as_array().unwrap().iter().map(|token| token["id"].clone()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/access-tokens?limit=3&before={next}");
    }
    assert_eq!(listed, made);
    let before = format!("/api/access-tokens?before={}", text(&made[2]));
    let rest = owner.get(&before).await.ok();
    assert_eq!((&rest[0]["id"], rest.as_array().unwrap().len()), (&made[3], 1));
}

async fn a_bound_token_names_its_channel_while_its_owner_sees_it(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let bucket = text(&owner.post("/api/buckets", json!({ "name": "Door" })).await.ok()["id"]);
    let jane = owner.post("/api/contacts", json!({ "firstName": "Jane", "lastName": "Doe", "phones": [] })).await.ok();
    for channel in [&bucket, &text(&jane["channelId"])] {
        let new = json!({ "name": "a", "scopes": ["messages:write"], "bucketId": channel });
        let made = member.access_token(new).await;
        let listed = member.get("/api/access-tokens").await.ok()[0].clone();
        assert_eq!(listed["bucket"], made["bucket"]);
        assert_eq!(listed["bucket"]["id"], channel.as_str());
    }
    let names = async || {
        let listed = member.get("/api/access-tokens").await.ok();
        [text(&listed[0]["bucket"]["name"]), text(&listed[1]["bucket"]["name"])]
    };
    assert_eq!(names().await, ["Jane Doe", "Door"]);
    owner.delete(&format!("/api/buckets/{bucket}")).await.ok();
    assert_eq!(names().await, ["Jane Doe", ""]);
}

async fn a_token_is_no_session(app: TestApp) {
    let owner = app.owner().await;
    let program = owner.program(&["messages:write", "messages:read", "buckets:write"]).await;
    for (method, path) in [
        ("GET", "/api/auth/session"),
        ("GET", "/api/access-tokens"),
        ("POST", "/api/access-tokens"),
        ("GET", "/api/channels"),
        ("POST", "/api/invites"),
    ] {
        let anonymous = app.anonymous();
        let request = anonymous.request(method.parse().unwrap(), path).bearer_auth(&program.secret);
        let body = json!({ "name": "more", "scopes": ["attachments:delete"], "role": "owner" });
        let request = if method == "POST" { request.json(&body) } else { request };
        anonymous.send_request(request).await.refused(401, "unauthenticated");
        let cookie = anonymous.request(method.parse().unwrap(), path);
        let cookie = cookie.header("cookie", format!("attache_session={}", program.secret)).json(&body);
        anonymous.send_request(cookie).await.refused(401, "unauthenticated");
    }
    // A session's cookie is not an access token.
    let cookie = owner.token().unwrap();
    Program::new(&app.base, &cookie).get("/messages").await.refused(401, "unauthenticated");
}
