//! Security headers, and the cookie.

use attache::platform::config::StorageConfig;
use reqwest::Method;
use serde_json::json;

use crate::support::{Engines, PASSWORD, TestApp, on_both_engines, text};

on_both_engines![
    pages_name_no_host_but_the_store,
    on_https_browsers_stay_there,
    on_plain_http_the_cookie_has_no_prefix,
    a_host_with_its_default_port_is_the_same_origin,
];

const EMAIL: &str = "owner@example.com";

async fn pages_name_no_host_but_the_store(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let file = owner.send_file(&channel, "a.txt", "text/plain", b"Hello").await;
    let link = text(&owner.post("/api/share-links", json!({ "attachmentId": file })).await.ok()["url"]);
    let shared = app.anonymous().get(&link[link.find("/s/").expect("a path")..]).await;
    let policy = shared.header("content-security-policy");
    for host in ["http:", "https:", "*"] {
        assert!(!policy.split([' ', ';']).any(|source| source == host), "{policy}");
    }
    if let StorageConfig::S3(store) = &app.platform.config.storage {
        assert!(policy.contains(&format!("img-src 'self' {}", store.endpoint)), "{policy}");
    } else {
        assert!(policy.contains("img-src 'self';"), "{policy}");
    }
    assert!(!shared.header("permissions-policy").is_empty());
    assert_eq!(shared.header("x-content-type-options"), "nosniff");
    assert_eq!(shared.header("strict-transport-security"), "", "not on plain http");
}

async fn with_url(engines: Engines, url: &str) -> TestApp {
    TestApp::start_with(engines, |config| config.public_url = Some(url.to_owned())).await
}

async fn on_https_browsers_stay_there(app: TestApp) {
    let app = with_url(app.engines, "https://files.example.com").await;
    let owner = app.owner().await;
    let log_in = owner.post("/api/auth/log-in", json!({ "email": EMAIL, "password": PASSWORD })).await;
    let cookie = log_in.header("set-cookie").to_owned();
    assert!(cookie.starts_with("__Host-attache_session="), "{cookie}");
    for attribute in ["HttpOnly", "Secure", "Path=/", "SameSite=Lax"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    assert!(log_in.header("strict-transport-security").starts_with("max-age="));
    let token = owner.token().expect("somebody is logged in");
    // The other name is from before the installation had https: it stays valid.
    for name in ["__Host-attache_session", "attache_session"] {
        let request =
            app.anonymous().request(Method::GET, "/api/auth/session").header("cookie", format!("{name}={token}"));
        assert_eq!(app.anonymous().send_request(request).await.status, 200, "{name}");
    }
    // A cookie that a page on plain http could set has no precedence.
    let both = format!("attache_session=made-up; __Host-attache_session={token}");
    let request = app.anonymous().request(Method::GET, "/api/auth/session").header("cookie", both);
    assert_eq!(app.anonymous().send_request(request).await.status, 200);
    assert!(owner.poke("/api/auth/log-out").await.header("set-cookie").starts_with("__Host-attache_session=;"));
}

async fn on_plain_http_the_cookie_has_no_prefix(app: TestApp) {
    app.owner().await;
    let log_in = app.anonymous().post("/api/auth/log-in", json!({ "email": EMAIL, "password": PASSWORD })).await;
    let cookie = log_in.header("set-cookie");
    assert!(cookie.starts_with("attache_session=") && !cookie.contains("Secure"), "{cookie}");
}

async fn a_host_with_its_default_port_is_the_same_origin(app: TestApp) {
    let app = TestApp::start_with(app.engines, |config| config.trusted_proxies = 1).await;
    let owner = app.owner().await;
    let ask = async |origin: &str, host: &str| {
        let request = owner.request(Method::POST, "/api/channels").header("origin", origin).header("host", host);
        let request = request.header("x-forwarded-proto", origin.split(':').next().unwrap_or_default());
        let body = json!({ "name": format!("{}-{}", origin.len(), host), "kind": "team", "private": false });
        owner.send_request(request.json(&body)).await.status
    };
    assert_eq!(ask("https://files.example.com", "files.example.com").await, 200);
    assert_eq!(ask("https://files.example.com", "files.example.com:443").await, 200);
    assert_eq!(ask("http://files.example.com", "files.example.com:80").await, 200);
    assert_eq!(ask("https://files.example.com", "files.example.com:8443").await, 403);
    assert_eq!(ask("https://elsewhere.example.com", "files.example.com:443").await, 403);
}
