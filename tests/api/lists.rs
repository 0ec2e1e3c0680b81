//! Lists in requests have a maximum, and duplicates are removed.

use std::time::Duration;

use attache::platform::lists::{MEMBERS_MAX, VALUES_MAX};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use crate::support::{Program, TestApp, on_both_engines};

on_both_engines![a_list_past_its_maximum_is_refused_soon, a_value_that_is_named_twice_counts_once];

fn ids(count: usize) -> Value {
    (0..count).map(|number| json!(Uuid::from_u128(number as u128))).collect()
}

fn repeat(count: usize, value: &Value) -> Value {
    Value::Array(vec![value.clone(); count])
}

async fn a_list_past_its_maximum_is_refused_soon(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let contact = owner.post("/api/contacts", json!({ "firstName": "Carla" })).await.ok();
    let contact = contact["id"].as_str().expect("a contact has an id").to_owned();
    owner.post("/api/roles", json!({ "name": "Many", "permissions": [] })).await.ok();
    let (own, many) = (json!(owner.member_id), 10 * VALUES_MAX);
    let phones = repeat(many, &json!({ "number": "+4915112345678" }));
    let part = json!({ "partNumber": 1, "checksumSha256": "" });
    let upload = format!("/api/attachments/{}/parts", Uuid::from_u128(1));
    for (method, path, field, body) in [
        ("PUT", format!("/api/channels/{channel}/members"), "memberIds", ids(10 * MEMBERS_MAX)),
        ("PUT", format!("/api/channels/{channel}/members"), "memberIds", repeat(10 * MEMBERS_MAX, &own)),
        ("PUT", format!("/api/contacts/{contact}/members"), "memberIds", ids(10 * MEMBERS_MAX)),
        ("POST", "/api/contacts".to_owned(), "phones", phones.clone()),
        ("PATCH", format!("/api/contacts/{contact}"), "phones", phones),
        ("POST", format!("/api/channels/{channel}/messages"), "attachmentIds", ids(many)),
        ("POST", upload, "parts", repeat(many, &part)),
        ("PATCH", "/api/roles".to_owned(), "permissions", repeat(many, &json!("Message:Send"))),
        ("POST", "/api/roles".to_owned(), "permissions", repeat(many, &json!("Message:Send"))),
        ("POST", "/api/access-tokens".to_owned(), "scopes", repeat(many, &json!("messages:read"))),
    ] {
        let asked = Instant::now();
        let body = json!({ "name": "Many", field: body });
        let answer = owner.call(method, &path, Some(body)).await;
        assert!(matches!(answer.status, 400 | 422), "{method} {path}: {}", answer.text());
        let text = answer.text();
        assert!(text.contains(field) && text.contains("maximum"), "{method} {path}: {text}");
        assert!(asked.elapsed() < Duration::from_secs(3), "{method} {path}");
    }
    let scopes = json!({ "name": "Poster", "scopes": ["messages:write"] });
    let token = owner.post("/api/access-tokens", scopes).await.ok();
    let program = Program::new(&app.base, token["secret"].as_str().expect("a token has a secret"));
    for (field, list) in [("attachmentUuids", ids(many)), ("attachments", repeat(many, &json!({ "url": "http://a" })))]
    {
        let refused = program.post("/messages", json!({ "bucketId": channel, field: list })).await;
        assert!(refused.text().contains("maximum"), "{}", refused.text());
        refused.refused(400, "malformed_request");
    }
    let members = owner.get(&format!("/api/channels/{channel}/members")).await.ok();
    assert_eq!(members["memberIds"], json!([own]), "nothing was written");
    let files = ids(10_001).as_array().unwrap().iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",");
    let request = owner.request(Method::POST, "/api/files/zip").header("origin", &app.base).form(&[("ids", files)]);
    assert_eq!(owner.send_request(request).await.status, 422);
}

async fn a_value_that_is_named_twice_counts_once(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let both: Vec<_> = (0..MEMBERS_MAX).map(|n| [&owner, &member][n % 2].member_id.clone()).collect();
    let set = owner.put(&format!("/api/channels/{channel}/members"), json!({ "memberIds": both })).await.ok();
    assert_eq!(set["memberIds"].as_array().map(Vec::len), Some(2));
    let contact = owner.post("/api/contacts", json!({ "firstName": "Carla" })).await.ok();
    let path = format!("/api/contacts/{}/members", contact["id"].as_str().unwrap());
    let assigned = owner.put(&path, json!({ "memberIds": both })).await.ok();
    assert_eq!(assigned["memberIds"].as_array().map(Vec::len), Some(2));
    // The page may repeat a kind of file.
    let kinds = vec!["image"; 2000].join(",");
    assert_eq!(owner.get(&format!("/api/files?kinds={kinds}")).await.ok()["files"], json!([]));
}
