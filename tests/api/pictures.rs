//! Avatars, logos and emoji pictures: permissions, rate limit, types, and serving.

use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use attache::platform::storage::ObjectKey;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, Upload, User, files, on_both_engines, text};

on_both_engines![
    a_new_avatar_is_shown_everywhere_and_the_old_one_is_removed,
    keys_name_the_owner_and_nothing_else,
    a_logo_and_a_bot_have_pictures_too,
    only_members_of_the_organization_are_served,
    the_picture_of_somebody_in_two_organizations_is_seen_in_both,
    others_hear_of_a_new_picture,
    a_removed_picture_is_gone,
    two_new_avatars_at_once_leave_one,
];

pub const HOUR: Duration = Duration::from_hours(1);

pub fn request(kind: &str, bytes: &[u8]) -> Value {
    json!({ "type": kind, "fileSize": bytes.len(), "contentType": "image/png", "fileName": "face.png" })
}

pub async fn presign(user: &User, kind: &str, bytes: &[u8]) -> Upload {
    Upload::new(user.post("/api/uploads/presign", request(kind, bytes)).await.ok(), bytes)
}

pub async fn complete(user: &User, upload: &Upload) -> Answer {
    user.poke(&format!("/api/pictures/{}/complete", upload.id)).await
}

/// Uploads a picture completely. Returns the server's response.
pub async fn set(user: &User, kind: &str, bytes: &[u8]) -> Value {
    let upload = presign(user, kind, bytes).await;
    assert_eq!(upload.put().await.status, 200);
    complete(user, &upload).await.ok()
}

pub async fn avatar_of(user: &User) -> Value {
    user.get("/api/auth/session").await.ok()["user"]["avatarUrl"].clone()
}

pub async fn exists(app: &TestApp, key: &Value) -> bool {
    let key: ObjectKey = text(key).parse().expect("a key");
    app.platform.storage.head(&key).await.is_ok()
}

pub async fn run_jobs(app: &TestApp) {
    run_due(&app.platform, JOBS).await.expect("jobs can be read");
}

async fn a_new_avatar_is_shown_everywhere_and_the_old_one_is_removed(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    owner.send(&channel, "hello", &[]).await.ok();
    assert_eq!(avatar_of(&owner).await, Value::Null);

    let first = presign(&owner, "user-avatar", &files::png("one")).await;
    assert_eq!(first.put().await.status, 200);
    let picture = complete(&owner, &first).await.ok();
    assert_eq!(picture["type"], "user-avatar");
    assert_eq!((&picture["width"], &picture["height"]), (&json!(256), &json!(128)));
    let url = text(&picture["url"]);
    assert_eq!(avatar_of(&owner).await, url.as_str());
    assert_eq!(member.messages(&channel).await[0]["author"]["avatarUrl"], url.as_str());
    let people = member.get("/api/members").await.ok();
    assert_eq!(people[0]["avatarUrl"], url.as_str());
    assert_eq!(people[1]["avatarUrl"], Value::Null);

    let served = member.get(&url).await;
    assert_eq!((served.status, served.bytes.clone()), (200, files::png("one")));
    assert_eq!(served.header("content-type"), "image/png");
    assert_eq!(served.header("cache-control"), "private, max-age=31536000, immutable");
    assert_eq!(served.header("x-content-type-options"), "nosniff");
    assert_eq!(served.header("content-security-policy"), "sandbox; default-src 'none'");
    assert_eq!(served.header("cross-origin-resource-policy"), "same-origin");
    let again = member.request("GET".parse().unwrap(), &url).header("if-none-match", served.header("etag"));
    assert_eq!(member.send_request(again).await.status, 304);

    let second = set(&owner, "user-avatar", &files::jpeg_sized(300, 200)).await;
    assert_eq!(second["contentType"], "image/jpeg");
    assert_eq!(avatar_of(&owner).await, second["url"]);
    member.get(&url).await.refused(404, "not_found");
    assert!(exists(&app, &first.answer["key"]).await, "it is removed by a job, not before");
    run_jobs(&app).await;
    assert!(!exists(&app, &first.answer["key"]).await);
    assert_eq!(member.get(&text(&second["url"])).await.status, 200);
}

async fn keys_name_the_owner_and_nothing_else(app: TestApp) {
    let owner = app.owner().await;
    let session = owner.get("/api/auth/session").await.ok();
    let bot = text(&owner.post("/api/bots", json!({ "name": "Door" })).await.ok()["id"]);
    let (user, organization) = (text(&session["user"]["id"]), text(&session["organization"]["id"]));
    for (kind, prefix) in [
        ("user-avatar", format!("avatars/{user}/")),
        ("bot-avatar", format!("avatars/bots/{bot}/")),
        ("organization-avatar", format!("avatars/organizations/{organization}/")),
        ("custom-emoji", format!("emojis/{organization}/")),
    ] {
        let mut body = request(kind, &files::png("x"));
        body["botId"] = json!(bot);
        body["name"] = json!("party_parrot");
        let answer = owner.post("/api/uploads/presign", body).await.ok();
        assert_eq!(text(&answer["key"]), format!("{prefix}{}", text(&answer["resourceId"])));
        assert!(text(&answer["publicUrl"]).ends_with(&format!("/api/pictures/{}", text(&answer["resourceId"]))));
    }
}

async fn a_logo_and_a_bot_have_pictures_too(app: TestApp) {
    let (admin, member) = (app.admin().await, app.member().await);
    let logo = set(&admin, "organization-avatar", &files::png("logo")).await;
    assert_eq!(member.get("/api/auth/session").await.ok()["organization"]["logoUrl"], logo["url"]);
    assert_eq!(member.get(&text(&logo["url"])).await.status, 200);
    member.post("/api/uploads/presign", request("organization-avatar", b"x")).await.refused(403, "forbidden");

    let bot = admin.post("/api/bots", json!({ "name": "Door camera" })).await.ok();
    admin.post("/api/bots", json!({ "name": "Door camera" })).await.refused(409, "conflict");
    let bytes = files::png("bot");
    let mut body = request("bot-avatar", &bytes);
    admin.post("/api/uploads/presign", body.clone()).await.refused_field("botId");
    body["botId"] = json!(admin.member_id);
    admin.post("/api/uploads/presign", body.clone()).await.refused(404, "not_found");
    body["botId"] = bot["id"].clone();
    member.post("/api/uploads/presign", body.clone()).await.refused(403, "forbidden");
    let upload = Upload::new(admin.post("/api/uploads/presign", body).await.ok(), &bytes);
    assert_eq!(upload.put().await.status, 200);
    let picture = complete(&admin, &upload).await.ok();
    assert_eq!(member.get("/api/bots").await.ok()[0]["avatarUrl"], picture["url"]);
    assert_eq!(app.other_organization().await.get("/api/bots").await.ok(), json!([]));
}

async fn only_members_of_the_organization_are_served(app: TestApp) {
    let owner = app.owner().await;
    let guest = app.guest().await;
    let mut emoji = request("custom-emoji", &files::png("e"));
    emoji["name"] = json!("party_parrot");
    let upload = Upload::new(owner.post("/api/uploads/presign", emoji).await.ok(), &files::png("e"));
    assert_eq!(upload.put().await.status, 200);
    let emoji = complete(&owner, &upload).await.ok();
    let avatar = set(&owner, "user-avatar", &files::png("a")).await;
    let logo = set(&owner, "organization-avatar", &files::png("l")).await;
    for picture in [emoji, avatar, logo] {
        let url = text(&picture["url"]);
        assert_eq!(guest.get(&url).await.status, 200);
        assert_eq!(guest.call("HEAD", &url, None).await.status, 200);
        app.anonymous().get(&url).await.refused(401, "unauthenticated");
        app.other_organization().await.get(&url).await.refused(404, "not_found");
        app.other_organization().await.delete(&url).await.refused(404, "not_found");
    }
}

async fn the_picture_of_somebody_in_two_organizations_is_seen_in_both(app: TestApp) {
    let (owner, stranger) = (app.owner().await, app.other_organization().await);
    let mut events = stranger.listen().await;
    let invite = text(&stranger.post("/api/invites", json!({ "role": "member" })).await.ok()["url"]);
    let token = invite.rsplit('/').next().unwrap();
    let body = json!({ "token": token, "name": "Olga", "email": owner.email, "password": "correct horse battery" });
    let mut there = app.anonymous();
    there.entered(there.post("/api/invites/accept", body).await, &owner.email);
    let picture = set(&owner, "user-avatar", &files::png("both")).await;
    assert_eq!(stranger.get(&text(&picture["url"])).await.bytes, files::png("both"));
    let heard = events.next_named("picture.changed").await;
    assert_eq!(heard.data["memberId"], there.member_id.as_str());
}

async fn others_hear_of_a_new_picture(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let second = app.second_server().await;
    let mut events = member.listen().await;
    let picture = set(&owner, "user-avatar", &files::png("x")).await;
    let heard = events.next_named("picture.changed").await;
    assert_eq!(heard.data, json!({ "memberId": owner.member_id, "pictureId": picture["id"] }));
    if !app.is_local_disk() {
        let mut elsewhere = member.at(&second.base).listen().await;
        owner.delete(&text(&picture["url"])).await.ok();
        let heard = elsewhere.next_named("picture.changed").await;
        assert_eq!(heard.data, json!({ "memberId": owner.member_id, "pictureId": null }));
    }
}

async fn a_removed_picture_is_gone(app: TestApp) {
    let (owner, admin, member) = (app.owner().await, app.admin().await, app.member().await);
    let upload = presign(&owner, "user-avatar", &files::png("x")).await;
    assert_eq!(upload.put().await.status, 200);
    let url = text(&complete(&owner, &upload).await.ok()["url"]);
    admin.delete(&url).await.refused(403, "forbidden");
    owner.delete(&url).await.ok();
    assert_eq!(avatar_of(&owner).await, Value::Null);
    owner.get(&url).await.refused(404, "not_found");
    owner.delete(&url).await.refused(404, "not_found");
    run_jobs(&app).await;
    assert!(!exists(&app, &upload.answer["key"]).await);

    let logo = text(&set(&admin, "organization-avatar", &files::png("l")).await["url"]);
    member.delete(&logo).await.refused(403, "forbidden");
    owner.delete(&logo).await.ok();
    assert_eq!(member.get("/api/auth/session").await.ok()["organization"]["logoUrl"], Value::Null);
}

async fn two_new_avatars_at_once_leave_one(app: TestApp) {
    let owner = app.owner().await;
    let second = app.second_server().await;
    let mut uploads = Vec::new();
    for name in ["a", "b", "c", "d"] {
        let upload = presign(&owner, "user-avatar", &files::png(name)).await;
        assert_eq!(upload.put().await.status, 200);
        uploads.push(upload);
    }
    let completions = uploads.iter().enumerate().map(|(place, upload)| {
        let user = owner.at(if place % 2 == 0 { &app.base } else { &second.base });
        async move { complete(&user, upload).await }
    });
    for answer in futures::future::join_all(completions).await {
        // A concurrent loser gets a conflict.
        assert!(matches!(answer.status, 200 | 409), "{}", answer.text());
    }
    run_jobs(&app).await;
    let mut left = Vec::new();
    for upload in &uploads {
        if exists(&app, &upload.answer["key"]).await {
            left.push(format!("/api/pictures/{}", upload.id));
        }
    }
    assert_eq!(left, [text(&avatar_of(&owner).await)]);
}
