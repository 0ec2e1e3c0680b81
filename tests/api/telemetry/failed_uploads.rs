//! A day later an operator finds in the log why an upload failed: each failure is one line, without the file's name.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::config::StorageConfig;
use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{in_json, lines_with, signed_up};
use crate::support::{Engines, Installation, Part, Process, User, as_process_on_both_engines, checksum, text, until};

/// Stands in the name of every file.
const NAME: &str = "hidden-name";

as_process_on_both_engines![
    refusals_before_an_upload_say_what_was_over,
    what_came_and_was_refused_says_why,
    what_a_client_gave_up_says_what_it_met,
    files_of_programs_say_why_too,
    pictures_do_so_too,
];

/// The line of the one failure, whose fields are these.
async fn the_failure(server: &Process, fields: Value) -> Value {
    let fits = |line: &Value| fields.as_object().expect("fields").iter().all(|(name, value)| line[name] == *value);
    let found = || lines_with(server, "upload failed").into_iter().filter(fits).collect::<Vec<_>>();
    until(&format!("a line with {fields}"), async || !found().is_empty()).await;
    assert!(!server.log().contains(NAME), "{}", server.log());
    let [line] = &found()[..] else { panic!("{fields}: {:?}", found()) };
    line.clone()
}

async fn presign(owner: &User, channel: &str, size: u64, content_type: &str) -> crate::support::Answer {
    let body = json!({ "type": "attachment", "channelId": channel, "fileName": format!("{NAME}.png"), "fileSize": size,
        "contentType": content_type });
    owner.post("/api/uploads/presign", body).await
}

async fn refusals_before_an_upload_say_what_was_over(installation: Installation) {
    let mut variables = in_json();
    variables.insert("UPLOADS_MAX_FILE_SIZE", "1MB".to_owned());
    variables.insert("ORGANIZATION_QUOTA", "500kB".to_owned());
    let server = installation.start_with(&variables);
    let owner = signed_up(&server).await;
    let channel = owner.channel("general").await;
    presign(&owner, &channel, 2_000_000, "image/png").await.refused(413, "too_large");
    let wanted = json!({ "step": "presign", "reason": "too_large", "status": 413, "size": 2_000_000,
        "variable": "UPLOADS_MAX_FILE_SIZE" });
    let line = the_failure(&server, wanted).await;
    assert_eq!(line["spans"][0]["member"], owner.member_id.as_str(), "{line}");
    presign(&owner, &channel, 600_000, "image/png").await.refused(413, "quota_exceeded");
    let wanted =
        json!({ "step": "presign", "reason": "quota_exceeded", "status": 413, "variable": "ORGANIZATION_QUOTA" });
    the_failure(&server, wanted).await;
    presign(&owner, &channel, 600, "no type").await.refused_field("contentType");
    the_failure(&server, json!({ "step": "presign", "reason": "invalid_value", "status": 422 })).await;
}

/// The ids of an upload: its own, and that of its attempt, which is in the URL.
fn ids_of(answer: &Value) -> (Value, Option<String>) {
    let url = text(&answer["uploadUrl"]);
    let attempt = url.split('?').next().and_then(|path| path.rsplit('/').next()).map(str::to_owned);
    (answer["resourceId"].clone(), attempt)
}

async fn what_came_and_was_refused_says_why(installation: Installation) {
    let is_local = installation.engines == Engines::SqliteLocal;
    let server = installation.start_with(&in_json());
    let owner = signed_up(&server).await;
    let channel = owner.channel("general").await;
    let name = format!("{NAME}.png");
    // Another type than was announced.
    let page = owner.stage(&channel, &name, "image/png", b"<!doctype html><script>1</script>").await;
    let (attachment, attempt) = ids_of(&page.answer);
    owner.complete(&page.id).await.refused(422, "type_mismatch");
    let wanted = json!({ "attachment": attachment, "attempt": attempt, "step": "complete", "reason": "type_mismatch",
        "status": 422 });
    the_failure(&server, wanted).await;
    // Nothing came.
    let none = owner.presign(&channel, &name, "image/png", b"nothing").await;
    let (attachment, attempt) = ids_of(&none.answer);
    owner.complete(&none.id).await.refused(422, "object_missing");
    let variable = if is_local { Value::Null } else { json!("S3_BUCKET") };
    let wanted = json!({ "attachment": attachment, "attempt": attempt, "step": "complete", "reason": "object_missing",
        "variable": variable });
    the_failure(&server, wanted).await;
    if !is_local {
        return;
    }
    // What the store refuses itself. Of Garage it is in Garage's log.
    let long = owner.presign(&channel, &name, "image/png", b"nothing").await;
    let (attachment, attempt) = ids_of(&long.answer);
    long.put_bytes(b"something else").await.refused(422, "size_mismatch");
    let wanted = json!({ "attachment": attachment, "attempt": attempt, "step": "put", "reason": "size_mismatch" });
    the_failure(&server, wanted).await;
    let cut = owner.presign(&channel, &name, "image/png", &vec![7; 100_000]).await;
    let (attachment, attempt) = ids_of(&cut.answer);
    cut.cut_half_way().await;
    let wanted = json!({ "attachment": attachment, "attempt": attempt, "step": "put", "reason": "malformed_request" });
    the_failure(&server, wanted).await;
}

async fn what_a_client_gave_up_says_what_it_met(installation: Installation) {
    let server = installation.start_with(&in_json());
    let owner = signed_up(&server).await;
    let channel = owner.channel("general").await;
    for (body, wanted) in [
        (
            json!({ "reason": NAME, "kind": "invalid_value", "storeCode": "EntityTooLarge" }),
            json!({ "reason": "invalid_value", "store_code": "EntityTooLarge" }),
        ),
        (json!({ "reason": NAME }), json!({ "reason": "canceled" })),
        // What is no code of a store is left out: it may be anything.
        (
            json!({ "reason": NAME, "kind": "network", "storeCode": format!("{NAME} is 7") }),
            json!({ "reason": "network", "store_code": Value::Null }),
        ),
    ] {
        let upload = owner.presign(&channel, &format!("{NAME}.png"), "image/png", b"bytes").await;
        let (attachment, attempt) = ids_of(&upload.answer);
        owner.post(&format!("/api/attachments/{}/fail", upload.id), body).await.ok();
        let mut all = json!({ "attachment": attachment, "attempt": attempt, "step": "client" });
        all.as_object_mut().expect("fields").extend(wanted.as_object().expect("fields").clone());
        the_failure(&server, all).await;
    }
}

async fn files_of_programs_say_why_too(installation: Installation) {
    let mut variables = in_json();
    variables.insert("ATTACHMENTS_MAX_FILE_SIZE", "10kB".to_owned());
    variables.insert("ATTACHMENTS_ALLOWED_MIME_TYPES", "image/png".to_owned());
    let server = installation.start_with(&variables);
    let program = signed_up(&server).await.program(&["attachments:write"]).await;
    let name = format!("{NAME}.txt");
    let large = program.form("/attachments/upload", &[("file", Part::File(&name, &vec![b'a'; 20_000]))]).await;
    large.refused(400, "file_too_large");
    let wanted = json!({ "step": "program", "reason": "file_too_large", "variable": "ATTACHMENTS_MAX_FILE_SIZE" });
    the_failure(&server, wanted).await;
    let text = program.form("/attachments/upload", &[("file", Part::File(&name, b"a text"))]).await;
    text.refused(400, "file_type_not_allowed");
    let wanted = json!({ "step": "program", "reason": "file_type_not_allowed", "size": 6,
        "variable": "ATTACHMENTS_ALLOWED_MIME_TYPES" });
    the_failure(&server, wanted).await;
    let url = format!("http://127.0.0.1:1/{NAME}.png");
    program.post("/attachments/download-from-url", json!({ "url": url })).await.refused(400, "invalid_url");
    the_failure(&server, json!({ "step": "program", "reason": "invalid_url" })).await;
}

async fn pictures_do_so_too(installation: Installation) {
    let server = installation.start_with(&in_json());
    let owner = signed_up(&server).await;
    let large = json!({ "type": "user-avatar", "fileSize": 9_000_000, "contentType": "image/png", "fileName": NAME });
    owner.post("/api/uploads/presign", large).await.refused(413, "too_large");
    let wanted = json!({ "step": "presign", "reason": "too_large", "is_picture": true, "variable": Value::Null });
    the_failure(&server, wanted).await;
    let small = json!({ "type": "user-avatar", "fileSize": 5, "contentType": "image/png", "fileName": NAME });
    let upload = crate::support::Upload::new(owner.post("/api/uploads/presign", small).await.ok(), b"bytes");
    assert_eq!(upload.put().await.status, 200);
    owner.poke(&format!("/api/pictures/{}/complete", upload.id)).await.refused(422, "type_mismatch");
    let (picture, attempt) = ids_of(&upload.answer);
    let wanted = json!({ "attachment": picture, "attempt": attempt, "step": "complete", "reason": "type_mismatch" });
    the_failure(&server, wanted).await;
}

/// A store that answers the first requests, and then refuses all.
async fn store_that_refuses() -> (String, Arc<AtomicBool>) {
    let refuses = Arc::new(AtomicBool::new(false));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("a bound socket has an address");
    let state = refuses.clone();
    let answer = move |_: Request| {
        let refuses = state.load(Ordering::Relaxed);
        let body = "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>no</Message></Error>";
        async move { if refuses { (StatusCode::FORBIDDEN, body) } else { (StatusCode::OK, "") } }
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    (format!("http://{address}"), refuses)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_refuses_is_named_by_its_code() {
    let installation = Installation::new(Engines::PostgresGarage).await;
    assert!(matches!(installation.storage, StorageConfig::S3(_)));
    let (endpoint, refuses) = store_that_refuses().await;
    let mut variables = in_json();
    variables.insert("S3_ENDPOINT", endpoint);
    variables.insert("METRICS_TOKEN", "0123456789abcdef".to_owned());
    let server = installation.start_with(&variables);
    let owner = signed_up(&server).await;
    let channel = owner.channel("general").await;
    let upload = owner.presign(&channel, &format!("{NAME}.png"), "image/png", b"bytes").await;
    refuses.store(true, Ordering::Relaxed);
    let (attachment, attempt) = ids_of(&upload.answer);
    // Asked for with a HEAD, whose answer has no body and so no code but the status.
    owner.complete(&upload.id).await.refused(503, "unavailable");
    let wanted = json!({ "attachment": attachment, "attempt": attempt, "step": "complete", "reason": "unavailable",
        "status": 503, "store_code": "403", "variable": "S3_ACCESS_KEY_ID", "level": "WARN" });
    the_failure(&server, wanted).await;
    let bytes = vec![7; 9 << 20];
    let parts = owner.presign(&channel, NAME, "application/octet-stream", &bytes).await;
    let part = json!({ "partNumber": 1, "checksumSha256": checksum(&bytes[..8 << 20]) });
    owner
        .post(&format!("/api/attachments/{}/parts", parts.id), json!({ "parts": [part] }))
        .await
        .refused(503, "unavailable");
    let wanted = json!({ "attachment": parts.answer["resourceId"], "step": "presign", "store_code": "AccessDenied" });
    the_failure(&server, wanted).await;
    let asked = owner.request(reqwest::Method::GET, "/metrics").bearer_auth("0123456789abcdef");
    let metrics = owner.send_request(asked).await.text();
    assert!(
        metrics.contains("attache_storage_errors_total{operation=\"create_multipart\",code=\"AccessDenied\"}"),
        "{metrics}"
    );
}

/// The clean-up runs on a clock, so in this process: the line is read from a writer of this thread.
#[tokio::test]
async fn what_nobody_finished_is_logged_by_the_clean_up() {
    use crate::support::TestApp;
    use attache::platform::jobs::run_due;

    for engines in [Engines::SqliteLocal, Engines::PostgresGarage] {
        let app = TestApp::start(engines).await;
        let owner = app.owner().await;
        let channel = owner.channel("general").await;
        let upload = owner.presign(&channel, &format!("{NAME}.png"), "image/png", b"bytes").await;
        let avatar = json!({ "type": "user-avatar", "fileSize": 5, "contentType": "image/png" });
        let avatar = owner.post("/api/uploads/presign", avatar).await.ok();
        app.advance(Duration::from_hours(2));
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt().json().flatten_event(true).with_writer(log.clone()).finish();
        {
            let _logging = tracing::subscriber::set_default(subscriber);
            run_due(&app.platform, JOBS).await.expect("jobs can be read");
        }
        let lines: Vec<Value> = log.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        for answer in [upload.answer, avatar] {
            let (id, attempt) = ids_of(&answer);
            let fits = |line: &&Value| line["message"] == "upload failed" && line["attachment"] == id;
            let line = lines.iter().find(fits).unwrap_or_else(|| panic!("{id} in {lines:?}"));
            assert_eq!((&line["step"], &line["reason"]), (&json!("clean_up"), &json!("timed_out")));
            assert_eq!(line["attempt"].as_str(), attempt.as_deref());
        }
        assert!(!log.text().contains(NAME));
    }
}

/// What is logged, in memory.
#[derive(Clone, Default)]
struct Log(Arc<std::sync::Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("nobody panics with it")).into_owned()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panics with it").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> tracing_subscriber::fmt::MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
