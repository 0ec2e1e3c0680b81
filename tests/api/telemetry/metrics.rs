//! `GET /metrics`: who may read it, and that what it says is true and bounded.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::json;

use super::signed_up;
use crate::support::{Answer, Engines, Installation, Process, TestApp, User, as_process_on_both_engines, until};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

as_process_on_both_engines![
    a_token_opens_the_metrics,
    routes_are_named_by_their_pattern_alone,
    numbers_follow_what_was_done,
];

fn with_token() -> BTreeMap<&'static str, String> {
    BTreeMap::from([("METRICS_TOKEN", TOKEN.to_owned())])
}

async fn ask(server: &Process, token: &str) -> Answer {
    let user = User::new(&server.base);
    user.send_request(user.request(Method::GET, "/metrics").bearer_auth(token)).await
}

async fn metrics(server: &Process) -> String {
    let answer = ask(server, TOKEN).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text()
}

/// The value of the one line that begins with this.
#[track_caller]
fn value(metrics: &str, line: &str) -> f64 {
    text(metrics, line).parse().expect("a number")
}

fn count(metrics: &str, line: &str) -> u64 {
    text(metrics, line).parse().expect("a whole number")
}

fn text<'a>(metrics: &'a str, line: &str) -> &'a str {
    let mut found = metrics.lines().filter_map(|text| text.strip_prefix(line)?.strip_prefix(' '));
    let value = found.next().unwrap_or_else(|| panic!("no {line} in\n{metrics}"));
    assert_eq!(found.next(), None, "{line}");
    value
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_setting_there_are_none() {
    let app = TestApp::start(Engines::SqliteLocal).await;
    app.owner().await.get("/metrics").await.refused(404, "not_found");
    let asked = app.anonymous().request(Method::GET, "/metrics").bearer_auth("");
    app.anonymous().send_request(asked).await.refused(404, "not_found");
}

async fn a_token_opens_the_metrics(installation: Installation) {
    let server = installation.start_with(&with_token());
    for wrong in ["", "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdef0"] {
        let refused = ask(&server, wrong).await;
        assert_eq!(refused.header("www-authenticate"), "Bearer");
        refused.refused(401, "unauthenticated");
    }
    User::new(&server.base).get("/metrics").await.refused(401, "unauthenticated");
    let answer = ask(&server, TOKEN).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    for line in answer.text().lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (_, number) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line}"));
        assert!(number.parse::<f64>().is_ok(), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_of_their_own_needs_no_token() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = free.local_addr().expect("a bound socket has an address").to_string();
    drop(free);
    let installation = Installation::new(Engines::SqliteLocal).await;
    let server = installation.start_with(&BTreeMap::from([("METRICS_ADDR", address.clone())]));
    let there = User::new(&format!("http://{address}"));
    let answer = there.get("/metrics").await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("attache_http_requests_running"), "{}", answer.text());
    assert_eq!(there.get("/api/auth/session").await.status, 404, "nothing else is served there");
    User::new(&server.base).get("/metrics").await.refused(404, "not_found");
}

/// Whatever clients ask for, there are as many routes as the server has.
async fn routes_are_named_by_their_pattern_alone(installation: Installation) {
    let server = installation.start_with(&with_token());
    let owner = signed_up(&server).await;
    let channel = owner.channel("general").await;
    let link = "hidden-token-0123456789abcdefghijklmnopqrstu";
    let asked = [
        format!("/api/channels/{channel}/messages?limit=7"),
        format!("/s/{link}"),
        format!("/s/{link}/019a5d2e-7c41-7d30-9f6b-2b1f4f0a8f3a"),
        format!("/invite/{link}"),
        format!("/reset/{link}"),
        format!("/{link}/{link}"),
        format!("/api/{link}"),
        format!("/api/v1/{link}"),
        format!("/api/storage/{link}"),
        format!("/assets/{link}.js"),
    ];
    for path in &asked {
        owner.get(path).await;
    }
    owner.call(&link.replace('-', "").to_uppercase()[..12], "/api/channels", None).await;
    let metrics = metrics(&server).await;
    for hidden in [&channel, link, "HIDDENTOKEN", "limit=7", "019a5d2e"] {
        assert!(!metrics.contains(hidden), "{hidden} in\n{metrics}");
    }
    for route in
        ["/api/channels/{id}/messages", "/s/{token}", "/invite/{token}", "/{*page}", "/api/{*rest}", "/assets/{file}"]
    {
        assert!(metrics.contains(&format!("route=\"{route}\"")), "{route} in\n{metrics}");
    }
    assert!(metrics.contains("method=\"other\""), "{metrics}");
}

async fn numbers_follow_what_was_done(installation: Installation) {
    let is_local = installation.engines == Engines::SqliteLocal;
    let server = installation.start_with(&with_token());
    let owner = signed_up(&server).await;
    let channel = owner.channel("general").await;
    let stream = owner.listen().await;
    let file = owner.send_file(&channel, "a.txt", "text/plain", &[b'a'; 5000]).await;
    let broken = owner
        .send_file(
            &channel,
            "broken.png",
            "image/png",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x08\0\0\0\x08\x08\x06\0\0\0",
        )
        .await;
    for _ in 0..3 {
        owner.download(&file, "?download=1").await;
    }
    let small = json!({ "type": "attachment", "channelId": channel, "fileName": "a", "fileSize": 0, "contentType": "text/plain" });
    owner.post("/api/uploads/presign", small).await.refused_field("fileSize");
    let preview = "attache_previews_total{outcome=\"failed\"}";
    until("the preview is tried", async || value(&metrics(&server).await, preview) >= 1.0).await;
    let metrics = metrics(&server).await;
    let route = "/api/messages/attachments/{id}";
    let status = if is_local { 200 } else { 302 };
    let requests = format!("attache_http_requests_total{{method=\"GET\",route=\"{route}\",status=\"{status}\"}}");
    assert!(value(&metrics, &requests) >= 3.0, "{metrics}");
    let buckets = format!("attache_http_request_duration_seconds_count{{method=\"GET\",route=\"{route}\"}}");
    assert!(value(&metrics, &buckets) >= 3.0);
    assert!(value(&metrics, "attache_uploaded_bytes_total") >= 5000.0);
    let by = format!("attache_downloaded_bytes_total{{by=\"{}\"}}", if is_local { "server" } else { "store" });
    assert!(value(&metrics, &by) >= 15_000.0);
    assert_eq!(count(&metrics, "attache_uploads_failed_total{step=\"presign\",reason=\"invalid_value\"}"), 1);
    assert_eq!(count(&metrics, "attache_event_streams"), 1);
    assert!(value(&metrics, "attache_http_requests_running") >= 2.0, "the stream, and this one");
    assert!(value(&metrics, "attache_jobs_total{kind=\"make_preview\",outcome=\"done\"}") >= 1.0);
    assert_eq!(count(&metrics, "attache_jobs{kind=\"make_preview\",state=\"given_up\"}"), 0);
    assert_eq!(count(&metrics, "attache_job_oldest_due_seconds{kind=\"make_preview\"}"), 0);
    let pool = if is_local { "writer" } else { "requests" };
    assert!(value(&metrics, &format!("attache_database_connections{{pool=\"{pool}\",state=\"idle\"}}")) >= 1.0);
    assert!(value(&metrics, &format!("attache_database_connections_max{{pool=\"{pool}\"}}")) >= 1.0);
    assert!(value(&metrics, "attache_database_statement_duration_seconds_count") > 10.0);
    if is_local {
        let received = "attache_http_received_bytes_total{route=\"/api/storage/{*key}\"}";
        assert!(value(&metrics, received) >= 5000.0);
        let sent = format!("attache_http_sent_bytes_total{{route=\"{route}\"}}");
        assert!(value(&metrics, &sent) >= 15_000.0);
    }
    drop(stream);
    until("the stream has ended", async || value(&self::metrics(&server).await, "attache_event_streams") == 0.0).await;
    let _ = broken;
}
