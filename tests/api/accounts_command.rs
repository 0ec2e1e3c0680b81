//! `attache accounts`, `disable-account` and `enable-account`.

use attache::admin::accounts_command;
use serde_json::json;

use crate::support::{PASSWORD, TestApp, User, as_process_on_both_engines, on_both_engines, text};

on_both_engines![
    a_disabled_account_has_no_access,
    an_enabled_account_has_its_access_again,
    a_reset_link_does_not_enable_an_account,
    only_the_owner_of_a_disabled_account_is_told,
    an_unknown_account_is_named,
];

mod commands {
    use super::*;
    use crate::support::Installation;

    as_process_on_both_engines![accounts_are_listed_and_disabled_beside_a_running_server];

    async fn accounts_are_listed_and_disabled_beside_a_running_server(installation: Installation) {
        let server = installation.start();
        let mut olga = User::new(&server.base);
        let sign_up = json!({ "name": "Olga Owner", "email": "olga@example.com", "password": PASSWORD, "organization": "Harbor Lane" });
        let entered = olga.post("/api/auth/sign-up", sign_up).await;
        olga.entered(entered, "olga@example.com");
        let run = |arguments: &[&str]| {
            let output = installation.run_command(arguments, &installation.variables());
            (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
        };
        let (_, listed) = run(&["accounts"]);
        assert!(listed.starts_with("olga@example.com  Olga Owner  owner of Harbor Lane  last visit "), "{listed}");
        let mut live = olga.listen().await;
        let (disabled, told) = run(&["disable-account", "Olga@example.com"]);
        assert!(disabled && told.contains("Sessions ended: 1."), "{told}");
        // On SQLite another process has no way to tell the server: the stream ends when it checks the session.
        if installation.engines == crate::support::Engines::PostgresGarage {
            while live.next_or_end().await.is_some() {}
        }
        olga.get("/api/auth/session").await.refused(401, "unauthenticated");
        let (_, listed) = run(&["accounts"]);
        assert!(listed.contains("  disabled since "), "{listed}");
    }
}

async fn disable(app: &TestApp, user: &User) {
    accounts_command::disable(&app.platform, &user.email).await.expect("the account exists");
}

async fn log_in(app: &TestApp, user: &User, password: &str) -> crate::support::Answer {
    app.anonymous().post("/api/auth/log-in", json!({ "email": user.email, "password": password })).await
}

async fn a_disabled_account_has_no_access(app: TestApp) {
    let (admin, member) = (app.admin().await, app.member().await);
    let (phone, program) = (member.another_device().await, member.program(&["messages:read"]).await);
    let body = json!({ "email": member.email, "password": PASSWORD });
    let pair = app.anonymous().post("/api/v1/auth/login", body.clone()).await.ok();
    let mut live = member.listen().await;
    disable(&app, &member).await;
    while live.next_or_end().await.is_some() {}
    for device in [&member, &phone] {
        device.get("/api/auth/session").await.refused(401, "unauthenticated");
    }
    program.get("/me").await.refused(401, "unauthenticated");
    let refresh = json!({ "refreshToken": text(&pair["refreshToken"]) });
    app.anonymous().post("/api/v1/auth/refresh", refresh).await.refused(401, "unauthenticated");
    log_in(&app, &member, PASSWORD).await.refused(403, "forbidden");
    app.anonymous().post("/api/v1/auth/login", body).await.refused(403, "forbidden");
    // A session that begins at the same moment is worth nothing.
    app.sql("UPDATE users SET disabled_at = NULL", "").await;
    let late = member.another_device().await;
    app.sql("UPDATE users SET disabled_at = 1 WHERE email LIKE 'mia.member%'", "").await;
    late.get("/api/auth/session").await.refused(401, "unauthenticated");
    // Colleagues keep theirs.
    admin.get("/api/auth/session").await.ok();
}

async fn an_enabled_account_has_its_access_again(app: TestApp) {
    let member = app.member().await;
    let program = member.program(&["messages:read"]).await;
    disable(&app, &member).await;
    accounts_command::enable(&app.platform, &member.email).await.expect("the account exists");
    member.get("/api/auth/session").await.refused(401, "unauthenticated");
    log_in(&app, &member, PASSWORD).await.ok();
    program.get("/me").await.ok();
}

async fn a_reset_link_does_not_enable_an_account(app: TestApp) {
    let (admin, member) = (app.admin().await, app.member().await);
    let reset = format!("/api/members/{}/password-reset", member.member_id);
    let before = text(&admin.poke(&reset).await.ok()["url"]);
    disable(&app, &member).await;
    let after = text(&admin.poke(&reset).await.ok()["url"]);
    for link in [before, after] {
        let token = link.rsplit('/').next().expect("a link ends with its token");
        let accept = json!({ "token": token, "password": "another horse battery" });
        app.anonymous().post("/api/auth/reset-password", accept).await.refused(404, "not_found");
    }
}

async fn only_the_owner_of_a_disabled_account_is_told(app: TestApp) {
    let member = app.member().await;
    disable(&app, &member).await;
    log_in(&app, &member, "wrong horse battery").await.refused(401, "wrong_credentials");
}

async fn an_unknown_account_is_named(app: TestApp) {
    let error = accounts_command::disable(&app.platform, "nobody@example.com").await.expect_err("there is none");
    assert!(error.to_string().contains("No account has the email nobody@example.com"), "{error}");
}
