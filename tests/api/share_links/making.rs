//! Permissions to create and revoke links.

use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use attache::platform::timestamp::Timestamp;
use serde_json::{Value, json};

use super::{create, path};
use crate::support::zip::{names, unzip};
use crate::support::{TestApp, User, files, on_both_engines, on_one_pair, text};

on_both_engines![
    sharing_requires_permission_and_visibility,
    impossible_values_are_rejected,
    links_are_listed_for_their_makers_and_for_managers,
];
on_one_pair![postgres_garage_only, PostgresGarage: a_link_revoked_at_one_server_ends_at_another];

async fn sharing_requires_permission_and_visibility(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let (public, private) = (owner.channel("general").await, owner.private_channel("plans").await);
    let shown = owner.send_file(&public, "a.txt", "text/plain", b"a").await;
    let hidden = owner.send_file(&private, "b.txt", "text/plain", b"b").await;
    let hidden_message = text(&owner.messages(&private).await[0]["id"]);
    let draft = member.upload(&public, "c.txt", "text/plain", b"c").await;
    let share = async |user: &User, body: Value| user.post("/api/share-links", body).await;
    share(&member, json!({ "attachmentId": shown })).await.ok();
    share(&member, json!({ "attachmentId": hidden })).await.refused(404, "not_found");
    share(&member, json!({ "messageId": hidden_message })).await.refused(404, "not_found");
    share(&member, json!({ "attachmentId": draft })).await.refused(409, "conflict");
    share(&app.other_organization().await, json!({ "attachmentId": shown })).await.refused(404, "not_found");
    owner.delete(&format!("/api/attachments/{shown}")).await.ok();
    share(&owner, json!({ "attachmentId": shown })).await.refused(404, "not_found");
    let permissions = json!(["Message:ViewAttachment", "Channel:View"]);
    owner.patch("/api/roles", json!({ "role": "member", "permissions": permissions })).await.ok();
    let other = owner.send_file(&public, "d.txt", "text/plain", b"d").await;
    share(&member, json!({ "attachmentId": other })).await.refused(403, "forbidden");
}

async fn impossible_values_are_rejected(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.txt", "text/plain", b"a").await;
    let bare = text(&owner.send(&channel, "no files", &[]).await.ok()["id"]);
    for (field, wrong) in [
        ("attachmentId", json!({})),
        ("attachmentId", json!({ "attachmentId": id, "messageId": bare })),
        ("messageId", json!({ "messageId": bare })),
        ("expiresIn", json!({ "attachmentId": id, "expiresIn": 0 })),
        ("expiresIn", json!({ "attachmentId": id, "expiresIn": 366 * 24 * 3600 })),
        ("expiresAt", json!({ "attachmentId": id, "expiresAt": "2020-01-01T00:00:00Z" })),
        ("password", json!({ "attachmentId": id, "password": "short" })),
        ("password", json!({ "attachmentId": id, "password": "" })),
        ("maxDownloads", json!({ "attachmentId": id, "maxDownloads": 0 })),
    ] {
        owner.post("/api/share-links", wrong).await.refused_field(field);
    }
    let usual = create(&owner, json!({ "attachmentId": id })).await;
    assert_eq!(usual["hasPassword"], false);
    let time = |field: &str| serde_json::from_value::<Timestamp>(usual[field].clone()).unwrap();
    assert_eq!(
        time("expiresAt"),
        time("createdAt").plus(Duration::from_hours(7 * 24)),
        "a week, where nothing is said"
    );
}

async fn links_are_listed_for_their_makers_and_for_managers(app: TestApp) {
    let (owner, admin, member) = (app.owner().await, app.admin().await, app.member().await);
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.txt", "text/plain", b"a").await;
    let other = owner.send_file(&channel, "b.txt", "text/plain", b"b").await;
    let by_owner = create(&owner, json!({ "attachmentId": id })).await;
    let by_member = create(&member, json!({ "attachmentId": other, "maxDownloads": 3 })).await;
    let ids = async |user: &User, query: &str| -> Vec<Value> {
        let links = user.get(&format!("/api/share-links{query}")).await.ok();
        let token = text(&by_owner["url"]).rsplit('/').next().unwrap().to_owned();
        assert!(!links.to_string().contains(&token), "the address is told once");
        links.as_array().unwrap().iter().map(|link| link["id"].clone()).collect()
    };
    let (first, second) = (by_owner["id"].clone(), by_member["id"].clone());
    assert_eq!(ids(&member, "").await, *std::slice::from_ref(&second));
    assert_eq!(ids(&admin, "").await, [second.clone(), first.clone()]);
    assert_eq!(ids(&admin, &format!("?attachment={id}")).await, *std::slice::from_ref(&first));
    assert_eq!(ids(&admin, &format!("?before={}", text(&second))).await, *std::slice::from_ref(&first));
    assert!(ids(&app.other_organization().await, "").await.is_empty());
    let listed = admin.get("/api/share-links").await.ok()[0].clone();
    assert_eq!((&listed["fileName"], &listed["createdBy"]), (&json!("b.txt"), &json!("Mia Member")));

    member.poke(&format!("/api/share-links/{}/revoke", text(&first))).await.refused(404, "not_found");
    let revoked = admin.poke(&format!("/api/share-links/{}/revoke", text(&second))).await.ok();
    assert_eq!(revoked["active"], false);
    assert_eq!(
        member.poke(&format!("/api/share-links/{}/revoke", text(&second))).await.ok(),
        revoked,
        "once more is no error"
    );
    assert_eq!(app.anonymous().get(&path(&app, &by_member)).await.status, 404);
    assert_eq!(app.anonymous().get(&path(&app, &by_owner)).await.status, 200);
}

async fn a_link_revoked_at_one_server_ends_at_another(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.txt", "text/plain", b"a").await;
    let link = create(&owner, json!({ "attachmentId": id })).await;
    let other = app.second_server().await;
    let elsewhere = format!("{}{}", other.base, path(&app, &link));
    assert_eq!(app.anonymous().get(&elsewhere).await.status, 200);
    owner.poke(&format!("/api/share-links/{}/revoke", text(&link["id"]))).await.ok();
    assert_eq!(app.anonymous().get(&elsewhere).await.status, 404);
    // So does one to a file that is deleted there, with its previews and zips.
    let picture = owner.upload(&channel, "a.png", "image/png", &files::picture(40, 30)).await;
    let second = owner.upload(&channel, "b.png", "image/png", &files::picture(40, 30)).await;
    let message = text(&owner.send(&channel, "", &[&picture, &second]).await.ok()["id"]);
    run_due(&app.platform, JOBS).await.unwrap();
    let link = create(&owner, json!({ "messageId": message })).await;
    let elsewhere = format!("{}{}", other.base, path(&app, &link));
    let inside = owner.at(&other.base);
    let paths = [
        format!("{elsewhere}/{picture}"),
        format!("{elsewhere}/{picture}/thumbnail?size=feed"),
        format!("{}/api/messages/attachments/{picture}/thumbnail?size=feed", other.base),
    ];
    let statuses = async || {
        let mut statuses = Vec::new();
        for path in &paths {
            statuses.push(inside.get(path).await.status);
        }
        statuses
    };
    assert_eq!(statuses().await, [302; 3]);
    owner.delete(&format!("/api/attachments/{picture}")).await.ok();
    assert_eq!(statuses().await, [404; 3]);
    assert_eq!(names(&unzip(&app.anonymous().get(&format!("{elsewhere}/zip")).await.bytes)), ["b.png"]);
    owner.poke(&format!("/api/attachments/{picture}/restore")).await.ok();
    assert_eq!(statuses().await, [302; 3]);
    owner.delete(&format!("/api/messages/{message}")).await.ok();
    assert_eq!(statuses().await, [404; 3]);
    assert_eq!(app.anonymous().get(&format!("{elsewhere}/zip")).await.status, 404);
}
