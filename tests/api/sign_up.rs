//! Creation of organizations: the first account, then people with an invitation, and everyone if sign-up is open.

use std::collections::BTreeMap;
use std::time::Duration;

use attache::platform::config::SignUpPolicy;
use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{Engines, Installation, PASSWORD, TestApp, User, on_both_engines, text};

on_both_engines![
    the_first_account_makes_the_first_organization,
    of_first_accounts_at_the_same_moment_one_is_made,
    open_sign_up_is_limited_for_each_network,
    common_passwords_are_refused_wherever_they_are_chosen,
];

mod by_command {
    use super::the_operator_invites_an_organization;
    use crate::support::as_process_on_both_engines;

    as_process_on_both_engines![the_operator_invites_an_organization];
}

/// Starts the same engines with the default policy.
async fn closed(engines: Engines) -> TestApp {
    TestApp::start_with(engines, |config| config.sign_up = SignUpPolicy::Invite).await
}

fn account(number: usize) -> Value {
    let email = format!("person{number}@example.com");
    json!({ "name": "Some Person", "email": email, "password": PASSWORD, "organization": format!("Firm {number}") })
}

async fn the_first_account_makes_the_first_organization(app: TestApp) {
    let app = closed(app.engines).await;
    let stranger = app.anonymous();
    assert_eq!(stranger.get("/api/auth/sign-up").await.ok(), json!({ "open": true, "reason": null }));
    let owner = app.owner().await;
    let state = stranger.get("/api/auth/sign-up").await.ok();
    assert_eq!(state["open"], false);
    assert!(text(&state["reason"]).contains("invit"), "{state}");
    stranger.post("/api/auth/sign-up", account(1)).await.refused(403, "sign_up_closed");
    // Even validation errors are not shown.
    stranger
        .post("/api/auth/sign-up", json!({ "name": "", "email": "", "password": "", "organization": "" }))
        .await
        .refused(403, "sign_up_closed");
    // Invites of the organization still work.
    owner.colleague("member", "Mia", "mia@example.com").await.get("/api/channels").await.ok();
    let made_up = json!({ "invitation": "never-valid", "name": "A", "email": "a@b.example", "password": PASSWORD, "organization": "B" });
    stranger.post("/api/auth/sign-up", made_up).await.refused(404, "not_found");
}

async fn of_first_accounts_at_the_same_moment_one_is_made(app: TestApp) {
    let app = closed(app.engines).await;
    let tries = (0..8).map(|number| {
        let stranger = app.anonymous();
        async move { stranger.post("/api/auth/sign-up", account(number)).await.status }
    });
    let mut statuses = join_all(tries).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403, 403, 403, 403, 403, 403, 403]);
}

async fn open_sign_up_is_limited_for_each_network(app: TestApp) {
    let app = TestApp::start_with(app.engines, |config| {
        config.sign_ups_per_hour = Some(3);
        config.trusted_proxies = 1;
    })
    .await;
    let sign_up = async |number: usize, address: &str| {
        let visitor = app.anonymous();
        let request = visitor.request(reqwest::Method::POST, "/api/auth/sign-up").header("x-forwarded-for", address);
        (visitor.send_request(request.json(&account(number))).await, visitor)
    };
    let mut owner = None;
    for number in 0..3 {
        // One customer has the whole /64.
        let (answer, visitor) = sign_up(number, &format!("2001:db8:1:2::{number}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        owner = Some(visitor);
    }
    let (refused, _) = sign_up(3, "2001:db8:1:2:ffff::1").await;
    assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 3000), "{:?}", refused.headers);
    refused.refused(429, "rate_limited");
    assert_eq!(sign_up(4, "2001:db8:1:3::1").await.0.status, 200, "another network");
    // Accepting an invite creates no organization.
    let token = owner.expect("three have signed up").invite_token("member").await;
    let visitor = app.anonymous();
    let body = json!({ "token": token, "name": "Mia", "email": "mia@example.com", "password": PASSWORD });
    let request =
        visitor.request(reqwest::Method::POST, "/api/invites/accept").header("x-forwarded-for", "2001:db8:1:2::9");
    assert_eq!(visitor.send_request(request.json(&body)).await.status, 200);
    app.advance(Duration::from_hours(1));
    assert_eq!(sign_up(5, "2001:db8:1:2::1").await.0.status, 200, "an hour later");
}

async fn common_passwords_are_refused_wherever_they_are_chosen(app: TestApp) {
    let owner = app.owner().await;
    let token = app.invite_token("member").await;
    let visitor = app.anonymous();
    let with = |body: Value, field: &str, password: &str| {
        let mut body = body;
        body[field] = json!(password);
        body
    };
    let sign_up = with(account(1), "password", "password1234");
    visitor.post("/api/auth/sign-up", sign_up).await.refused_field("password");
    let accept = json!({ "token": token, "name": "Mia", "email": "mia@example.com", "password": "qwertyuiop12" });
    visitor.post("/api/invites/accept", accept).await.refused_field("password");
    let change = json!({ "currentPassword": PASSWORD, "newPassword": "123456789012" });
    owner.post("/api/auth/password", change).await.refused_field("newPassword");
    let mia = owner.colleague("member", "Mia", "mia@example.com").await;
    let url = text(&owner.poke(&format!("/api/members/{}/password-reset", mia.member_id)).await.ok()["url"]);
    let reset = json!({ "token": url.rsplit('/').next(), "password": "letmeinletmein" });
    visitor.post("/api/auth/password-reset", reset).await.refused_field("password");
    // Passwords made of a person's own name and email are guessed first.
    let own = with(account(2), "password", "person2@example.com");
    visitor.post("/api/auth/sign-up", own).await.refused_field("password");
}

async fn the_operator_invites_an_organization(installation: Installation) {
    let closed = BTreeMap::from([("SIGN_UP", String::new())]);
    let server = installation.start_with(&closed);
    let first = User::new(&server.base);
    first.post("/api/auth/sign-up", account(0)).await.ok();
    first.post("/api/auth/sign-up", account(1)).await.refused(403, "sign_up_closed");

    let printed = installation.run_command(&["invite-organization"], &installation.variables());
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    let link = String::from_utf8(printed.stdout).expect("a link is text").trim().to_owned();
    let (_, invitation) = link.split_once("/sign-up?invitation=").expect("the link leads to the sign-up");
    let state = first.get(&format!("/api/auth/sign-up?invitation={invitation}")).await.ok();
    assert_eq!(state["open"], true);

    let mut invited = account(1);
    invited["invitation"] = json!(invitation);
    let session = User::new(&server.base).post("/api/auth/sign-up", invited.clone()).await.ok();
    assert_eq!(session["organization"]["name"], "Firm 1");
    assert_eq!(session["role"]["name"], "owner");
    let mut again = account(2);
    again["invitation"] = json!(invitation);
    first.post("/api/auth/sign-up", again).await.refused(404, "not_found");

    // An existing account gets another organization with its password.
    let printed = installation.run_command(&["invite-organization"], &installation.variables());
    let link = String::from_utf8(printed.stdout).expect("a link is text");
    invited["invitation"] = json!(link.trim().rsplit('=').next());
    invited["organization"] = json!("Second firm");
    let mut wrong = invited.clone();
    wrong["password"] = json!("wrong horse battery");
    first.post("/api/auth/sign-up", wrong).await.refused(401, "wrong_credentials");
    let session = User::new(&server.base).post("/api/auth/sign-up", invited).await.ok();
    assert_eq!(session["organization"]["name"], "Second firm");
}
