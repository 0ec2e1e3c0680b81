//! Rate limits behind a proxy.

use reqwest::Method;
use serde_json::json;

use crate::support::{Engines, PASSWORD, TestApp, on_both_engines};

on_both_engines![
    without_trust_a_header_hides_nobody,
    behind_a_trusted_proxy_each_client_has_a_limit_of_its_own,
    an_address_is_understood_as_proxies_write_it,
    a_stranger_locks_nobody_out,
];

/// Attempts of one address before it has to wait.
const TRIES: usize = 100;

/// Tries to log in with these lines of X-Forwarded-For. Returns the status. An invalid email costs no hashing.
async fn log_in_from(app: &TestApp, forwarded: &[&str]) -> u16 {
    let visitor = app.anonymous();
    let body = json!({ "email": "nobody", "password": "wrong horse battery" });
    let request = visitor.request(Method::POST, "/api/auth/log-in").json(&body);
    let request = forwarded.iter().fold(request, |request, line| request.header("x-forwarded-for", *line));
    visitor.send_request(request).await.status
}

async fn without_trust_a_header_hides_nobody(app: TestApp) {
    for number in 0..TRIES {
        assert_eq!(log_in_from(&app, &[&format!("203.0.113.{number}")]).await, 401, "try {number}");
    }
    assert_eq!(log_in_from(&app, &["203.0.113.200"]).await, 429);
}

async fn behind_a_trusted_proxy_each_client_has_a_limit_of_its_own(app: TestApp) {
    let app = trusting(app.engines).await;
    for number in 0..TRIES {
        // Entries of the client before those of the proxy are ignored.
        let made_up = format!("198.51.100.{number}");
        let status = match number % 2 {
            0 => log_in_from(&app, &[&format!("{made_up}, 203.0.113.7")]).await,
            _ => log_in_from(&app, &[&made_up, "203.0.113.7"]).await,
        };
        assert_eq!(status, 401, "try {number}");
    }
    assert_eq!(log_in_from(&app, &["203.0.113.7"]).await, 429);
    assert_eq!(log_in_from(&app, &["203.0.113.8"]).await, 401, "another client");
    assert_eq!(log_in_from(&app, &["who knows"]).await, 401, "the proxy's own address");
}

async fn trusting(engines: Engines) -> TestApp {
    TestApp::start_with(engines, |config| config.trusted_proxies = 1).await
}

async fn an_address_is_understood_as_proxies_write_it(app: TestApp) {
    let app = trusting(app.engines).await;
    for number in 0..TRIES {
        let line = ["203.0.113.7:52311", "\"203.0.113.7\"", "203.0.113.7"][number % 3];
        assert_eq!(log_in_from(&app, &[line]).await, 401, "try {number}");
    }
    assert_eq!(log_in_from(&app, &["203.0.113.7:1"]).await, 429);
    for number in 0..TRIES {
        let line = ["[2001:db8::7]:443", "2001:db8::8", "\"[2001:db8::9]\"", "2001:db8::7%0"][number % 4];
        assert_eq!(log_in_from(&app, &[line]).await, 401, "try {number}");
    }
    assert_eq!(log_in_from(&app, &["2001:db8::ffff"]).await, 429, "one customer has the whole /64");
    assert_eq!(log_in_from(&app, &["2001:db8:0:1::1"]).await, 401);
}

async fn a_stranger_locks_nobody_out(app: TestApp) {
    let app = trusting(app.engines).await;
    let owner = app.owner().await;
    let try_from = async |address: &str, password: &str| {
        let visitor = app.anonymous();
        let body = json!({ "email": owner.email, "password": password });
        let request = visitor.request(Method::POST, "/api/auth/log-in").header("x-forwarded-for", address).json(&body);
        visitor.send_request(request).await.status
    };
    for number in 0..10 {
        // An IPv6 customer has a huge number of addresses.
        assert_eq!(try_from(&format!("2001:db8::{number}"), "wrong horse battery").await, 401, "try {number}");
    }
    assert_eq!(try_from("2001:db8::ffff", PASSWORD).await, 429, "who tried too often waits");
    assert_eq!(try_from("203.0.113.7", PASSWORD).await, 200, "others do not");
}
