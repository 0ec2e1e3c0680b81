//! Clean-up removes unneeded files after the documented time, not before, and nothing else.

use std::time::Duration;

use attache::files::attachments::clean_up::{FAILED_RETENTION, LEFTOVER_RETENTION, UNFINISHED_AFTER};
use attache::files::attachments::store::clean_up::unfinished;
use attache::jobs::JOBS;
use attache::platform::config::AttachmentsConfig;
use attache::platform::jobs::run_due;
use attache::platform::storage::{Derived, ObjectKey};
use futures::TryStreamExt;
use serde_json::json;

use crate::support::{Engines, Parts, TestApp, Upload, User, alone_on_both_engines, files};

/// Returns the default retention.
fn never_sent_kept() -> Duration {
    AttachmentsConfig::default().max_age
}

alone_on_both_engines![
    an_upload_that_nobody_finishes_fails_after_an_hour,
    parts_of_an_upload_that_nobody_finishes_wait_a_day_for_a_retry,
    parts_that_nobody_comes_back_for_go,
    canceling_an_abandoned_upload_removes_its_parts,
    an_upload_that_is_heard_of_goes_on,
    a_failed_upload_is_kept_for_a_day,
    a_file_that_is_never_sent_goes_after_a_week,
    a_file_that_was_sent_stays,
    leftovers_of_a_crash_are_removed,
    a_preview_without_its_file_goes,
    deleted_files_stay_for_as_long_as_the_organization_says,
    two_servers_clean_up_at_once,
    organizations_take_turns_in_clean_up,
];

const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

/// Advances the time in steps in which all jobs run, as on a server that is always up.
async fn pass(app: &TestApp, time: Duration) {
    app.advance(time);
    run_due(&app.platform, JOBS).await.expect("jobs can be read");
}

/// Returns the keys of all stored objects.
async fn stored(app: &TestApp) -> Vec<String> {
    let mut keys: Vec<_> =
        app.platform.storage.list("").map_ok(|object| object.key).try_collect().await.expect("a list");
    keys.sort();
    keys
}

async fn staged(user: &User) -> (String, Upload) {
    let channel = user.channel("general").await;
    let upload = user.stage(&channel, "a.txt", "text/plain", b"twelve bytes").await;
    (channel, upload)
}

/// Returns how many rows an attachment has: 0 or 1.
async fn rows(app: &TestApp, id: &str) -> u64 {
    app.sql("UPDATE attachments SET file_name = file_name WHERE id = {id}", id).await
}

async fn an_upload_that_nobody_finishes_fails_after_an_hour(app: TestApp) {
    let owner = app.owner().await;
    let (_, upload) = staged(&owner).await;
    pass(&app, UNFINISHED_AFTER.saturating_sub(MINUTE)).await;
    assert_eq!(stored(&app).await.len(), 1, "somebody may still finish it");
    pass(&app, 11 * MINUTE).await;
    assert_eq!(stored(&app).await, [""; 0]);
    owner.complete(&upload.id).await.refused(409, "invalid_transition");
    assert_eq!(owner.get("/api/storage").await.ok()["usedBytes"], 0);
    owner.retry(&upload.id).await.ok();
}

/// Returns an upload of whose two parts one has arrived, and that has failed after a long silence.
async fn half_given_up(app: &TestApp) -> (User, Parts) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let parts = Parts::begin(&owner, &channel, "big.bin", "", &vec![7; 9 * 1024 * 1024]).await;
    parts.send([1]).await;
    pass(app, UNFINISHED_AFTER.saturating_sub(MINUTE)).await;
    assert_eq!(parts.arrived().await, [1], "somebody may still finish it");
    pass(app, 11 * MINUTE).await;
    owner.complete(parts.id()).await.refused(409, "invalid_transition");
    assert_eq!(owner.get("/api/storage").await.ok()["usedBytes"], 0);
    assert_eq!(uploads_in_parts(app).await, 1);
    (owner, parts)
}

async fn uploads_in_parts(app: &TestApp) -> usize {
    app.platform.storage.list_multipart().await.expect("a list").len()
}

async fn parts_of_an_upload_that_nobody_finishes_wait_a_day_for_a_retry(app: TestApp) {
    let (owner, parts) = half_given_up(&app).await;
    // Also after the time at which unreferenced objects are removed.
    pass(&app, FAILED_RETENTION.saturating_sub(UNFINISHED_AFTER + 11 * MINUTE)).await;
    let again = owner.retry(parts.id()).await.ok();
    assert_eq!(again["uploadUrl"], json!(null), "it goes on in parts: {again}");
    assert_eq!(owner.get("/api/storage").await.ok()["usedBytes"], 9 * 1024 * 1024);
    assert_eq!(parts.arrived().await, [1]);
    parts.send([2]).await;
    owner.complete(parts.id()).await.ok();
    assert!(owner.download(parts.id(), "").await.bytes == vec![7; 9 * 1024 * 1024]);
}

async fn parts_that_nobody_comes_back_for_go(app: TestApp) {
    let (owner, parts) = half_given_up(&app).await;
    pass(&app, FAILED_RETENTION).await;
    assert_eq!(uploads_in_parts(&app).await, 0);
    assert_eq!(stored(&app).await, [""; 0]);
    owner.retry(parts.id()).await.refused(404, "not_found");
}

async fn canceling_an_abandoned_upload_removes_its_parts(app: TestApp) {
    let (owner, parts) = half_given_up(&app).await;
    let failed = owner.fail(parts.id(), "canceled").await.ok();
    assert_eq!(failed["failureReason"], "the upload timed out", "{failed}");
    assert_eq!(uploads_in_parts(&app).await, 0);
    owner.retry(parts.id()).await.ok();
    assert_eq!(parts.arrived().await, [0; 0]);
}

async fn an_upload_that_is_heard_of_goes_on(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let parts = Parts::begin(&owner, &channel, "big.bin", "", &vec![7; 9 * 1024 * 1024]).await;
    parts.send([1]).await;
    pass(&app, UNFINISHED_AFTER.saturating_sub(MINUTE)).await;
    parts.send([2]).await;
    pass(&app, UNFINISHED_AFTER.saturating_sub(MINUTE)).await;
    owner.complete(parts.id()).await.ok();
}

async fn a_failed_upload_is_kept_for_a_day(app: TestApp) {
    let owner = app.owner().await;
    let (_, upload) = staged(&owner).await;
    owner.fail(&upload.id, "given up").await.ok();
    pass(&app, FAILED_RETENTION.saturating_sub(MINUTE)).await;
    assert_eq!(rows(&app, &upload.id).await, 1);
    pass(&app, 61 * MINUTE).await;
    assert_eq!(rows(&app, &upload.id).await, 0);
    owner.retry(&upload.id).await.refused(404, "not_found");
}

async fn a_file_that_is_never_sent_goes_after_a_week(app: TestApp) {
    let owner = app.owner().await;
    let (channel, upload) = staged(&owner).await;
    owner.complete(&upload.id).await.ok();
    pass(&app, never_sent_kept().saturating_sub(MINUTE)).await;
    assert_eq!(stored(&app).await, [upload.id.as_str()], "it is in somebody's draft");
    pass(&app, 61 * MINUTE).await;
    assert_eq!(stored(&app).await, [""; 0]);
    assert_eq!(rows(&app, &upload.id).await, 0);
    owner.send(&channel, "", &[&upload.id]).await.refused(404, "not_found");
    assert_eq!(owner.get("/api/storage").await.ok()["usedBytes"], 0);
}

async fn a_file_that_was_sent_stays(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let sent = owner.send_file(&channel, "a.txt", "text/plain", b"twelve bytes").await;
    for _ in 0..20 {
        pass(&app, 20 * DAY).await;
    }
    let back = owner.another_device().await;
    assert_eq!(back.download(&sent, "").await.bytes, b"twelve bytes");
}

async fn leftovers_of_a_crash_are_removed(app: TestApp) {
    let owner = app.owner().await;
    let (channel, upload) = staged(&owner).await;
    let parts = Parts::begin(&owner, &channel, "big.bin", "", &vec![7; 9 * 1024 * 1024]).await;
    parts.send([1]).await;
    // The rows are gone, as after a restored back-up: nothing refers to the bytes.
    app.sql("DELETE FROM attachments", "").await;
    assert_eq!(stored(&app).await.len(), 1, "{}", upload.id);
    pass(&app, LEFTOVER_RETENTION.saturating_sub(10 * MINUTE)).await;
    assert_eq!(stored(&app).await.len(), 1);
    pass(&app, LEFTOVER_RETENTION).await;
    assert_eq!(stored(&app).await, [""; 0]);
    assert_eq!(app.platform.storage.list_multipart().await.expect("a list"), []);
}

async fn a_preview_without_its_file_goes(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let kept = owner.send_file(&channel, "a.png", "image/png", &files::png("kept")).await;
    let gone = owner.send_file(&channel, "b.png", "image/png", &files::png("gone")).await;
    for id in [&kept, &gone] {
        let key = ObjectKey::Derived(id.parse().expect("an id"), Derived::Feed);
        let file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
        app.platform.storage.put_file(&key, "image/webp", file.path()).await.expect("a preview is stored");
    }
    // Purged while its preview was created.
    app.sql("UPDATE attachments SET purged_at = 1 WHERE id = {id}", &gone).await;
    let of = |id: &str, keys: &[String]| keys.iter().filter(|key| key.starts_with(&format!("derived/{id}/"))).count();
    assert_eq!(of(&gone, &stored(&app).await), 1);
    pass(&app, LEFTOVER_RETENTION + MINUTE).await;
    let left = stored(&app).await;
    assert_eq!(of(&gone, &left), 0);
    assert!(of(&kept, &left) > 0, "{left:?}");
}

async fn deleted_files_stay_for_as_long_as_the_organization_says(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let deleted = owner.send_file(&channel, "a.txt", "text/plain", b"twelve bytes").await;
    let kept = owner.send_file(&channel, "b.txt", "text/plain", b"four").await;
    owner.delete(&format!("/api/attachments/{deleted}")).await.ok();
    pass(&app, 20 * DAY).await;
    assert_eq!(stored(&app).await.len(), 2, "for ever, when nothing is said");
    owner.another_device().await.patch("/api/storage/retention", json!({ "retentionDays": 30 })).await.ok();
    pass(&app, 9 * DAY).await;
    assert_eq!(stored(&app).await.len(), 2);
    pass(&app, 2 * DAY).await;
    assert_eq!(stored(&app).await, [kept.as_str()]);
    let owner = owner.another_device().await;
    owner.poke(&format!("/api/attachments/{deleted}/restore")).await.refused(409, "conflict");
    assert_eq!(owner.get("/api/storage").await.ok()["usedBytes"], 4);
    assert_eq!(owner.messages(&channel).await.len(), 2, "the tombstone stays");
}

async fn two_servers_clean_up_at_once(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for index in 0..10 {
        let upload = owner.stage(&channel, "a.txt", "text/plain", b"twelve bytes").await;
        if index % 2 == 0 {
            owner.complete(&upload.id).await.ok();
        }
    }
    let other = app.second_server().await;
    for server in [&app, &other] {
        server.advance(never_sent_kept() + DAY);
    }
    let (here, there) = tokio::join!(run_due(&app.platform, JOBS), run_due(&other.platform, JOBS));
    here.and(there).expect("jobs can be read");
    assert_eq!(stored(&app).await, [""; 0]);
    let owner = owner.another_device().await;
    assert_eq!(owner.get("/api/storage").await.ok()["usedBytes"], 0);
    assert_eq!(app.sql("UPDATE jobs SET attempts = attempts WHERE last_error IS NOT NULL", "").await, 0);
}

async fn organizations_take_turns_in_clean_up(app: TestApp) {
    let (owner, stranger) = (app.owner().await, app.other_organization().await);
    let (channel, mut much) = (owner.channel("general").await, Vec::new());
    for _ in 0..3 {
        much.push(owner.stage(&channel, "a.txt", "text/plain", b"a").await.id);
    }
    let little = stranger.stage(&stranger.channel("general").await, "b.txt", "text/plain", b"b").await.id;
    app.advance(2 * UNFINISHED_AFTER);
    let listed = unfinished(app.platform.db.on(), app.platform.clock.now(), 2).await.expect("a list");
    let listed: Vec<_> = listed.into_iter().map(|(_, id)| id.to_string()).collect();
    assert_eq!(listed, [much[0].clone(), little], "one of each, though one has three that are older");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failing_removal_does_not_stop_others() {
    let app = TestApp::start_alone(Engines::SqliteLocal).await;
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let broken = owner.stage(&channel, "a.txt", "text/plain", b"a").await.id;
    let other = owner.stage(&channel, "b.txt", "text/plain", b"b").await.id;
    // A folder where a file should be cannot be deleted as one.
    let staging = app.files().join("objects/staging").join(&broken);
    let attempt =
        std::fs::read_dir(&staging).expect("it is staged").next().expect("an attempt").expect("an entry").path();
    std::fs::remove_file(&attempt).expect("it can be removed");
    std::fs::create_dir_all(attempt.join("in the way")).expect("a folder can be made");
    pass(&app, 2 * UNFINISHED_AFTER).await;
    let is_failed = async |id: &str| {
        app.sql("UPDATE attachments SET status = status WHERE id = {id} AND status = 'failed'", id).await
    };
    assert_eq!((is_failed(&broken).await, is_failed(&other).await), (0, 1));
}
