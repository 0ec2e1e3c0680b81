//! Bots: names and pictures under which access tokens post.

use serde_json::{Value, json};

use crate::support::{Program, TestApp, User, files, on_both_engines, text};

on_both_engines![
    a_token_posts_as_its_bot,
    a_renamed_bot_has_its_new_name_everywhere,
    a_removed_bot_posts_no_more,
    posting_as_a_bot_requires_managing_the_organization,
];

async fn bot(user: &User, name: &str) -> String {
    text(&user.post("/api/bots", json!({ "name": name })).await.ok()["id"])
}

fn token_of(bot: &str) -> Value {
    json!({ "name": "doorbell", "scopes": ["messages:write", "messages:read"], "botId": bot })
}

/// Returns a program that posts as a bot.
async fn program(app: &TestApp, user: &User, bot: &str) -> Program {
    let made = user.post("/api/access-tokens", token_of(bot)).await.ok();
    Program::new(&app.base, &text(&made["secret"]))
}

async fn author(user: &User, channel: &str) -> Value {
    user.messages(channel).await[0]["author"].clone()
}

async fn a_token_posts_as_its_bot(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = bot(&owner, "Door camera").await;
    let program = program(&app, &owner, &id).await;
    program.post("/messages", json!({ "bucketId": channel, "body": "ding" })).await.created();
    let shown = author(&owner, &channel).await;
    assert_eq!(shown, json!({ "kind": "token", "id": id, "name": "Door camera" }));
    let picture = owner.picture(json!({ "type": "bot-avatar", "botId": id }), &files::png("bot")).await;
    let shown = author(&app.member().await, &channel).await;
    assert_eq!(shown["avatarUrl"], format!("/api/pictures/{picture}"));
    assert_eq!(app.member().await.get(&text(&shown["avatarUrl"])).await.status, 200);
    let listed = owner.get("/api/access-tokens").await.ok();
    assert_eq!(listed[0]["bot"], json!({ "id": id, "name": "Door camera" }));
    // Others post under their own name.
    let plain = owner.program(&["messages:write"]).await;
    plain.post("/messages", json!({ "bucketId": channel, "body": "dong" })).await.created();
    assert_eq!(author(&owner, &channel).await["avatarUrl"], Value::Null);
}

async fn a_renamed_bot_has_its_new_name_everywhere(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let (id, _) = (bot(&owner, "Door").await, bot(&owner, "Gate").await);
    let program = program(&app, &owner, &id).await;
    program.post("/messages", json!({ "bucketId": channel, "body": "ding" })).await.created();
    let path = format!("/api/bots/{id}");
    owner.patch(&path, json!({ "name": "Gate" })).await.refused(409, "conflict");
    owner.patch(&path, json!({ "name": " " })).await.refused_field("name");
    assert_eq!(owner.patch(&path, json!({ "name": "Front door" })).await.ok()["name"], "Front door");
    assert_eq!(author(&owner, &channel).await["name"], "Front door");
    let stranger = app.other_organization().await;
    stranger.patch(&path, json!({ "name": "Mine" })).await.refused(404, "not_found");
    stranger.delete(&path).await.refused(404, "not_found");
}

async fn a_removed_bot_posts_no_more(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = bot(&owner, "Door").await;
    owner.picture(json!({ "type": "bot-avatar", "botId": id }), &files::png("bot")).await;
    let program = program(&app, &owner, &id).await;
    program.post("/messages", json!({ "bucketId": channel, "body": "ding" })).await.created();
    owner.delete(&format!("/api/bots/{id}")).await.ok();
    owner.delete(&format!("/api/bots/{id}")).await.refused(404, "not_found");
    program.post("/messages", json!({ "bucketId": channel, "body": "dong" })).await.refused(401, "unauthenticated");
    assert_eq!(owner.get("/api/access-tokens").await.ok(), json!([]));
    assert_eq!(owner.get("/api/bots").await.ok(), json!([]));
    let shown = author(&owner, &channel).await;
    assert_eq!((&shown["name"], &shown["avatarUrl"]), (&json!("Door"), &Value::Null));
    owner.post("/api/access-tokens", token_of(&id)).await.refused(404, "not_found");
    let upload = json!({ "type": "bot-avatar", "botId": id, "fileSize": 30, "contentType": "image/png" });
    owner.post("/api/uploads/presign", upload).await.refused(404, "not_found");
    // The name is free again.
    bot(&owner, "Door").await;
}

async fn posting_as_a_bot_requires_managing_the_organization(app: TestApp) {
    let (owner, admin, member) = (app.owner().await, app.admin().await, app.member().await);
    let id = bot(&owner, "Door").await;
    member.post("/api/access-tokens", token_of(&id)).await.refused(403, "forbidden");
    admin.post("/api/access-tokens", token_of(&id)).await.ok();
    let stranger = app.other_organization().await;
    let refused = stranger.post("/api/access-tokens", token_of(&id)).await.refused(404, "not_found");
    assert_eq!(refused["data"]["field"], "botId");
}
