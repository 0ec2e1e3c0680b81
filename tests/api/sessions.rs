//! Sign-up, log-in, log-out, and the life of a session.

use std::time::Duration;

use serde_json::json;

use crate::support::{TestApp, on_both_engines};

on_both_engines![
    signing_up_makes_an_account_an_organization_and_its_owner,
    logging_in_again_ends_the_session_that_the_browser_had,
    logging_out_ends_the_session,
    a_session_can_be_revoked_from_another_device,
    nobody_revokes_sessions_of_others,
    sessions_survive_a_restart,
    a_session_ends_after_thirty_days_without_a_visit,
    a_session_ends_after_ninety_days_however_it_is_used,
    a_visit_is_written_down_once_an_hour,
    the_cookie_is_kept_from_scripts_and_from_other_sites,
    a_wrong_email_and_a_wrong_password_look_the_same,
    an_invalid_email_has_no_account,
    ten_wrong_passwords_make_one_wait,
    wrong_sign_ups_name_the_field,
    an_email_has_one_account,
];

const DAY: Duration = Duration::from_hours(24);

async fn signing_up_makes_an_account_an_organization_and_its_owner(app: TestApp) {
    let owner = app.owner().await;
    let session = owner.get("/api/auth/session").await.ok();
    assert_eq!(session["user"]["name"], "Olga Owner");
    assert_eq!(session["user"]["email"], "owner@example.com");
    assert_eq!(session["organization"]["name"], "Harbour");
    assert_eq!(session["role"]["name"], "owner");
    assert_eq!(session["memberId"], owner.member_id.as_str());
    let roles = owner.get("/api/roles").await.ok();
    let names: Vec<_> = roles.as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["owner", "admin", "member", "guest"]);
}

async fn logging_in_again_ends_the_session_that_the_browser_had(app: TestApp) {
    let owner = app.owner().await;
    let before = owner.copy_of_session();
    let log_in = json!({ "email": " OWNER@example.com ", "password": "correct horse battery" });
    owner.post("/api/auth/log-in", log_in).await.ok();
    assert_ne!(owner.token(), before.token());
    owner.get("/api/auth/session").await.ok();
    before.get("/api/auth/session").await.refused(401, "unauthenticated");
}

async fn logging_out_ends_the_session(app: TestApp) {
    let owner = app.owner().await;
    let copy = owner.copy_of_session();
    assert_eq!(owner.poke("/api/auth/log-out").await.status, 200);
    assert_eq!(owner.token(), None);
    copy.get("/api/auth/session").await.refused(401, "unauthenticated");
    assert_eq!(owner.poke("/api/auth/log-out").await.status, 200);
}

async fn a_session_can_be_revoked_from_another_device(app: TestApp) {
    let owner = app.owner().await;
    let phone = owner.another_device().await;
    let devices = owner.get("/api/auth/sessions").await.ok();
    let other = devices.as_array().unwrap().iter().find(|device| device["current"] == false).unwrap();
    assert_eq!(devices.as_array().unwrap().len(), 2);
    let mut theirs = phone.listen().await;
    let revoked = owner.delete(&format!("/api/auth/sessions/{}", other["id"].as_str().unwrap())).await;
    assert_eq!(revoked.status, 200);
    assert!(theirs.next_or_end().await.is_none(), "its stream ends");
    phone.get("/api/auth/session").await.refused(401, "unauthenticated");
    owner.get("/api/auth/session").await.ok();
}

async fn nobody_revokes_sessions_of_others(app: TestApp) {
    let (owner, admin) = (app.owner().await, app.admin().await);
    let session = admin.get("/api/auth/sessions").await.ok()[0]["id"].as_str().unwrap().to_owned();
    owner.delete(&format!("/api/auth/sessions/{session}")).await.refused(404, "not_found");
    admin.get("/api/auth/session").await.ok();
}

async fn sessions_survive_a_restart(app: TestApp) {
    let owner = app.owner().await;
    let app = app.restart().await;
    owner.get("/api/auth/session").await.ok();
    drop(app);
}

async fn a_session_ends_after_thirty_days_without_a_visit(app: TestApp) {
    let owner = app.owner().await;
    app.advance(29 * DAY);
    owner.get("/api/auth/session").await.ok();
    app.advance(29 * DAY);
    owner.get("/api/auth/session").await.ok();
    app.advance(31 * DAY);
    owner.get("/api/auth/session").await.refused(401, "unauthenticated");
}

async fn a_session_ends_after_ninety_days_however_it_is_used(app: TestApp) {
    let owner = app.owner().await;
    let log_in = json!({ "email": owner.email, "password": "correct horse battery" });
    let mut tokens = app.anonymous().post("/api/v1/auth/login", log_in).await.ok();
    for _ in 0..89 {
        app.advance(DAY);
        owner.get("/api/auth/session").await.ok();
        let refresh = json!({ "refreshToken": tokens["refreshToken"] });
        tokens = app.anonymous().post("/api/v1/auth/refresh", refresh).await.ok();
    }
    app.advance(DAY);
    owner.get("/api/auth/session").await.refused(401, "unauthenticated");
    let refresh = json!({ "refreshToken": tokens["refreshToken"] });
    assert_eq!(app.anonymous().post("/api/v1/auth/refresh", refresh).await.status, 401);
}

async fn a_visit_is_written_down_once_an_hour(app: TestApp) {
    let owner = app.owner().await;
    let last_seen = async || owner.get("/api/auth/sessions").await.ok()[0]["lastSeenAt"].clone();
    let first = last_seen().await;
    app.advance(Duration::from_mins(59));
    owner.get("/api/channels").await.ok();
    assert_eq!(last_seen().await, first, "reading does not write");
    app.advance(Duration::from_mins(2));
    owner.get("/api/channels").await.ok();
    assert_ne!(last_seen().await, first);
}

async fn the_cookie_is_kept_from_scripts_and_from_other_sites(app: TestApp) {
    let body =
        json!({ "name": "A", "email": "a@example.com", "password": "correct horse battery", "organization": "O" });
    let answer = app.anonymous().post("/api/auth/sign-up", body).await;
    let cookie = answer.header("set-cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=7776000"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "over http a Secure cookie would be lost: {cookie}");
    let public =
        TestApp::start_with(app.engines, |config| config.public_url = Some("https://files.example.com".into()));
    let body =
        json!({ "name": "A", "email": "a@example.com", "password": "correct horse battery", "organization": "O" });
    let answer = public.await.anonymous().post("/api/auth/sign-up", body).await;
    assert!(answer.header("set-cookie").contains("Secure"), "{}", answer.header("set-cookie"));
}

async fn a_wrong_email_and_a_wrong_password_look_the_same(app: TestApp) {
    app.owner().await;
    let log_in = |email: &str| json!({ "email": email, "password": "wrong horse battery" });
    let wrong_password = app.anonymous().post("/api/auth/log-in", log_in("owner@example.com")).await;
    let wrong_email = app.anonymous().post("/api/auth/log-in", log_in("nobody@example.com")).await;
    assert_eq!(wrong_password.refused(401, "wrong_credentials"), wrong_email.refused(401, "wrong_credentials"));
}

async fn an_invalid_email_has_no_account(app: TestApp) {
    app.owner().await;
    for email in ["", "a\0b@example.com", "nobody", &format!("{}@example.com", "x".repeat(100_000))] {
        let log_in = json!({ "email": email, "password": "correct horse battery" });
        app.anonymous().post("/api/auth/log-in", log_in).await.refused(401, "wrong_credentials");
    }
}

async fn ten_wrong_passwords_make_one_wait(app: TestApp) {
    let owner = app.owner().await;
    let wrong = json!({ "email": "owner@example.com", "password": "wrong horse battery" });
    let right = json!({ "email": "owner@example.com", "password": "correct horse battery" });
    for _ in 0..10 {
        app.anonymous().post("/api/auth/log-in", wrong.clone()).await.refused(401, "wrong_credentials");
    }
    let refused = app.anonymous().post("/api/auth/log-in", right.clone()).await;
    let seconds: u64 = refused.header("retry-after").parse().expect("Retry-After is in seconds");
    assert!((1..=900).contains(&seconds), "{seconds}");
    assert_eq!(refused.refused(429, "rate_limited")["data"]["retryAfter"], seconds);
    owner.get("/api/auth/session").await.ok();
    app.advance(Duration::from_secs(seconds));
    app.anonymous().post("/api/auth/log-in", right).await.ok();
}

async fn wrong_sign_ups_name_the_field(app: TestApp) {
    let right =
        json!({ "name": "A", "email": "a@example.com", "password": "correct horse battery", "organization": "O" });
    for (field, wrong) in [("name", ""), ("email", "nobody"), ("password", "short"), ("organization", "  ")] {
        let mut body = right.clone();
        body[field] = json!(wrong);
        app.anonymous().post("/api/auth/sign-up", body).await.refused_field(field);
    }
    app.anonymous().post("/api/auth/sign-up", right).await.ok();
}

async fn an_email_has_one_account(app: TestApp) {
    app.owner().await;
    let body =
        json!({ "name": "A", "email": "Owner@Example.com", "password": "correct horse battery", "organization": "O" });
    let refused = app.anonymous().post("/api/auth/sign-up", body).await.refused(409, "conflict");
    assert_eq!(refused["data"]["field"], "email");
}
