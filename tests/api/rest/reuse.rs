//! One stored file in many messages: it is removed with the last of them, by the clean-up.

use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use futures::TryStreamExt;
use serde_json::json;

use crate::support::{Engines, Program, TestApp, User, text};

const DAY: Duration = Duration::from_hours(24);
const ALL: [&str; 4] = ["messages:write", "messages:read", "attachments:write", "attachments:read"];

async fn pass(app: &TestApp, time: Duration) {
    app.advance(time);
    run_due(&app.platform, JOBS).await.expect("jobs can be read");
}

async fn stored(app: &TestApp) -> usize {
    app.platform.storage.list("").try_collect::<Vec<_>>().await.expect("a list").len()
}

/// Uploads a file once and sends it in `count` messages. Returns it and the messages.
async fn in_messages(owner: &User, program: &Program, count: usize) -> (String, Vec<String>) {
    owner.channel("deploys").await;
    let id = program.upload("a.txt", b"once").await;
    let mut messages = Vec::new();
    for _ in 0..count {
        let body = json!({ "bucketId": "deploys", "attachments": [{ "attachmentUuid": id, "mediaType": "ICON" }] });
        messages.push(text(&program.post("/messages", body).await.created()["id"]));
    }
    (id, messages)
}

async fn the_others_keep_it(engines: Engines) {
    let app = TestApp::start_alone(engines).await;
    let owner = app.owner().await;
    owner.patch("/api/storage/retention", json!({ "retentionDays": 30 })).await.ok();
    let program = owner.program(&ALL).await;
    let (id, messages) = in_messages(&owner, &program, 3).await;
    assert_eq!(stored(&app).await, 1, "it is stored once");
    assert_eq!(owner.get("/api/storage").await.ok()["usedBytes"], 4, "and counted once");
    // The first, to which it was linked first, and the last.
    for gone in [&messages[0], &messages[2]] {
        assert_eq!(program.call("DELETE", &format!("/messages/{gone}"), None).await.status, 204);
        pass(&app, 60 * DAY).await;
        assert_eq!(program.download(&id).await.bytes, b"once");
        let kept = program.get(&format!("/messages/{}", messages[1])).await.ok();
        assert_eq!(kept["attachments"][0]["attachmentUuid"], id.as_str());
    }
    // The last reference: it is removed after the organization's retention.
    program.call("DELETE", &format!("/messages/{}", messages[1]), None).await;
    program.get(&format!("/attachments/{id}")).await.refused(404, "not_found");
    pass(&app, 29 * DAY).await;
    assert_eq!(stored(&app).await, 1);
    pass(&app, 2 * DAY).await;
    assert_eq!(stored(&app).await, 0);
}

async fn clean_up_removes_files_in_no_message(engines: Engines) {
    let app = TestApp::start_alone(engines).await;
    let owner = app.owner().await;
    let program = owner.program(&ALL).await;
    let (used, _) = in_messages(&owner, &program, 2).await;
    let unused = program.upload("b.txt", b"never").await;
    pass(&app, 8 * DAY).await;
    program.get(&format!("/attachments/{unused}")).await.refused(404, "not_found");
    assert_eq!(program.download(&used).await.bytes, b"once");
    assert_eq!(stored(&app).await, 1);
}

macro_rules! on {
    ($module:ident, $engines:ident) => {
        mod $module {
            use crate::support::Engines::$engines;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn a_file_stays_until_its_last_message_is_deleted() {
                super::the_others_keep_it($engines).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn clean_up_removes_only_files_in_no_message() {
                super::clean_up_removes_files_in_no_message($engines).await;
            }
        }
    };
}

on!(sqlite_local, SqliteLocal);
on!(postgres_garage, PostgresGarage);
