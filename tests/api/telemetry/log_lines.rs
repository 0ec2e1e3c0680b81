//! One line for each request, by the pattern of its route.

use std::collections::BTreeMap;

use attache::platform::db::{Lockable, SLOW};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{in_json, lines, lines_with, signed_up};
use crate::support::{Engines, Installation, TestApp, User, as_process_on_both_engines, text, until};

as_process_on_both_engines![
    a_request_is_one_line_with_who_asked,
    quiet_routes_are_logged_for_debugging_only,
    the_start_says_what_is_set_and_the_stop_what_was_cut,
    slow_statements_are_logged_by_their_place,
];

/// The span of the request that a line belongs to.
fn request_of(line: &Value) -> &Value {
    let spans = line["spans"].as_array().unwrap_or_else(|| panic!("no spans: {line}"));
    spans.iter().find(|span| span["name"] == "request").unwrap_or_else(|| panic!("no request: {line}"))
}

async fn a_request_is_one_line_with_who_asked(installation: Installation) {
    let server = installation.start_with(&in_json());
    let owner = signed_up(&server).await;
    let channel = owner.channel("general").await;
    let secret = format!("/api/channels/{channel}/messages?before=019a5d2e-7c41-7d30-9f6b-2b1f4f0a8f3a");
    let answer = owner.get(&secret).await;
    let program = owner.program(&["messages:read"]).await;
    let by_program = program.get("/messages?limit=3").await;
    let shared = owner.get("/s/0123456789abcdefghijklmnopqrstuvwxyzABCDEFG/019a5d2e-7c41-7d30-9f6b-2b1f4f0a8f3a").await;
    let invited = owner.get("/invite/hidden-token").await;
    let id = |line: &Value| text(&request_of(line)["request_id"]);
    let wanted = [
        (&answer, "/api/channels/{id}/messages"),
        (&by_program, "/api/v1/messages"),
        (&shared, "/s/{token}/{file}"),
        (&invited, "/invite/{token}"),
    ];
    until("all are logged", async || {
        lines_with(&server, "answered").iter().any(|l| id(l) == invited.header("x-request-id"))
    })
    .await;
    let answered = lines_with(&server, "answered");
    for (answer, route) in wanted {
        let own: Vec<_> = answered.iter().filter(|line| id(line) == answer.header("x-request-id")).collect();
        let [line] = own[..] else { panic!("{route}: {own:?}") };
        let request = request_of(line);
        assert_eq!((line["level"].as_str(), line["status"].as_u64()), (Some("INFO"), Some(answer.status.into())));
        assert_eq!((request["method"].as_str(), request["route"].as_str()), (Some("GET"), Some(route)));
        assert!(line["duration_ms"].is_u64(), "{line}");
        let is_known = route.starts_with("/api/");
        assert_eq!(request["member"].as_str(), is_known.then_some(owner.member_id.as_str()), "{line}");
        assert_eq!(request["organization"].is_string(), is_known, "{line}");
    }
    let log = server.log();
    for hidden in ["hidden-token", "before=", &channel, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"] {
        assert!(!log.contains(hidden), "{hidden} in {log}");
    }
}

async fn quiet_routes_are_logged_for_debugging_only(installation: Installation) {
    for (level, expected) in [("info", 0), ("debug", 2)] {
        let mut variables = in_json();
        variables.insert("RUST_LOG", level.to_owned());
        let server = installation.start_with(&variables);
        let user = User::new(&server.base);
        user.get("/healthz").await;
        user.get("/readyz").await;
        user.get("/api/auth/session").await.refused(401, "unauthenticated");
        until("the last is logged", async || server.log().contains("/api/auth/session")).await;
        let quiet = |line: &&Value| request_of(line)["route"].as_str().is_some_and(|route| route.ends_with('z'));
        assert_eq!(lines_with(&server, "answered").iter().filter(quiet).count(), expected, "{level}");
    }
}

async fn the_start_says_what_is_set_and_the_stop_what_was_cut(installation: Installation) {
    let mut variables = in_json();
    variables.insert("UPLOADS_MAX_FILE_SIZE", "3GB".to_owned());
    variables.insert("METRICS_TOKEN", "hunter2hunter2hunter2".to_owned());
    let mut server = installation.start_with(&variables);
    let start = lines_with(&server, "starting");
    let [start] = &start[..] else { panic!("{}", server.log()) };
    let is_local = installation.engines == Engines::SqliteLocal;
    assert_eq!(start["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(start["database"], if is_local { "sqlite" } else { "postgres" });
    assert_eq!(start["storage"], if is_local { "local disk" } else { "s3" });
    let settings = text(&start["settings"]);
    assert!(settings.contains("UPLOADS_MAX_FILE_SIZE=3GB") && settings.contains("METRICS_TOKEN=(set)"), "{settings}");
    assert_eq!(settings.contains("S3_SECRET_ACCESS_KEY=(set)"), !is_local, "{settings}");
    assert!(!settings.contains("SIGN_UPS_PER_HOUR=20") && !server.log().contains("hunter2"), "{settings}");

    let owner = signed_up(&server).await;
    let stream = owner.listen().await;
    // Its body never comes to its end.
    let channel = owner.channel("general").await;
    let half = if is_local {
        let upload = owner.presign(&channel, "a.bin", "application/octet-stream", &vec![7; 100_000]).await;
        Some(upload.send_half().await)
    } else {
        None
    };
    if is_local {
        let user = User::new(&server.base);
        until("the upload is running", async || {
            let request = user.request(reqwest::Method::GET, "/metrics").bearer_auth("hunter2hunter2hunter2");
            // With the stream and this one.
            user.send_request(request).await.text().contains("attache_http_requests_running 3")
        })
        .await;
    }
    server.stop().await;
    until("the end is logged", async || server.log().contains("requests_cut")).await;
    let stopping = lines_with(&server, "stopping");
    assert_eq!(stopping[0]["event_streams"], 1, "{stopping:?}");
    let ended = lines(&server).into_iter().find(|line| line.get("requests_cut").is_some()).expect("a last line");
    assert_eq!(ended["requests_cut"].as_u64(), Some(u64::from(half.is_some())), "{ended}");
    // A job may run at that moment.
    let is_done = half.is_none() && ended["jobs_cut"] == 0;
    assert_eq!(ended["message"], if is_done { "stopped" } else { "stopped before all was done" }, "{ended}");
    drop((stream, half));
}

async fn slow_statements_are_logged_by_their_place(installation: Installation) {
    let server = installation.start_with(&in_json());
    let owner = signed_up(&server).await;
    let database = installation.database.clone();
    let app = TestApp::start_with(installation.engines, |config| config.database = database).await;
    let session = owner.get("/api/auth/session").await.ok();
    let organization = text(&session["organization"]["id"]).parse().expect("an id");
    // Holds what the server's own transaction waits for.
    let mut tx = app.platform.db.begin().await.expect("a transaction");
    tx.lock(Lockable::Organization, organization).await.expect("the lock");
    let mut change = Box::pin(owner.patch("/api/organization", json!({ "name": "Lighthouse" })));
    assert!(timeout(2 * SLOW, &mut change).await.is_err(), "nothing waited");
    drop(tx);
    change.await.ok();
    // On a busy machine other statements are slow too.
    let slow = || {
        let mut slow = lines_with(&server, "slow database statement");
        slow.retain(|line| line.to_string().contains(r#""route":"/api/organization""#));
        slow
    };
    until("it is logged", async || !slow().is_empty()).await;
    for line in slow() {
        let (place, sql) = (text(&line["statement"]), text(&line["text"]));
        let is_place = place.contains("::") && !place.starts_with("attache");
        assert!((is_place || sql == "BEGIN") && !sql.is_empty(), "{line}");
        let longest = line["waited_ms"].as_u64().max(line["took_ms"].as_u64());
        assert!(longest >= u64::try_from(SLOW.as_millis()).ok(), "{line}");
        assert!(!line.to_string().contains("Lighthouse"), "{line}");
    }
}

#[test]
fn another_log_format_stops_the_start() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let installation = runtime.block_on(Installation::new(Engines::SqliteLocal));
    let output = installation.run_until_exit(&BTreeMap::from([("LOG_FORMAT", "xml".to_owned())]));
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("LOG_FORMAT=\"xml\""));
}
