//! Invites: a link lets one person in, once, for a week, with its role.

use std::time::Duration;

use serde_json::json;

use crate::support::{TestApp, on_both_engines};

on_both_engines![
    an_invite_shows_where_it_leads_and_lets_in,
    an_invite_works_once,
    two_at_once_share_no_invite,
    an_invite_ends_after_a_week,
    a_member_of_another_organization_joins_with_their_password,
    members_of_two_organizations_can_switch,
    an_invite_gives_no_more_than_its_maker_may_give_now,
    nobody_is_in_an_organization_twice,
    an_unknown_token_is_not_found,
    the_role_must_exist,
    open_invites_are_listed_and_revoked,
];

fn accept(token: &str, email: &str) -> serde_json::Value {
    json!({ "token": token, "name": "Nina New", "email": email, "password": "correct horse battery" })
}

async fn an_invite_shows_where_it_leads_and_lets_in(app: TestApp) {
    let token = app.invite_token("member").await;
    let preview = app.anonymous().get(&format!("/api/invites/{token}")).await.ok();
    assert_eq!(preview, json!({ "organization": "Harbour", "role": "member" }));
    let nina = app.anonymous();
    let session = nina.post("/api/invites/accept", accept(&token, "nina@example.com")).await.ok();
    assert_eq!(session["role"]["name"], "member");
    assert_eq!(session["organization"]["name"], "Harbour");
    nina.get("/api/channels").await.ok();
}

async fn an_invite_works_once(app: TestApp) {
    let token = app.invite_token("member").await;
    app.anonymous().post("/api/invites/accept", accept(&token, "nina@example.com")).await.ok();
    app.anonymous().post("/api/invites/accept", accept(&token, "noah@example.com")).await.refused(404, "not_found");
    app.anonymous().get(&format!("/api/invites/{token}")).await.refused(404, "not_found");
    let members = app.owner().await.get("/api/members").await.ok();
    assert_eq!(members.as_array().unwrap().len(), 2);
    let found = app.owner().await.get("/api/members?search=example%20OW%20ol").await.ok();
    assert_eq!((found.as_array().unwrap().len(), &found[0]["name"]), (1, &json!("Olga Owner")));
}

async fn two_at_once_share_no_invite(app: TestApp) {
    let token = app.invite_token("member").await;
    let tries = (0..4).map(|index| {
        let (user, body) = (app.anonymous(), accept(&token, &format!("nina{index}@example.com")));
        async move { user.post("/api/invites/accept", body).await.status }
    });
    let mut statuses = futures::future::join_all(tries).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404, 404, 404]);
}

async fn an_invite_ends_after_a_week(app: TestApp) {
    let token = app.invite_token("member").await;
    app.advance(Duration::from_hours(7 * 24));
    app.anonymous().post("/api/invites/accept", accept(&token, "nina@example.com")).await.refused(404, "not_found");
}

async fn a_member_of_another_organization_joins_with_their_password(app: TestApp) {
    let stranger = app.other_organization().await;
    let token = app.invite_token("guest").await;
    let mut wrong = accept(&token, &stranger.email);
    wrong["password"] = json!("wrong horse battery");
    app.anonymous().post("/api/invites/accept", wrong).await.refused(401, "wrong_credentials");
    let session = app.anonymous().post("/api/invites/accept", accept(&token, &stranger.email)).await.ok();
    assert_eq!(session["organization"]["name"], "Harbour");
    assert_eq!(session["user"]["name"], "Sten Stranger");
    // The earlier session stays in its organization.
    assert_eq!(stranger.get("/api/auth/session").await.ok()["organization"]["name"], "Lighthouse");
}

async fn members_of_two_organizations_can_switch(app: TestApp) {
    let stranger = app.other_organization().await;
    let member = app.member().await;
    let token = app.invite_token("guest").await;
    let user = app.anonymous();
    user.post("/api/invites/accept", accept(&token, &stranger.email)).await.ok();
    user.poke("/api/auth/log-out").await.ok();
    let log_in = json!({ "email": stranger.email, "password": "correct horse battery" });
    // In their last organization.
    let session = user.post("/api/auth/log-in", log_in.clone()).await.ok();
    assert_eq!(session["organization"]["name"], "Harbour");
    let all = user.get("/api/auth/organizations").await.ok();
    let names: Vec<_> = all.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Harbour", "Lighthouse"]);

    let mut heard = user.listen().await;
    let choice = json!({ "organizationId": all[1]["id"] });
    let switched = user.post("/api/auth/organization", choice.clone()).await.ok();
    assert_eq!((&switched["organization"]["name"], &switched["role"]["name"]), (&json!("Lighthouse"), &json!("owner")));
    assert!(heard.next_or_end().await.is_none(), "the stream of the one before ends");
    assert_eq!(user.get("/api/auth/session").await.ok()["organization"]["name"], "Lighthouse");
    user.poke("/api/auth/log-out").await.ok();
    assert_eq!(user.post("/api/auth/log-in", log_in).await.ok()["organization"]["name"], "Lighthouse");
    // Only their own organizations.
    member.post("/api/auth/organization", choice).await.refused(404, "not_found");
}

async fn an_invite_gives_no_more_than_its_maker_may_give_now(app: TestApp) {
    let owner = app.owner().await;
    let admin = app.admin().await;
    let url = admin.post("/api/invites", json!({ "role": "admin" })).await.ok()["url"].as_str().unwrap().to_owned();
    let token = url.rsplit('/').next().unwrap();
    app.anonymous().get(&format!("/api/invites/{token}")).await.ok();
    owner.patch(&format!("/api/members/{}", admin.member_id), json!({ "role": "guest" })).await.ok();
    app.anonymous().get(&format!("/api/invites/{token}")).await.refused(404, "not_found");
    app.anonymous().post("/api/invites/accept", accept(token, "nina@example.com")).await.refused(404, "not_found");
    assert_eq!(owner.get("/api/members").await.ok().as_array().unwrap().len(), 2);
}

async fn nobody_is_in_an_organization_twice(app: TestApp) {
    let member = app.member().await;
    let token = app.invite_token("admin").await;
    app.anonymous().post("/api/invites/accept", accept(&token, &member.email)).await.refused(409, "conflict");
    assert_eq!(member.get("/api/auth/session").await.ok()["role"]["name"], "member");
    // The invite is still unused.
    app.anonymous().post("/api/invites/accept", accept(&token, "nina@example.com")).await.ok();
}

async fn an_unknown_token_is_not_found(app: TestApp) {
    app.anonymous().get("/api/invites/nothing").await.refused(404, "not_found");
    app.anonymous().post("/api/invites/accept", accept("nothing", "n@example.com")).await.refused(404, "not_found");
}

async fn the_role_must_exist(app: TestApp) {
    app.owner().await.post("/api/invites", json!({ "role": "captain" })).await.refused_field("role");
}

async fn open_invites_are_listed_and_revoked(app: TestApp) {
    let (owner, admin, member) = (app.owner().await, app.admin().await, app.member().await);
    let made = admin.post("/api/invites", json!({ "role": "guest" })).await.ok();
    let token = made["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let listed = owner.get("/api/invites").await.ok();
    assert_eq!(listed.as_array().unwrap().len(), 1, "used ones are not open: {listed}");
    let invite = &listed[0];
    assert_eq!((&invite["id"], &invite["role"]["name"]), (&made["id"], &json!("guest")));
    assert_eq!(invite["createdBy"], json!({ "memberId": admin.member_id, "name": "Adam Admin" }));
    assert!(invite["createdAt"].is_string() && invite["expiresAt"].is_string(), "{invite}");
    assert!(!listed.to_string().contains(&token), "the link is not told again");

    member.get("/api/invites").await.refused(403, "forbidden");
    let path = format!("/api/invites/{}", made["id"].as_str().unwrap());
    member.delete(&path).await.refused(403, "forbidden");
    app.other_organization().await.delete(&path).await.refused(404, "not_found");
    owner.delete(&path).await.ok();
    owner.delete(&path).await.refused(404, "not_found");
    assert_eq!(owner.get("/api/invites").await.ok(), json!([]));
    app.anonymous().post("/api/invites/accept", accept(&token, "nina@example.com")).await.refused(404, "not_found");
}
