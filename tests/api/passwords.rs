//! Password changes and reset links.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, TestApp, User, on_both_engines, text};

on_both_engines![
    a_new_password_logs_out_all_other_devices,
    wrong_changes_name_the_field,
    tries_of_the_current_password_count_with_those_to_log_in,
    a_reset_link_sets_the_password_once,
    a_reset_link_ends_after_a_day,
    a_new_link_and_a_new_password_take_back_the_old_link,
    two_at_once_share_no_reset_link,
    no_reset_link_for_members_with_more_permissions,
    no_admin_opens_an_account_that_is_used_elsewhere,
    a_reset_link_ends_with_a_new_role_and_with_its_creator,
    a_link_ends_with_the_permissions_of_its_creator,
];

const NEW: &str = "another horse battery";

async fn change(user: &User, current: &str, new: &str) -> Answer {
    user.post("/api/auth/password", json!({ "currentPassword": current, "newPassword": new })).await
}

fn log_in(user: &User, password: &str) -> Value {
    json!({ "email": user.email, "password": password })
}

async fn reset_token(by: &User, of: &User) -> String {
    let link = by.poke(&format!("/api/members/{}/password-reset", of.member_id)).await.ok();
    text(&link["url"]).split_once("/reset/").expect("the link is of the page").1.to_owned()
}

fn set(token: &str) -> Value {
    json!({ "token": token, "password": NEW })
}

async fn a_new_password_logs_out_all_other_devices(app: TestApp) {
    let member = app.member().await;
    let (phone, tablet) = (member.another_device().await, member.another_device().await);
    let other = app.admin().await;
    assert_eq!(
        change(&member, "correct horse battery", NEW).await.ok(),
        json!({ "endedSessions": 2, "revokedTokens": 0 })
    );
    phone.get("/api/auth/session").await.refused(401, "unauthenticated");
    tablet.get("/api/auth/session").await.refused(401, "unauthenticated");
    member.get("/api/auth/session").await.ok();
    other.get("/api/auth/session").await.ok();
    let old = log_in(&member, "correct horse battery");
    app.anonymous().post("/api/auth/log-in", old).await.refused(401, "wrong_credentials");
    app.anonymous().post("/api/auth/log-in", log_in(&member, NEW)).await.ok();
}

async fn wrong_changes_name_the_field(app: TestApp) {
    let member = app.member().await;
    change(&member, "wrong horse battery", NEW).await.refused_field("currentPassword");
    change(&member, "correct horse battery", "short").await.refused_field("newPassword");
    app.anonymous().post("/api/auth/log-in", log_in(&member, "correct horse battery")).await.ok();
}

async fn tries_of_the_current_password_count_with_those_to_log_in(app: TestApp) {
    let member = app.member().await;
    for _ in 0..5 {
        change(&member, "wrong horse battery", NEW).await.refused_field("currentPassword");
        let wrong = log_in(&member, "wrong horse battery");
        app.anonymous().post("/api/auth/log-in", wrong).await.refused(401, "wrong_credentials");
    }
    let refused = change(&member, "correct horse battery", NEW).await;
    assert!(!refused.header("retry-after").is_empty());
    refused.refused(429, "rate_limited");
    app.advance(Duration::from_mins(15));
    change(&member, "correct horse battery", NEW).await.ok();
}

async fn a_reset_link_sets_the_password_once(app: TestApp) {
    let (admin, member) = (app.admin().await, app.member().await);
    let token = reset_token(&admin, &member).await;
    let path = format!("/api/auth/password-reset/{token}");
    let preview = app.anonymous().get(&path).await.ok();
    assert_eq!(preview, json!({ "name": "Mia Member", "email": member.email }));
    let short = json!({ "token": token, "password": "short" });
    app.anonymous().post("/api/auth/password-reset", short).await.refused_field("password");
    member.get("/api/auth/session").await.ok();

    let entered = app.anonymous();
    let session = entered.post("/api/auth/password-reset", set(&token)).await.ok();
    assert_eq!(session["memberId"], member.member_id.as_str());
    entered.get("/api/auth/session").await.ok();
    member.get("/api/auth/session").await.refused(401, "unauthenticated");
    app.anonymous().post("/api/auth/log-in", log_in(&member, NEW)).await.ok();
    app.anonymous().post("/api/auth/password-reset", set(&token)).await.refused(404, "not_found");
    app.anonymous().get(&path).await.refused(404, "not_found");
}

async fn a_reset_link_ends_after_a_day(app: TestApp) {
    let token = reset_token(&app.admin().await, &app.member().await).await;
    app.advance(Duration::from_hours(24));
    app.anonymous().post("/api/auth/password-reset", set(&token)).await.refused(404, "not_found");
}

async fn a_new_link_and_a_new_password_take_back_the_old_link(app: TestApp) {
    let (admin, member) = (app.admin().await, app.member().await);
    let first = reset_token(&admin, &member).await;
    let second = reset_token(&admin, &member).await;
    app.anonymous().post("/api/auth/password-reset", set(&first)).await.refused(404, "not_found");
    change(&member, "correct horse battery", NEW).await.ok();
    app.anonymous().post("/api/auth/password-reset", set(&second)).await.refused(404, "not_found");
}

async fn two_at_once_share_no_reset_link(app: TestApp) {
    let token = reset_token(&app.admin().await, &app.member().await).await;
    let tries = (0..4).map(|_| {
        let (user, body) = (app.anonymous(), set(&token));
        async move { user.post("/api/auth/password-reset", body).await.status }
    });
    let mut statuses = futures::future::join_all(tries).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404, 404, 404]);
}

async fn no_reset_link_for_members_with_more_permissions(app: TestApp) {
    let (owner, admin, member) = (app.owner().await, app.admin().await, app.member().await);
    let path = |user: &User| format!("/api/members/{}/password-reset", user.member_id);
    admin.poke(&path(&owner)).await.refused(403, "forbidden");
    owner.poke(&path(&owner)).await.refused(409, "conflict");
    admin.poke(&path(&app.other_organization().await)).await.refused(404, "not_found");
    // A role that manages people and has few other permissions.
    let role = json!({ "name": "office", "permissions": ["Organization:Manage"] });
    owner.post("/api/roles", role).await.ok();
    let clerk = app.invited("office", "Carl Clerk").await;
    clerk.poke(&path(&admin)).await.refused(403, "forbidden");
    clerk.poke(&path(&member)).await.refused(403, "forbidden");
    let second = app.invited("owner", "Otto Owner").await;
    owner.poke(&path(&second)).await.ok();
}

async fn no_admin_opens_an_account_that_is_used_elsewhere(app: TestApp) {
    let (admin, member) = (app.admin().await, app.member().await);
    let token = reset_token(&admin, &member).await;
    let other = app.other_organization().await;
    let invite = text(&other.post("/api/invites", json!({ "role": "guest" })).await.ok()["url"]);
    let invite = invite.rsplit('/').next().unwrap();
    let join = json!({ "token": invite, "name": "", "email": member.email, "password": "correct horse battery" });
    app.anonymous().post("/api/invites/accept", join).await.ok();
    // Nor with an earlier link.
    app.anonymous().post("/api/auth/password-reset", set(&token)).await.refused(404, "not_found");
    let path = format!("/api/members/{}/password-reset", member.member_id);
    admin.poke(&path).await.refused(409, "conflict");
    app.owner().await.poke(&path).await.refused(409, "conflict");
}

async fn a_reset_link_ends_with_a_new_role_and_with_its_creator(app: TestApp) {
    let (owner, admin, member) = (app.owner().await, app.admin().await, app.member().await);
    let token = reset_token(&admin, &member).await;
    let path = |user: &User| format!("/api/members/{}", user.member_id);
    owner.patch(&path(&member), json!({ "role": "owner" })).await.ok();
    app.anonymous().post("/api/auth/password-reset", set(&token)).await.refused(404, "not_found");

    let guest = app.guest().await;
    let token = reset_token(&admin, &guest).await;
    owner.delete(&path(&admin)).await.ok();
    app.anonymous().post("/api/auth/password-reset", set(&token)).await.refused(404, "not_found");
    guest.get("/api/auth/session").await.ok();
}

async fn a_link_ends_with_the_permissions_of_its_creator(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let roles = owner.get("/api/roles").await.ok();
    let admin = roles.as_array().unwrap().iter().find(|role| role["name"] == "admin").unwrap().clone();
    let office = |permissions: &Value| json!({ "role": "office", "permissions": permissions });
    owner.post("/api/roles", json!({ "name": "office", "permissions": admin["permissions"] })).await.ok();
    let clerk = app.invited("office", "Carl Clerk").await;
    let token = reset_token(&clerk, &member).await;
    owner.patch("/api/roles", office(&json!(["Organization:Manage"]))).await.ok();
    app.anonymous().post("/api/auth/password-reset", set(&token)).await.refused(404, "not_found");
    owner.patch("/api/roles", office(&admin["permissions"])).await.ok();
    // Permanently: a new one is required.
    app.anonymous().post("/api/auth/password-reset", set(&token)).await.refused(404, "not_found");
    let token = reset_token(&clerk, &member).await;
    app.anonymous().post("/api/auth/password-reset", set(&token)).await.ok();
}
