//! Redirects of pages, and files of the public folder.

use reqwest::Method;
use serde_json::json;

use crate::support::{Installation, TestApp, User, as_process_on_both_engines, on_both_engines};

on_both_engines![
    on_a_new_installation_every_page_leads_to_sign_up,
    logged_out_visitors_are_redirected_to_log_in_and_back,
    changing_requests_are_never_redirected_to_a_page,
    logged_in_visitors_are_redirected_to_the_inbox,
    a_session_that_is_over_opens_no_page,
    without_a_database_a_page_says_so,
    a_slash_at_the_end_leads_to_the_same_address,
];

const PAGES: [&str; 5] = ["/inbox", "/inbox/0192", "/contacts", "/settings/members", "/nothing"];

/// Returns where a page redirects to; empty if it is shown. The router of the tests has no pages, so one that would be
/// shown is 404.
async fn led_to(user: &User, path: &str) -> String {
    let answer = user.get(path).await;
    assert!(matches!(answer.status, 303 | 404), "{path}: {}", answer.status);
    answer.header("location").to_owned()
}

async fn a_slash_at_the_end_leads_to_the_same_address(app: TestApp) {
    let visitor = app.anonymous();
    for (path, to) in [
        ("/inbox/", "/inbox"),
        ("/sign-up/", "/sign-up"),
        ("/s/token/", "/s/token"),
        ("/s/token/file/?download=1", "/s/token/file?download=1"),
        ("/s/token//", "/s/token"),
        // Never to another host.
        ("//example.com/", "/example.com"),
        ("///example.com//?a=b", "/example.com?a=b"),
    ] {
        for method in ["GET", "HEAD", "POST"] {
            let answer = visitor.call(method, path, None).await;
            assert_eq!((answer.status, answer.header("location")), (308, to), "{method} {path}");
        }
    }
    assert_ne!(visitor.get("/").await.status, 308);
}

async fn on_a_new_installation_every_page_leads_to_sign_up(app: TestApp) {
    let visitor = app.anonymous();
    for path in PAGES.iter().chain(&["/", "/log-in"]) {
        assert_eq!(led_to(&visitor, path).await, "/sign-up", "{path}");
    }
    for shown in ["/sign-up", "/invite/abc", "/reset/abc", "/favicon.ico", "/assets/main.js"] {
        assert_eq!(led_to(&visitor, shown).await, "", "{shown}");
    }
}

async fn logged_out_visitors_are_redirected_to_log_in_and_back(app: TestApp) {
    app.owner().await;
    let visitor = app.anonymous();
    for path in PAGES {
        let encoded = path.replace('/', "%2F");
        assert_eq!(led_to(&visitor, path).await, format!("/log-in?next={encoded}"));
    }
    assert_eq!(led_to(&visitor, "/inbox/x?panel=open&a=b").await, "/log-in?next=%2Finbox%2Fx%3Fpanel%3Dopen%26a%3Db");
    assert_eq!(led_to(&visitor, "/").await, "/log-in");
    for shown in ["/log-in", "/log-in?next=%2Fcontacts", "/sign-up", "/invite/abc", "/reset/abc", "/assets/main.js"] {
        assert_eq!(led_to(&visitor, shown).await, "", "{shown}");
    }
}

async fn changing_requests_are_never_redirected_to_a_page(app: TestApp) {
    let owner = app.owner().await;
    for user in [&app.anonymous(), &owner] {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            for path in ["/", "/inbox", "/log-in", "/contacts/new", "/settings/audit-log", "/invite/abc"] {
                let answer = user.call(method, path, Some(json!({ "body": "x" }))).await;
                assert_eq!(answer.header("allow"), "GET, HEAD", "{method} {path}");
                answer.refused(405, "method_not_allowed");
            }
            for path in ["/messages", "/v1/messages", "/api/messages/nothing/here", "/inbox/a/b", "/api", "/apiv1"] {
                user.call(method, path, Some(json!({ "body": "x" }))).await.refused(404, "not_found");
            }
        }
        let form = user.request(Method::POST, "/v1/messages").form(&[("body", "x")]);
        user.send_request(form).await.refused(404, "not_found");
    }
}

async fn logged_in_visitors_are_redirected_to_the_inbox(app: TestApp) {
    let owner = app.owner().await;
    for path in ["/", "/log-in", "/sign-up"] {
        assert_eq!(led_to(&owner, path).await, "/inbox", "{path}");
    }
    for shown in PAGES.iter().chain(&["/invite/abc", "/reset/abc"]) {
        assert_eq!(led_to(&owner, shown).await, "", "{shown}");
    }
}

async fn a_session_that_is_over_opens_no_page(app: TestApp) {
    let device = app.owner().await.another_device().await;
    let copy = device.copy_of_session();
    assert_eq!(led_to(&copy, "/inbox").await, "");
    device.poke("/api/auth/log-out").await.ok();
    assert_eq!(led_to(&copy, "/inbox").await, "/log-in?next=%2Finbox");
}

async fn without_a_database_a_page_says_so(app: TestApp) {
    let owner = app.owner().await;
    app.platform.db.close().await;
    owner.get("/inbox").await.refused(503, "unavailable");
}

mod as_process {
    super::as_process_on_both_engines![a_font_is_kept_and_a_missing_one_is_not];

    use super::a_font_is_kept_and_a_missing_one_is_not;
}

async fn a_font_is_kept_and_a_missing_one_is_not(installation: Installation) {
    let fonts = installation.public().join("fonts");
    std::fs::create_dir_all(&fonts).unwrap();
    std::fs::write(fonts.join("inter.woff2"), b"font").unwrap();
    let server = installation.start();
    let visitor = User::new(&server.base);
    let font = visitor.get("/fonts/inter.woff2").await;
    assert_eq!((font.status, &font.bytes[..]), (200, &b"font"[..]));
    assert_eq!(font.header("cache-control"), "public, max-age=2592000");
    let missing = visitor.get("/fonts/other.woff2").await;
    assert_eq!(missing.status, 404);
    assert!(!missing.header("cache-control").contains("public"));
}
