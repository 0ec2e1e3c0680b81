//! The page behind the link: what it shows, what the password protects, and that no link tells why it does not work.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Link, contact};
use crate::support::{Answer, TestApp, User, on_both_engines, text};

on_both_engines![
    the_page_says_who_asks_for_what,
    a_link_that_does_not_work_does_not_tell_why,
    a_password_protects_all_of_it,
    passwords_cannot_be_tried_for_ever,
    the_first_visit_is_noted_once,
    a_page_from_elsewhere_cannot_send,
];

async fn the_page_says_who_asks_for_what(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let terms = json!({ "note": "Photos of the <tap>", "maxFiles": 3, "maxBytes": 5_000_000, "kinds": ["image"] });
    let link = Link::create(&app, &owner, &channel, terms).await;
    let page = link.visitor.get(&link.page).await;
    assert_eq!(page.status, 200);
    let html = page.text();
    for part in
        ["Harbour", "Photos of the ", "Up to 3 files", "5.0 MB", "images only", "Take photo", "Choose files", "Send"]
    {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert!(!html.contains("<tap>"), "{html}");
    // What the contact is called inside stays inside.
    assert!(!html.contains("Jane") && !html.contains("Olga") && !html.contains("wasm"), "{html}");
    assert!(page.bytes.len() < 20_000, "{} bytes", page.bytes.len());
    let csp = page.header("content-security-policy");
    assert!(
        csp.contains("default-src 'none'") && csp.contains("script-src 'self';") && !csp.contains("unsafe"),
        "{csp}"
    );
    for (name, value) in [
        ("referrer-policy", "same-origin"),
        ("x-robots-tag", "noindex, nofollow"),
        ("cache-control", "private, no-store"),
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(page.header(name), value, "{name}");
    }
    link.visitor.get(&format!("{}/logo", link.page)).await.text();
    // A link for documents alone takes no photo.
    let papers = Link::create(&app, &owner, &channel, json!({ "kinds": ["document"] })).await;
    assert!(!papers.visitor.get(&papers.page).await.text().contains("Take photo"));
}

async fn a_link_that_does_not_work_does_not_tell_why(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let revoked = Link::create(&app, &owner, &channel, json!({ "password": "letmein" })).await;
    let pending = revoked_upload(&app, &owner, &channel).await;
    owner.poke(&format!("/api/file-requests/{}/revoke", revoked.id)).await.ok();
    let expired = Link::create(&app, &owner, &channel, json!({ "expiresIn": 60 })).await;
    let upload = expired.stage("a.txt", "text/plain", b"a").await;
    app.advance(Duration::from_mins(1));
    let wrong = "/r/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned();
    let visitor = app.anonymous();
    let mut pages = Vec::new();
    for page in [&revoked.page, &expired.page, &wrong, &"/r/x".to_owned(), &pending.page] {
        for (method, path, body) in [
            ("GET", page.clone(), None),
            ("GET", format!("{page}/logo"), None),
            ("POST", format!("{page}/send"), Some(json!({ "body": "x", "idempotencyKey": "k" }))),
            ("POST", format!("{page}/uploads"), Some(json!({ "fileName": "a", "fileSize": 1 }))),
            ("GET", format!("{page}/uploads/{upload}"), None),
            ("POST", format!("{page}/uploads/{upload}/complete"), None),
            ("POST", format!("{page}/uploads/{upload}/retry"), None),
            ("DELETE", format!("{page}/uploads/{upload}"), None),
        ] {
            let answer = visitor.call(method, &path, body).await;
            assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text());
            assert_eq!(answer.header("x-robots-tag"), "noindex, nofollow", "{path}");
            pages.push((path.replace(page.as_str(), ""), method, without_request_id(&answer)));
        }
        let form = visitor.request(Method::POST, page).header("origin", &app.base).form(&[("password", "letmein")]);
        let answer = visitor.send_request(form).await;
        assert_eq!(answer.status, 404);
        pages.push(("password".to_owned(), "POST", answer.text()));
    }
    for (path, method, text) in &pages {
        let same = pages.iter().find(|other| (&other.0, other.1) == (path, *method)).unwrap();
        assert_eq!(text, &same.2, "{method} {path}");
    }
}

/// Returns the body without the id that each response has of its own.
fn without_request_id(answer: &Answer) -> String {
    let Ok(mut body) = serde_json::from_str::<Value>(&answer.text()) else { return answer.text() };
    body.as_object_mut().expect("an object").remove("requestId").expect("an id");
    body.to_string()
}

/// A link that was revoked while an upload was on its way.
async fn revoked_upload(app: &TestApp, owner: &User, channel: &str) -> Link {
    let link = Link::create(app, owner, channel, json!({})).await;
    let id = link.stage("a.txt", "text/plain", b"a").await;
    owner.poke(&format!("/api/file-requests/{}/revoke", link.id)).await.ok();
    link.complete(&id).await.refused(404, "not_found");
    link
}

async fn enter(app: &TestApp, link: &Link, password: &str) -> Answer {
    let request = link.visitor.request(Method::POST, &link.page).header("origin", &app.base);
    link.visitor.send_request(request.form(&[("password", password)])).await
}

async fn a_password_protects_all_of_it(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({ "note": "Secret tap", "password": "letmein" })).await;
    let locked = link.visitor.get(&link.page).await;
    assert_eq!(locked.status, 200);
    assert!(locked.text().contains("Password") && !locked.text().contains("Secret tap"));
    link.begin("a.txt", "text/plain", 1).await.refused(403, "forbidden");
    link.send("hello", &[], "key").await.refused(403, "forbidden");
    let form = reqwest::multipart::Form::new().text("message", "hello");
    let request = link.visitor.request(Method::POST, &link.page).header("origin", &app.base).multipart(form);
    assert_eq!(link.visitor.send_request(request).await.header("location"), link.page);
    assert_eq!(owner.messages(&channel).await.len(), 1);
    assert_eq!(link.listed(&owner).await["openedAt"], Value::Null);

    let wrong = enter(&app, &link, "letmeout").await;
    assert_eq!(wrong.status, 403);
    assert!(wrong.text().contains("Wrong password"));
    let right = enter(&app, &link, "letmein").await;
    assert_eq!((right.status, right.header("location")), (303, link.page.as_str()));
    let cookie = right.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains(&format!("Path={}", link.page)), "{cookie}");
    let pass = cookie.split(';').next().unwrap();
    let get = |path: &str| link.visitor.request(Method::GET, path).header("cookie", pass);
    assert!(link.visitor.send_request(get(&link.page)).await.text().contains("Secret tap"));
    let body = json!({ "body": "hello", "idempotencyKey": "key" });
    let send = link.visitor.request(Method::POST, &format!("{}/send", link.page)).header("cookie", pass).json(&body);
    link.visitor.send_request(send).await.ok();
    // The cookie of one link opens no other.
    let other = Link::create(&app, &owner, &channel, json!({ "note": "Other tap", "password": "letmein" })).await;
    assert!(!link.visitor.send_request(get(&other.page)).await.text().contains("Other tap"));
}

async fn passwords_cannot_be_tried_for_ever(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({ "password": "letmein" })).await;
    for _ in 0..10 {
        assert_eq!(enter(&app, &link, "wrong").await.status, 403);
    }
    let refused = enter(&app, &link, "letmein").await;
    assert_eq!(refused.status, 429);
    assert!(!refused.header("retry-after").is_empty());
}

async fn the_first_visit_is_noted_once(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({ "note": "Photos" })).await;
    // Neither a program that only asks nor a browser that fetches ahead has opened it.
    link.visitor.call("HEAD", &link.page, None).await;
    let ahead = link.visitor.request(Method::GET, &link.page).header("sec-purpose", "prefetch");
    link.visitor.send_request(ahead).await;
    assert_eq!(link.listed(&owner).await["openedAt"], Value::Null);
    let mut heard = owner.listen().await;
    link.visitor.get(&link.page).await;
    let event = heard.next_named("message.changed").await;
    let card = &owner.messages(&channel).await[0];
    assert_eq!(event.data["messageId"], card["id"]);
    assert!(card["fileRequest"]["openedAt"].is_string(), "{card}");
    let opened = link.listed(&owner).await["openedAt"].clone();
    app.advance(Duration::from_mins(1));
    link.visitor.get(&link.page).await;
    assert_eq!(link.listed(&owner).await["openedAt"], opened);
    let audit = owner.get("/api/audit-entries?action=file_request_opened").await.ok();
    let entries = audit["entries"].as_array().unwrap();
    assert_eq!((entries.len(), &entries[0]["actor"]["kind"]), (1, &json!("visitor")));
    assert_eq!(entries[0]["actor"]["network"], "127.0.0.1");
    let visitors = owner.get("/api/audit-entries?who=visitors").await.ok();
    assert_eq!(visitors["entries"].as_array().unwrap().len(), 1);
}

async fn a_page_from_elsewhere_cannot_send(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({})).await;
    for path in [link.page.clone(), format!("{}/send", link.page)] {
        let body = json!({ "body": "hello", "idempotencyKey": "key" });
        let request = link.visitor.request(Method::POST, &path).header("origin", "https://evil.example").json(&body);
        assert_eq!(link.visitor.send_request(request).await.status, 403, "{path}");
    }
    assert_eq!(owner.messages(&channel).await.len(), 1);
    assert_eq!(text(&owner.messages(&channel).await[0]["body"]), "Files requested");
}
