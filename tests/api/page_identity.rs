//! A page acts only for the session and the member that opened it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, TestApp, User, on_both_engines, text};

on_both_engines![
    a_page_of_another_session_does_nothing,
    a_page_of_another_organization_does_nothing,
    a_page_of_another_session_logs_nobody_out,
    log_in_ignores_the_page_identity,
    an_event_stream_says_it_in_its_query,
];

/// Returns the identity that a page stores.
async fn opened_by(user: &User) -> (String, String) {
    let session = user.get("/api/auth/session").await.ok();
    (text(&session["sessionId"]), text(&session["memberId"]))
}

/// Sends a request of a page that `page` opened, with the cookie of `user`.
async fn ask(user: &User, page: &(String, String), method: Method, path: &str, body: &Value) -> Answer {
    let request = user.request(method, path).header("x-attache-session", &page.0).header("x-attache-member", &page.1);
    user.send_request(request.json(body)).await
}

async fn a_page_of_another_session_does_nothing(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let page = opened_by(&owner).await;
    let path = format!("/api/channels/{channel}/messages");
    let message = json!({ "body": "Mine", "attachmentIds": [], "idempotencyKey": "1" });
    ask(&owner, &page, Method::POST, &path, &message).await.ok();
    // The cookie of the browser is a colleague's by now.
    for (method, path, body) in [
        (Method::POST, path.as_str(), json!({ "body": "Theirs", "attachmentIds": [], "idempotencyKey": "2" })),
        (Method::GET, path.as_str(), json!({})),
        (Method::GET, "/api/auth/session", json!({})),
        (Method::GET, "/api/auth/sessions", json!({})),
        (Method::PATCH, "/api/auth/user", json!({ "name": "Somebody" })),
        (
            Method::POST,
            "/api/auth/password",
            json!({ "currentPassword": PASSWORD, "newPassword": "another horse battery" }),
        ),
    ] {
        ask(&member, &page, method, path, &body).await.refused(409, "session_changed");
    }
    assert_eq!(owner.messages(&channel).await.len(), 1);
    // Also the same person in another session: the page may be outdated.
    let again = owner.another_device().await;
    ask(&again, &page, Method::GET, &path, &json!({})).await.refused(409, "session_changed");
    let mine = opened_by(&again).await;
    ask(&again, &mine, Method::GET, &path, &json!({})).await.ok();
    for unreadable in ["", "me", "00000000-0000-0000-0000-000000000000"] {
        let page = (unreadable.to_owned(), mine.1.clone());
        ask(&again, &page, Method::GET, &path, &json!({})).await.refused(409, "session_changed");
    }
    // No session: that error comes first.
    ask(&app.anonymous(), &page, Method::GET, &path, &json!({})).await.refused(401, "unauthenticated");
}

async fn a_page_of_another_organization_does_nothing(app: TestApp) {
    let owner = app.owner().await;
    let stranger = app.other_organization().await;
    let token = stranger.invite_token("admin").await;
    let join = json!({ "token": token, "name": "Olga", "email": owner.email, "password": PASSWORD });
    let both = app.anonymous();
    both.post("/api/invites/accept", join).await.ok();
    let page = opened_by(&both).await;
    let own = owner.get("/api/auth/session").await.ok();
    both.post("/api/auth/organization", json!({ "organizationId": own["organization"]["id"] })).await.ok();
    let contact = json!({ "firstName": "Jane", "lastName": "", "phones": [] });
    ask(&both, &page, Method::POST, "/api/contacts", &contact).await.refused(409, "session_changed");
    // Also for routes about the person, in any organization.
    for (method, path) in [(Method::GET, "/api/auth/sessions"), (Method::GET, "/api/auth/organizations")] {
        ask(&both, &page, method, path, &json!({})).await.refused(409, "session_changed");
    }
    let now = opened_by(&both).await;
    assert_eq!(now.0, page.0, "the same session");
    ask(&both, &now, Method::POST, "/api/contacts", &contact).await.ok();
}

async fn a_page_of_another_session_logs_nobody_out(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let page = opened_by(&owner).await;
    ask(&member, &page, Method::POST, "/api/auth/log-out", &json!({})).await.refused(409, "session_changed");
    member.get("/api/auth/session").await.ok();
    ask(&owner, &page, Method::POST, "/api/auth/log-out", &json!({})).await.ok();
    owner.get("/api/auth/session").await.refused(401, "unauthenticated");
}

/// These requests identify the person themselves, and begin a session. A page can stay open at its log-in while others
/// log in.
async fn log_in_ignores_the_page_identity(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let page = opened_by(&owner).await;
    let leaver = owner.colleague("member", "Lea Leaver", "lea@example.com").await;
    let reset = owner.poke(&format!("/api/members/{}/password-reset", leaver.member_id)).await.ok();
    let reset = text(&reset["url"]).rsplit('/').next().expect("the link ends with its token").to_owned();
    for (path, body, email) in [
        ("/api/auth/log-in", json!({ "email": owner.email, "password": PASSWORD }), owner.email.as_str()),
        (
            "/api/auth/sign-up",
            json!({ "name": "Nora", "email": "nora@example.com", "password": PASSWORD, "organization": "Pier" }),
            "nora@example.com",
        ),
        (
            "/api/invites/accept",
            json!({ "token": owner.invite_token("guest").await, "name": "Ivy", "email": "ivy@example.com", "password": PASSWORD }),
            "ivy@example.com",
        ),
        ("/api/auth/password-reset", json!({ "token": reset, "password": PASSWORD }), "lea@example.com"),
    ] {
        // The cookie is a colleague's, the page somebody else's.
        let (browser, colleague) = (member.another_device().await, member.token());
        let before = browser.copy_of_session();
        let entered = ask(&browser, &page, Method::POST, path, &body).await.ok();
        assert_eq!(entered["user"]["email"], email, "{path}");
        assert_eq!(opened_by(&browser).await, (text(&entered["sessionId"]), text(&entered["memberId"])), "{path}");
        // The browser's earlier session has ended, and no other one.
        before.get("/api/auth/session").await.refused(401, "unauthenticated");
        assert_eq!(member.token(), colleague);
        member.get("/api/auth/session").await.ok();
    }
}

async fn an_event_stream_says_it_in_its_query(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let (session, id) = opened_by(&owner).await;
    let path = format!("/api/events?session={session}&member={id}");
    member.get(&path).await.refused(409, "session_changed");
    let mut stream = crate::support::EventSource::open(owner.request(Method::GET, &path)).await;
    owner.contact("Jane", "Doe", "").await;
    stream.next_named("contact.created").await;
}
