//! `attache verify` finds what database and storage disagree about, nothing else, and repairs what can be repaired.

use std::time::Duration;

use attache::admin::verify::{Report, examine, run};
use attache::platform::storage::ObjectKey;
use futures::TryStreamExt;
use serde_json::json;

use crate::backup::{fill, run_jobs};
use crate::support::{Engines, Installation, Parts, TestApp, alone_on_both_engines, files};

alone_on_both_engines![
    a_sound_installation_has_no_problems,
    uploads_and_pending_removals_are_no_problems,
    a_file_that_is_gone_is_marked_so,
    an_avatar_that_is_gone_is_taken_off,
    a_damaged_file_is_reported_and_kept,
    an_object_without_a_row_is_deleted,
    a_preview_that_is_gone_is_made_again,
    wrong_counts_are_corrected,
    a_reference_to_nothing_is_found,
    the_command_ends_with_its_verdict,
];

const DAY: Duration = Duration::from_hours(24);

async fn compared(app: &TestApp) -> Report {
    examine(&app.platform, true).await.expect("it can be compared")
}

/// Asserts that there is one problem, with this text, and returns whether it can be repaired.
async fn one_problem(app: &TestApp, says: &str) -> bool {
    let found = compared(app).await.differences;
    assert!(found.len() == 1 && found[0].says.contains(says), "{says}: {found:?}");
    found[0].repair.is_some()
}

async fn assert_repaired(app: &TestApp) {
    assert!(run(&app.platform, true, true).await.expect("it can be repaired"), "something is left");
    assert_eq!(compared(app).await.differences, []);
}

fn key(id: &str) -> ObjectKey {
    id.parse().expect("a key")
}

async fn a_sound_installation_has_no_problems(app: TestApp) {
    fill(&app).await;
    let report = compared(&app).await;
    assert_eq!((report.differences, report.foreign), (vec![], vec![]));
    // The large one alone has a checksum: of its parts.
    assert!(report.files == 5 && report.bytes > 9_000_000 && report.with_checksum == 1 && report.rows > 20);
    let sizes = examine(&app.platform, false).await.expect("it can be compared");
    assert!(sizes.differences.is_empty() && sizes.bytes == 0);
}

async fn uploads_and_pending_removals_are_no_problems(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    owner.stage(&channel, "staged.txt", "text/plain", b"twelve bytes").await;
    let parts = Parts::begin(&owner, &channel, "big.bin", "", &vec![7; 9 * 1024 * 1024]).await;
    parts.send([1]).await;
    let id = owner.send_file(&channel, "a.txt", "text/plain", b"a").await;
    owner.delete(&format!("/api/attachments/{id}")).await.ok();
    owner.post(&format!("/api/attachments/{id}/purge"), json!({})).await.ok();
    // Also later, as long as the job has not run.
    app.advance(Duration::from_hours(3));
    assert_eq!(compared(&app).await.differences, []);
    run_jobs(&app.platform).await;
    assert_eq!(compared(&app).await.differences, []);
}

async fn a_file_that_is_gone_is_marked_so(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.txt", "text/plain", b"twelve bytes").await;
    app.platform.storage.delete(&key(&id)).await.expect("it can be removed");
    assert!(one_problem(&app, "is not in the storage").await);
    assert!(!run(&app.platform, true, false).await.expect("it can be compared"), "nothing was repaired");
    assert_repaired(&app).await;
    assert_eq!(app.count("attachments WHERE purged_at IS NOT NULL AND id = {id}", &id).await, 1);
    assert_eq!(app.count("audit_entries WHERE action = 'purged' AND attachment_id = {id}", &id).await, 1);
    assert_eq!(owner.get("/api/storage").await.ok()["usedBytes"], 0);
    assert_eq!(owner.messages(&channel).await[0]["attachments"], json!([]), "people see that it was deleted");
}

async fn an_avatar_that_is_gone_is_taken_off(app: TestApp) {
    let owner = app.owner().await;
    owner.picture(json!({ "type": "user-avatar", "fileName": "face.png" }), &files::picture(8, 8)).await;
    let avatar = app.platform.storage.list("avatars/").try_next().await.expect("a list").expect("the avatar");
    app.platform.storage.delete(&key(&avatar.key)).await.expect("it can be removed");
    assert!(one_problem(&app, "is not in the storage").await);
    assert_repaired(&app).await;
    assert_eq!(owner.get("/api/auth/session").await.ok()["user"]["avatarUrl"], json!(null));
}

async fn a_damaged_file_is_reported_and_kept(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let mut bytes = vec![7; 9 * 1024 * 1024];
    let parts = Parts::begin(&owner, &channel, "big.bin", "", &bytes).await;
    parts.send(1..=parts.count).await;
    owner.complete(parts.id()).await.ok();
    owner.send(&channel, "", &[parts.id()]).await.ok();
    assert_eq!(compared(&app).await.differences, []);
    bytes[8 * 1024 * 1024 + 5] ^= 1;
    let put = async |bytes: Vec<u8>| {
        app.platform.storage.put_bytes(&key(parts.id()), "text/plain", bytes).await.expect("it can be written");
    };
    put(bytes.clone()).await;
    assert!(!one_problem(&app, "do not have the checksum").await);
    assert!(examine(&app.platform, false).await.expect("sizes").differences.is_empty(), "its size is right");
    put(bytes[1..].to_vec()).await;
    assert!(!one_problem(&app, "has 9437183 bytes, not 9437184").await);
    assert!(!run(&app.platform, true, true).await.expect("it can be compared"), "only a back-up repairs it");
    assert!(app.platform.storage.head(&key(parts.id())).await.is_ok());
}

async fn an_object_without_a_row_is_deleted(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let stays = owner.send_file(&channel, "a.txt", "text/plain", b"twelve bytes").await;
    let new_id = || app.platform.clock.new_id();
    let unknown = [
        ObjectKey::Attachment(new_id()),
        ObjectKey::UserAvatar(new_id(), new_id()),
        ObjectKey::Derived(new_id(), attache::platform::storage::Derived::Feed),
        ObjectKey::Staging(new_id(), new_id()),
    ];
    for unknown in &unknown {
        app.platform.storage.put_bytes(unknown, "text/plain", b"unknown".to_vec()).await.expect("it can be written");
    }
    assert_eq!(compared(&app).await.differences, [], "a row may come, and a daily job removes previews");
    app.advance(2 * Duration::from_hours(1));
    assert_eq!(compared(&app).await.differences.len(), 2);
    app.advance(4 * DAY);
    assert_eq!(compared(&app).await.differences.len(), 4);
    assert_repaired(&app).await;
    for unknown in &unknown {
        assert!(app.platform.storage.head(unknown).await.is_err(), "{unknown}");
    }
    assert!(app.platform.storage.head(&key(&stays)).await.is_ok());
}

async fn a_preview_that_is_gone_is_made_again(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.png", "image/png", &files::picture(64, 48)).await;
    run_jobs(&app.platform).await;
    let preview = key(&format!("derived/{id}/feed"));
    app.platform.storage.delete(&preview).await.expect("it can be removed");
    assert!(one_problem(&app, &format!("derived/{id} is not in the storage")).await);
    assert_repaired(&app).await;
    run_jobs(&app.platform).await;
    assert!(app.platform.storage.head(&preview).await.is_ok());
    assert_eq!(compared(&app).await.differences, []);
}

async fn wrong_counts_are_corrected(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    owner.send_file(&channel, "a.txt", "text/plain", b"twelve bytes").await;
    app.sql("UPDATE organizations SET used_bytes = 99", "").await;
    assert!(one_problem(&app, "wrong count of used bytes").await);
    assert_repaired(&app).await;
    assert_eq!(owner.get("/api/storage").await.ok()["usedBytes"], 12);
}

async fn a_reference_to_nothing_is_found(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    owner.send(&channel, "hello", &[]).await.ok();
    let statements = match app.engines {
        Engines::SqliteLocal => "PRAGMA foreign_keys = OFF; DELETE FROM messages; PRAGMA foreign_keys = ON;",
        Engines::PostgresGarage => "ALTER TABLE channels DISABLE TRIGGER ALL; DELETE FROM channels;",
    };
    for statement in statements.split_inclusive(';') {
        app.sql(statement, "").await;
    }
    assert!(!compared(&app).await.differences.is_empty());
}

async fn the_command_ends_with_its_verdict(app: TestApp) {
    let installation = Installation::alone(app.engines).await;
    let server = installation.start();
    let owner = crate::crashes::owner_of(&server).await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.txt", "text/plain", b"twelve bytes").await;
    let verify = |arguments: &[&str]| {
        let arguments: Vec<_> = std::iter::once(&"verify").chain(arguments).copied().collect();
        let output = installation.run_command(&arguments, &installation.variables());
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, text) = verify(&[]);
    assert!(code == Some(0) && text.contains("No problems found."), "{text}");
    let secret = attache::platform::secret::Secret::random(&app.platform.clock);
    let storage = attache::platform::storage::Storage::open(&installation.storage, secret).await.expect("a storage");
    storage.delete(&key(&id)).await.expect("it can be removed");
    let (code, text) = verify(&["--sizes"]);
    assert!(code == Some(1) && text.contains(&format!("PROBLEM  file       {id} is not in the storage")), "{text}");
    let (code, text) = verify(&["--repair"]);
    let (will, done) = (text.find("will     mark"), text.find("done     mark"));
    assert!(code == Some(0) && will.is_some() && will < done, "{text}");
    assert_eq!(verify(&[]).0, Some(0));
}
