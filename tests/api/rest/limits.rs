//! Rate limits of programs.

use std::time::Duration;

use serde_json::json;

use crate::support::{Engines, Program, TestApp, on_both_engines};

on_both_engines![
    a_token_may_ask_so_often_in_a_minute,
    an_address_may_ask_so_often_in_a_minute,
    each_server_counts_for_itself,
];

async fn limited(engines: Engines) -> TestApp {
    let app = TestApp::start_with(engines, |config| config.api_requests_per_minute = Some(3)).await;
    // Advances to the beginning of a minute, so that none ends during this test.
    let now = app.platform.clock.now().0;
    app.advance(Duration::from_millis((60_000 - now.rem_euclid(60_000)).unsigned_abs()));
    app
}

async fn a_token_may_ask_so_often_in_a_minute(app: TestApp) {
    let app = limited(app.engines).await;
    let owner = app.owner().await;
    owner.channel("general").await;
    let (program, other) = (owner.program(&["messages:read"]).await, owner.program(&["messages:read"]).await);
    for left in ["2", "1", "0"] {
        let answer = program.get("/messages?bucketId=general").await;
        assert_eq!(answer.header("ratelimit-limit"), "3");
        assert_eq!(answer.header("ratelimit-remaining"), left);
        answer.ok();
    }
    let refused = program.get("/messages?bucketId=general").await;
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(refused.header("ratelimit-reset"), wait.to_string());
    assert_eq!(refused.refused(429, "rate_limited")["data"]["retryAfter"], wait);
    other.get("/messages?bucketId=general").await.ok();
    app.advance(Duration::from_secs(wait));
    program.get("/messages?bucketId=general").await.ok();
}

async fn each_server_counts_for_itself(app: TestApp) {
    let app = limited(app.engines).await;
    let owner = app.owner().await;
    owner.channel("general").await;
    let program = owner.program(&["messages:read"]).await;
    let other = app.second_server().await;
    let since = app.platform.clock.now().0 - other.platform.clock.now().0;
    other.advance(Duration::from_millis(since.max(0).unsigned_abs()));
    for base in [&app.base, &other.base] {
        let here = Program::new(base, &program.secret);
        for _ in 0..3 {
            here.get("/messages?bucketId=general").await.ok();
        }
        here.get("/messages?bucketId=general").await.refused(429, "rate_limited");
    }
}

async fn an_address_may_ask_so_often_in_a_minute(app: TestApp) {
    let app = limited(app.engines).await;
    for _ in 0..12 {
        Program::new(&app.base, "zat_guess").get("/messages").await.refused(401, "unauthenticated");
    }
    Program::new(&app.base, "zat_guess").get("/messages").await.refused(429, "rate_limited");
    app.anonymous().post("/api/v1/auth/logout", json!({ "refreshToken": "x" })).await.refused(429, "rate_limited");
    // The app itself is not limited.
    app.owner().await.get("/api/channels").await.ok();
}
