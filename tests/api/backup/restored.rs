//! A restored installation equals the one that was backed up.

use std::time::Duration;

use attache::admin::backup::check_all;
use attache::admin::backup::create::KEPT;
use attache::admin::verify::examine;
use futures::FutureExt;

use super::{Empty, Target, back_up, fill, log_in, objects_of, rows_of, run_jobs};
use crate::support::{Engines, TestApp, files, on_both_engines};

on_both_engines![
    every_row_and_every_byte_is_restored,
    the_other_engines_restore_it_too,
    a_second_back_up_copies_only_what_is_new,
    purged_files_leave_the_back_ups_with_the_last_that_had_them,
    an_installation_in_use_is_not_overwritten,
    an_interrupted_restore_is_tried_again,
    the_place_of_another_installation_is_refused,
];

/// Restores a back-up and compares everything with the source, which must be idle.
/// The installation exists as long as its `Empty`.
async fn assert_restored(app: &TestApp, target: &Target, engines: Engines) -> (Empty, TestApp) {
    let empty = Empty::new(app, engines).await;
    let restored = empty.restore(target).await.expect("it can be restored");
    assert_eq!(restored.missing, [""; 0]);
    let (before, after) = (rows_of(&app.platform.config.database).await, rows_of(&empty.config.database).await);
    assert!(before.keys().eq(after.keys()));
    // The source has recorded since that its back-up is complete.
    for (table, rows) in before.iter().filter(|(table, _)| *table != "backup_runs") {
        assert_eq!(rows, &after[table], "{table}");
    }
    assert!(before["messages"].len() >= 4 && before["attachments"].len() >= 4 && before["pictures"].len() == 1);
    let app_restored = empty.start().await;
    let (before, after) = (objects_of(&app.platform.storage).await, objects_of(&app_restored.platform.storage).await);
    assert!(before.keys().eq(after.keys()), "{:?} {:?}", before.keys(), after.keys());
    assert!(before == after, "the bytes differ");
    assert!(before.len() >= 6, "{:?}", before.keys());
    let report = examine(&app_restored.platform, true).await.expect("it can be compared");
    assert_eq!(report.differences, []);
    (empty, app_restored)
}

async fn alone(app: &TestApp) -> TestApp {
    TestApp::start_alone(app.engines).await
}

async fn every_row_and_every_byte_is_restored(app: TestApp) {
    let app = alone(&app).await;
    let target = Target::new(app.engines).await;
    let (_, channel) = fill(&app).await;
    let made = back_up(&app, &target).await;
    assert_eq!((made.missing.len(), made.purged), (0, 0));
    assert_eq!(check_all(&target.archive().await).await.expect("it can be checked"), [""; 0]);
    let (_empty, restored) = assert_restored(&app, &target, app.engines).await;
    let owner = log_in(&restored, "owner@example.com").await;
    let files = owner.messages(&channel).await;
    let photo = files.iter().find_map(|message| {
        message["attachments"].as_array()?.iter().find(|file| file["fileName"] == "photo.png").cloned()
    });
    let id = photo.expect("the photo is in its message")["id"].as_str().expect("an id").to_owned();
    assert_eq!(owner.download(&id, "").await.bytes, files::picture(64, 48));
    owner.send(&channel, "work goes on", &[]).await.ok();
    // The index is built by a job that runs each minute.
    restored.advance(Duration::from_mins(1));
    run_jobs(&restored.platform).await;
    let found = owner.get("/api/messages/found?search=quoted").await.ok();
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{found}");
}

async fn the_other_engines_restore_it_too(app: TestApp) {
    let app = alone(&app).await;
    let target = Target::new(app.engines).await;
    fill(&app).await;
    back_up(&app, &target).await;
    let other = match app.engines {
        Engines::SqliteLocal => Engines::PostgresGarage,
        Engines::PostgresGarage => Engines::SqliteLocal,
    };
    assert_restored(&app, &target, other).await;
}

async fn a_second_back_up_copies_only_what_is_new(app: TestApp) {
    let app = alone(&app).await;
    let target = Target::new(app.engines).await;
    let (owner, channel) = fill(&app).await;
    let first = back_up(&app, &target).await;
    assert_eq!(first.copied, first.files);
    assert!(first.copied >= 6 && first.copied_bytes > 9_000_000, "{first:?}");
    let second = back_up(&app, &target).await;
    assert_eq!((second.copied, second.copied_bytes, second.files), (0, 0, first.files));
    owner.send_file(&channel, "new.txt", "text/plain", b"twelve bytes").await;
    let third = back_up(&app, &target).await;
    assert_eq!((third.copied, third.copied_bytes, third.files), (1, 12, first.files + 1));
    assert_restored(&app, &target, app.engines).await;
}

async fn purged_files_leave_the_back_ups_with_the_last_that_had_them(app: TestApp) {
    let app = alone(&app).await;
    let target = Target::new(app.engines).await;
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "secret.txt", "text/plain", b"secret").await;
    owner.send_file(&channel, "stays.txt", "text/plain", b"stays").await;
    back_up(&app, &target).await;
    owner.delete(&format!("/api/attachments/{id}")).await.ok();
    owner.post(&format!("/api/attachments/{id}/purge"), serde_json::json!({})).await.ok();
    run_jobs(&app.platform).await;
    for number in 1..=KEPT {
        let is_there = target.files().await.iter().any(|name| name.contains(&id));
        assert!(is_there, "back-up {number}: a kept one has it");
        back_up(&app, &target).await;
    }
    let files = target.files().await;
    assert!(!files.iter().any(|name| name.contains(&id)), "{files:?}");
    assert_eq!(files.iter().filter(|name| name.ends_with("/manifest.json")).count(), KEPT);
    assert_eq!(files.iter().filter(|name| name.starts_with("objects/")).count(), 1, "{files:?}");
    assert_eq!(check_all(&target.archive().await).await.expect("it can be checked"), [""; 0]);
}

async fn an_installation_in_use_is_not_overwritten(app: TestApp) {
    let app = alone(&app).await;
    let target = Target::new(app.engines).await;
    fill(&app).await;
    back_up(&app, &target).await;
    let mut used = Empty::new(&app, app.engines).await;
    used.config.database = app.platform.config.database.clone();
    assert!(used.refusal(&target).await.contains("The database is not empty"));
    let mut used = Empty::new(&app, app.engines).await;
    let other = TestApp::start_alone(app.engines).await;
    let channel = other.owner().await.channel("general").await;
    other.owner().await.send_file(&channel, "a.txt", "text/plain", b"other").await;
    used.config.storage = other.platform.config.storage.clone();
    assert!(used.refusal(&target).await.contains("The storage is not empty"));
    assert_eq!(objects_of(&other.platform.storage).await.len(), 1);
}

async fn an_interrupted_restore_is_tried_again(app: TestApp) {
    let app = alone(&app).await;
    let target = Target::new(app.engines).await;
    fill(&app).await;
    back_up(&app, &target).await;
    let empty = Empty::new(&app, app.engines).await;
    // As a crash leaves it: some objects, and tables without rows.
    let objects = objects_of(&app.platform.storage).await;
    let (key, _) = objects.first_key_value().expect("there are objects");
    let secret = attache::platform::secret::Secret::random(&app.platform.clock);
    let storage = attache::platform::storage::Storage::open(&empty.config.storage, secret).await.expect("a storage");
    storage.put_bytes(&key.parse().expect("a key"), "text/plain", b"half".to_vec()).await.expect("it can be written");
    empty.restore(&target).await.expect("it can be restored");
    assert!(objects_of(&storage).await == objects);
}

async fn the_place_of_another_installation_is_refused(app: TestApp) {
    let target = Target::new(app.engines).await;
    back_up(&app, &target).await;
    let other = alone(&app).await;
    let refused = attache::admin::backup::create::create(&other.platform, &target.config).boxed().await;
    assert!(format!("{:#}", refused.expect_err("it must be refused")).contains("another installation"));
}
