//! While an installation is read-only, it can be read, and every write is refused so that programs and pages retry it.

use attache::platform::db::read_only::{guard, unguard};
use serde_json::json;

use crate::backup::fill;
use crate::support::{TestApp, on_both_engines, until};

on_both_engines![
    writes_are_refused_and_reads_are_not,
    it_ends_by_itself,
    a_writer_that_has_begun_is_waited_for,
    jobs_wait_for_its_end,
];

/// Makes the installation read-only until a time in milliseconds.
async fn make_read_only(app: &TestApp, until: &str) {
    app.sql("DELETE FROM moves", "").await;
    app.sql(
        &format!(
            "INSERT INTO moves (id, state, installation, read_only_until, from_database, from_storage)
             VALUES (1, 'copying', 'a', {until}, 'b', 'c')"
        ),
        "",
    )
    .await;
    guard(&app.platform.config.database).await.expect("the triggers can be made");
}

/// Ends the read-only moment, and removes the triggers.
async fn end(app: &TestApp) {
    app.sql(&format!("UPDATE moves SET read_only_until = {OVER}"), "").await;
    unguard(&app.platform.config.database).await.expect("the triggers can be removed");
}

const FOREVER: &str = "9000000000000";
const OVER: &str = "1000";

async fn writes_are_refused_and_reads_are_not(app: TestApp) {
    let (owner, channel) = fill(&app).await;
    let program = owner.program(&["messages:read", "messages:write"]).await;
    let staged = owner.stage(&channel, "a.txt", "text/plain", b"a").await;
    let messages = owner.messages(&channel).await;
    make_read_only(&app, FOREVER).await;
    let answer = owner.send(&channel, "hello", &[]).await;
    assert_eq!(answer.header("retry-after"), "10");
    let body = answer.refused(503, "read_only");
    assert!(body["message"].as_str().is_some_and(|text| text.contains("read-only")), "{body}");
    assert_eq!(body["data"]["retryAfter"], 10);
    owner.complete(&staged.id).await.refused(503, "read_only");
    owner.post("/api/channels", json!({ "name": "new" })).await.refused(503, "read_only");
    let presign =
        json!({ "type": "attachment", "channelId": channel, "fileName": "a", "fileSize": 1, "contentType": "" });
    owner.post("/api/uploads/presign", presign).await.refused(503, "read_only");
    let log_in = json!({ "email": "owner@example.com", "password": crate::support::PASSWORD });
    app.anonymous().post("/api/auth/log-in", log_in).await.refused(503, "read_only");
    let sent = program.post("/messages", json!({ "bucketId": channel, "body": "hello" })).await;
    assert_eq!((sent.status, sent.header("retry-after")), (503, "10"), "{}", sent.text());
    assert_eq!(owner.messages(&channel).await, messages);
    // Times of last use are not written.
    app.advance(std::time::Duration::from_hours(2));
    assert_eq!(owner.messages(&channel).await, messages);
    assert_eq!(program.get(&format!("/messages?bucketId={channel}")).await.status, 200);
    assert_eq!(app.anonymous().get("/readyz").await.status, 200);
    end(&app).await;
    owner.complete(&staged.id).await.ok();
}

async fn it_ends_by_itself(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    make_read_only(&app, FOREVER).await;
    owner.send(&channel, "hello", &[]).await.refused(503, "read_only");
    app.sql(&format!("UPDATE moves SET read_only_until = {OVER}"), "").await;
    owner.send(&channel, "hello", &[]).await.ok();
    app.sql("UPDATE moves SET state = 'moved'", "").await;
    owner.send(&channel, "hello", &[]).await.refused(503, "read_only");
    app.sql("DELETE FROM moves", "").await;
    owner.send(&channel, "hello", &[]).await.ok();
    // The triggers can be there already.
    make_read_only(&app, FOREVER).await;
    owner.send(&channel, "hello", &[]).await.refused(503, "read_only");
    // They are not removed while somebody relies on them.
    unguard(&app.platform.config.database).await.expect("it is not an error");
    owner.send(&channel, "hello", &[]).await.refused(503, "read_only");
    end(&app).await;
    app.sql(&format!("UPDATE moves SET read_only_until = {FOREVER}"), "").await;
    owner.send(&channel, "hello", &[]).await.ok();
}

async fn a_writer_that_has_begun_is_waited_for(app: TestApp) {
    app.owner().await;
    make_read_only(&app, OVER).await;
    end(&app).await;
    for has_triggers in [false, true] {
        if has_triggers {
            guard(&app.platform.config.database).await.expect("the triggers can be made");
        }
        let mut tx = app.platform.db.begin().await.expect("a transaction can begin");
        tx.lock_installation().await.expect("it can write");
        let url = app.platform.config.database.clone();
        let guarding = tokio::spawn(async move { guard(&url).await });
        for _ in 0..50 {
            assert_eq!(app.anonymous().get("/healthz").await.status, 200);
        }
        assert!(!guarding.is_finished(), "it waits for the writer");
        tx.commit().await.expect("the writer is not refused");
        until("the writer is waited for", async || guarding.is_finished()).await;
        guarding.await.expect("it does not panic").expect("the triggers can be made");
    }
}

async fn jobs_wait_for_its_end(app: TestApp) {
    let (owner, channel) = fill(&app).await;
    owner.send_file(&channel, "photo.png", "image/png", &crate::support::files::picture(640, 480)).await;
    make_read_only(&app, FOREVER).await;
    let refused = attache::platform::jobs::run_due(&app.platform, attache::jobs::JOBS).await;
    assert!(refused.is_err_and(|error| attache::platform::db::read_only::is_refusal(&error)));
    app.sql(&format!("UPDATE moves SET read_only_until = {OVER}"), "").await;
    crate::backup::run_jobs(&app.platform).await;
    assert_eq!(app.count("attachments WHERE preview = 'pending'", "").await, 0);
}
