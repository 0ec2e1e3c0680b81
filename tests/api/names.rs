//! Renaming of people and of organizations, with permissions.

use serde_json::json;

use crate::support::{TestApp, on_both_engines};

on_both_engines![
    a_new_name_is_shown_on_past_messages,
    renaming_an_organization_requires_managing_it,
    wrong_names_name_the_field,
    a_name_has_something_to_see,
];

async fn a_new_name_is_shown_on_past_messages(app: TestApp) {
    let (member, admin) = (app.member().await, app.admin().await);
    let channel = admin.channel("general").await;
    member.send(&channel, "hello", &[]).await.ok();
    let mut heard = admin.listen().await;
    member.patch("/api/auth/user", json!({ "name": "  Mia   Meyer " })).await.ok();
    heard.next_named("access.changed").await;
    assert_eq!(member.get("/api/auth/session").await.ok()["user"]["name"], "Mia Meyer");
    assert_eq!(admin.messages(&channel).await[0]["author"]["name"], "Mia Meyer");
    assert_eq!(admin.get("/api/auth/session").await.ok()["user"]["name"], "Adam Admin");
}

async fn a_name_has_something_to_see(app: TestApp) {
    let owner = app.owner().await;
    let contact = owner.contact("Jane", "Doe", "").await;
    let contact = format!("/api/contacts/{}", contact["id"].as_str().unwrap());
    let channel = owner.channel("general").await;
    let messages = format!("/api/channels/{channel}/messages");
    for blank in ["\u{3164}", "\u{200b}\u{2060}", "\u{ad}", "\u{2800} \u{feff}", "\u{e0020}", "\u{180e}"] {
        for (method, path, field, body) in [
            ("PATCH", "/api/auth/user", "name", json!({ "name": blank })),
            ("PATCH", "/api/organization", "name", json!({ "name": blank })),
            ("POST", "/api/channels", "name", json!({ "name": blank, "kind": "team", "private": false })),
            ("POST", "/api/buckets", "name", json!({ "name": blank })),
            ("POST", "/api/bots", "name", json!({ "name": blank })),
            ("POST", "/api/roles", "name", json!({ "name": blank, "permissions": [] })),
            ("POST", "/api/access-tokens", "name", json!({ "name": blank, "scopes": ["messages:write"] })),
            ("POST", "/api/contacts", "firstName", json!({ "firstName": blank, "lastName": "", "phones": [] })),
            ("PATCH", &contact, "lastName", json!({ "firstName": "Jane", "lastName": blank, "phones": [] })),
            ("POST", &messages, "body", json!({ "body": blank, "attachmentIds": [] })),
        ] {
            let answer = owner.call(method, path, Some(body)).await;
            assert_eq!(answer.status, 422, "{path} {blank:?}: {}", answer.text());
            answer.refused_field(field);
        }
    }
    owner.patch("/api/auth/user", json!({ "name": "\u{3164}Olga \u{2764}\u{fe0f}\u{200b}" })).await.ok();
    assert_eq!(owner.get("/api/auth/session").await.ok()["user"]["name"], "Olga \u{2764}\u{fe0f}");
}

async fn renaming_an_organization_requires_managing_it(app: TestApp) {
    let (member, admin) = (app.member().await, app.admin().await);
    let other = app.other_organization().await;
    let before = other.get("/api/auth/session").await.ok()["organization"]["name"].clone();
    member.patch("/api/organization", json!({ "name": "Mine" })).await.refused(403, "forbidden");
    admin.patch("/api/organization", json!({ "name": "Harbour & Sons" })).await.ok();
    assert_eq!(member.get("/api/auth/session").await.ok()["organization"]["name"], "Harbour & Sons");
    assert_eq!(other.get("/api/auth/session").await.ok()["organization"]["name"], before);
}

async fn wrong_names_name_the_field(app: TestApp) {
    let owner = app.owner().await;
    for wrong in ["", "  ", &"x".repeat(101)] {
        owner.patch("/api/auth/user", json!({ "name": wrong })).await.refused_field("name");
        owner.patch("/api/organization", json!({ "name": wrong })).await.refused_field("name");
    }
}
