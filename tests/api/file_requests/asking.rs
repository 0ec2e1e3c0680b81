//! Who may ask for files, with which limits, and what the conversation shows of it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Link, contact};
use crate::support::{TestApp, User, on_both_engines, text};

on_both_engines![
    a_request_has_defaults_and_a_card,
    terms_that_make_no_sense_are_rejected,
    a_bucket_takes_no_requests,
    requests_are_listed_for_their_maker_and_managers,
    a_revoked_request_is_over_once,
    a_request_needs_its_permission,
    programs_request_files_by_scope,
    a_card_cannot_be_edited,
];

async fn a_request_has_defaults_and_a_card(app: TestApp) {
    let (owner, jane, channel) = contact(&app).await;
    let mut heard = app.member().await.listen().await;
    let body = json!({ "channelId": channel, "note": " Photos of the tap, please ", "password": "letmein" });
    let created = owner.post("/api/file-requests", body).await.ok();
    assert!(text(&created["url"]).starts_with(&format!("{}/r/", app.base)), "{created}");
    assert_eq!(created["note"], "Photos of the tap, please");
    assert_eq!((&created["maxFiles"], &created["maxBytes"]), (&json!(20), &json!(2_000_000_000)));
    assert_eq!((&created["kinds"], &created["hasPassword"]), (&json!([]), &json!(true)));
    assert_eq!((&created["active"], &created["receivedFiles"]), (&json!(true), &json!(0)));
    assert_eq!((&created["openedAt"], &created["revokedAt"]), (&Value::Null, &Value::Null));
    let message = heard.next_named("message.created").await.data;
    let cards = owner.messages(&channel).await;
    assert_eq!(cards[0]["id"], message["messageId"]);
    assert_eq!(cards[0]["body"], "Photos of the tap, please");
    assert_eq!(cards[0]["author"]["kind"], "member");
    assert_eq!(cards[0]["fileRequest"]["id"], created["id"]);
    assert!(cards[0]["fileRequest"].get("url").is_none());
    // Only the hash of the token is stored.
    let token = text(&created["url"]).rsplit('/').next().unwrap().to_owned();
    let mut spelled = String::new();
    for byte in token.bytes() {
        write!(spelled, "{byte:02x}").unwrap();
    }
    let column = if app.is_local_disk() { "hex(token_hash)" } else { "encode(token_hash, 'hex')" };
    assert_eq!(app.count(&format!("file_requests WHERE lower({column}) = '{spelled}'"), &text(&jane["id"])).await, 0);
    let audit = owner.get("/api/audit-entries?action=files_requested").await.ok();
    assert_eq!(audit["entries"][0]["detail"], "Photos of the tap, please");
    assert_eq!(audit["entries"][0]["messageId"], cards[0]["id"]);
}

async fn terms_that_make_no_sense_are_rejected(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let ask = async |field: &str, value: Value| {
        let mut body = json!({ "channelId": channel });
        body[field] = value;
        owner.post("/api/file-requests", body).await
    };
    for (field, values) in [
        ("expiresIn", vec![json!(0), json!(-1), json!(366 * 86_400), json!(i64::MAX)]),
        ("maxFiles", vec![json!(0), json!(1001)]),
        ("maxBytes", vec![json!(0), json!(-5), json!(i64::MAX)]),
        ("kinds", vec![json!(["picture"])]),
        ("password", vec![json!("short")]),
        ("note", vec![json!("x".repeat(2001))]),
    ] {
        for value in values {
            ask(field, value).await.refused_field(field);
        }
    }
    ask("maxFiles", json!("many")).await.refused(400, "malformed_request");
    ask("maxFile", json!(3)).await.refused(400, "malformed_request");
    owner.post("/api/file-requests", json!({})).await.refused(400, "malformed_request");
    for field in ["note", "expiresIn", "maxFiles", "maxBytes", "kinds", "password"] {
        ask(field, Value::Null).await.ok();
    }
    assert_eq!(ask("kinds", json!(["image", "video", "image"])).await.ok()["kinds"], json!(["image", "video"]));
    let gone = json!({ "channelId": "00000000-0000-7000-8000-000000000000" });
    owner.post("/api/file-requests", gone).await.refused(404, "not_found");
}

async fn a_bucket_takes_no_requests(app: TestApp) {
    let owner = app.owner().await;
    let bucket = text(&owner.post("/api/buckets", json!({ "name": "Door" })).await.ok()["id"]);
    owner.post("/api/file-requests", json!({ "channelId": bucket })).await.refused_field("channelId");
    let team = owner.channel("partners").await;
    owner.post("/api/file-requests", json!({ "channelId": team })).await.ok();
}

async fn requests_are_listed_for_their_maker_and_managers(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let (member, admin) = (app.member().await, app.admin().await);
    let first = Link::create(&app, &member, &channel, json!({ "note": "first" })).await;
    let second = Link::create(&app, &owner, &channel, json!({ "note": "second" })).await;
    let ids = async |user: &User, query: &str| {
        let list = user.get(&format!("/api/file-requests{query}")).await.ok();
        list.as_array().unwrap().iter().map(|row| text(&row["id"])).collect::<Vec<_>>()
    };
    assert_eq!(ids(&member, "").await, std::slice::from_ref(&first.id));
    assert_eq!(ids(&admin, "").await, [second.id.clone(), first.id.clone()]);
    assert_eq!(ids(&admin, &format!("?before={}", second.id)).await, std::slice::from_ref(&first.id));
    assert_eq!(ids(&app.other_organization().await, "").await, Vec::<String>::new());
    // A request in a channel that one cannot view is not told of.
    let private = member.private_channel("secret").await;
    let hidden = Link::create(&app, &member, &private, json!({ "note": "hidden" })).await;
    assert!(!ids(&admin, "").await.contains(&hidden.id));
    admin.poke(&format!("/api/file-requests/{}/revoke", hidden.id)).await.refused(404, "not_found");
    member.poke(&format!("/api/file-requests/{}/revoke", second.id)).await.refused(404, "not_found");
}

async fn a_revoked_request_is_over_once(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({})).await;
    let mut heard = owner.listen().await;
    let revoked = owner.poke(&format!("/api/file-requests/{}/revoke", link.id)).await.ok();
    assert_eq!((&revoked["active"], revoked["revokedAt"].is_string()), (&json!(false), true));
    heard.next_named("message.changed").await;
    assert_eq!(owner.messages(&channel).await[0]["fileRequest"]["active"], false);
    app.advance(std::time::Duration::from_mins(1));
    let again = owner.poke(&format!("/api/file-requests/{}/revoke", link.id)).await.ok();
    assert_eq!(again["revokedAt"], revoked["revokedAt"]);
    let audit = owner.get("/api/audit-entries?action=file_request_revoked").await.ok();
    assert_eq!(audit["entries"].as_array().unwrap().len(), 1);
}

async fn a_request_needs_its_permission(app: TestApp) {
    let (owner, jane, channel) = contact(&app).await;
    let assigned = app.guest_of(&jane).await;
    let refused = assigned.post("/api/file-requests", json!({ "channelId": channel })).await.refused(403, "forbidden");
    assert!(text(&refused["message"]).contains("File:Request"), "{refused}");
    let session = app.member().await.get("/api/auth/session").await.ok();
    assert!(session["permissions"].as_array().unwrap().contains(&json!("File:Request")));
    // Whoever may not write in a conversation does not ask in it.
    owner.post("/api/roles", json!({ "name": "asker", "permissions": ["Contact:View", "File:Request"] })).await.ok();
    let asker = app.invited("asker", "Ada Asker").await;
    asker.post("/api/file-requests", json!({ "channelId": channel })).await.refused(403, "forbidden");
}

async fn programs_request_files_by_scope(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let program = owner.program(&["requests:write"]).await;
    let body = json!({ "channelId": channel, "note": "Photos" });
    let created = program.post("/file-requests", body.clone()).await.created();
    assert!(text(&created["url"]).starts_with(&format!("{}/r/", app.base)), "{created}");
    let list = program.get("/file-requests").await.ok();
    assert_eq!(list[0]["id"], created["id"]);
    let revoked = program.post(&format!("/file-requests/{}/revoke", text(&created["id"])), Value::Null).await.ok();
    assert_eq!(revoked["active"], false);
    assert_eq!(owner.messages(&channel).await[0]["author"]["kind"], "token");
    let other = owner.program(&["messages:read"]).await;
    other.post("/file-requests", body).await.refused(403, "forbidden");
}

async fn a_card_cannot_be_edited(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    Link::create(&app, &owner, &channel, json!({ "note": "Photos" })).await;
    let card = text(&owner.messages(&channel).await[0]["id"]);
    let program = owner.program(&["messages:write"]).await;
    let edited = program.call("PATCH", &format!("/messages/{card}"), Some(json!({ "body": "Money" }))).await;
    edited.refused(409, "conflict");
}
