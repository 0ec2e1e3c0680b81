//! A moved installation equals the one that it was, however much is written while it is moved.

use std::sync::{Arc, Mutex};

use attache::admin::moving::{delete, undo};
use attache::platform::Platform;
use attache::platform::config::MoveTarget;
use serde_json::json;

use super::{assert_moved, assert_sound, both, kept_objects, moved, moving, other};
use crate::backup::{Empty, fill, log_in, objects_of, rows_of};
use crate::support::{Answer, TestApp, Upload, User, alone_on_both_engines, files, text, until};

alone_on_both_engines![
    every_row_and_every_byte_is_moved_to_the_other_engines,
    the_same_engines_can_be_a_target_too,
    the_database_alone_is_moved,
    the_files_alone_are_moved,
    what_was_acknowledged_during_a_move_is_in_the_target,
    the_old_installation_stays_until_it_is_deleted,
    an_undone_move_leaves_the_old_installation_in_use,
    an_unfinished_upload_starts_again,
];

async fn every_row_and_every_byte_is_moved_to_the_other_engines(app: TestApp) {
    let (_, channel) = fill(&app).await;
    let empty = Empty::new(&app, other(app.engines)).await;
    let done = moved(&app, &both(&empty)).await;
    assert!(done.rows > 30 && done.files >= 6 && done.missing.is_empty(), "{done:?}");
    let target = empty.start().await;
    assert_moved(&app, &target).await;
    let owner = log_in(&target, "owner@example.com").await;
    let message = owner.messages(&channel).await;
    let photo = message.iter().find_map(|message| {
        message["attachments"].as_array()?.iter().find(|file| file["fileName"] == "photo.png").cloned()
    });
    let id = text(&photo.expect("the photo is in its message")["id"]);
    assert_eq!(owner.download(&id, "").await.bytes, files::picture(64, 48));
    owner.send(&channel, "work goes on", &[]).await.ok();
}

async fn the_same_engines_can_be_a_target_too(app: TestApp) {
    fill(&app).await;
    let empty = Empty::new(&app, app.engines).await;
    moved(&app, &both(&empty)).await;
    assert_moved(&app, &empty.start().await).await;
}

async fn the_database_alone_is_moved(app: TestApp) {
    let (owner, channel) = fill(&app).await;
    let mut empty = Empty::new(&app, other(app.engines)).await;
    let staged = owner.stage(&channel, "begun.txt", "text/plain", b"begun before").await;
    let target = MoveTarget { database: Some(empty.config.database.clone()), storage: None };
    let done = moved(&app, &target).await;
    assert!(done.rows > 30 && done.files == 0, "{done:?}");
    empty.config.storage = app.platform.config.storage.clone();
    let target = empty.start().await;
    assert_moved(&app, &target).await;
    // Its bytes are where they were.
    let owner = log_in(&target, "owner@example.com").await;
    owner.complete(&staged.id).await.ok();
}

async fn the_files_alone_are_moved(app: TestApp) {
    let (_, channel) = fill(&app).await;
    let empty = Empty::new(&app, other(app.engines)).await;
    let to = MoveTarget { database: None, storage: Some(empty.config.storage.clone()) };
    let done = moved(&app, &to).await;
    assert!(done.rows == 0 && done.files >= 6, "{done:?}");
    let before = kept_objects(&app).await;
    app.owner().await.send(&channel, "too late", &[]).await.refused(503, "read_only");
    // The old settings are refused, the new ones can be used.
    let old = app.platform.config.clone();
    let refused = Platform::open(old.clone()).await.err().expect("it must be refused").to_string();
    assert!(refused.contains("was moved to"), "{refused}");
    let mut config = old.clone();
    config.storage = empty.config.storage.clone();
    let target = TestApp::start_with(app.engines, |usual| *usual = config).await;
    assert!(before == kept_objects(&target).await, "the bytes differ");
    app.owner().await.at(&target.base).send(&channel, "work goes on", &[]).await.ok();
    let refused = Platform::open(old.clone()).await.err().expect("it must be refused").to_string();
    assert!(refused.contains("The files of this installation were moved"), "{refused}");
    assert!(undo(&old).await.is_err(), "the new storage is in use");
    assert!(delete(&target.platform.config).await.is_err(), "the new storage is in use");
    delete(&old).await.expect("the old files can be deleted");
    assert_eq!(objects_of(&app.platform.storage).await.len(), 0);
    assert!(before == kept_objects(&target).await, "the bytes differ");
}

/// Sends a message with a file. Returns its id, or the response that refused one of the requests.
async fn try_send(owner: &User, channel: &str, body: &str) -> Result<String, Box<Answer>> {
    let accepted = |answer: Answer| if answer.status == 503 { Err(Box::new(answer)) } else { Ok(answer.ok()) };
    let request = json!({ "type": "attachment", "channelId": channel, "fileName": "a.txt", "fileSize": body.len(),
        "contentType": "text/plain" });
    let upload = Upload::new(accepted(owner.post("/api/uploads/presign", request).await)?, body.as_bytes());
    upload.put().await;
    accepted(owner.complete(&upload.id).await)?;
    Ok(text(&accepted(owner.send(channel, body, &[&upload.id]).await)?["id"]))
}

/// Sends messages until one is refused, because the installation is read-only.
async fn write(owner: User, channel: String, writer: usize, sent: Arc<Mutex<Vec<String>>>) {
    for number in 0.. {
        match try_send(&owner, &channel, &format!("{writer}-{number}")).await {
            Ok(id) => sent.lock().expect("nobody panics with it").push(id),
            Err(answer) => {
                answer.refused(503, "read_only");
                return;
            }
        }
    }
}

async fn what_was_acknowledged_during_a_move_is_in_the_target(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for number in 0..20 {
        owner.send_file(&channel, "a.txt", "text/plain", format!("{number}").as_bytes()).await;
    }
    let sent = Arc::new(Mutex::new(Vec::new()));
    let count = || sent.lock().expect("nobody panics with it").len();
    let writers: Vec<_> =
        (0..3).map(|writer| tokio::spawn(write(owner.clone(), channel.clone(), writer, sent.clone()))).collect();
    until("some messages are sent", async || count() >= 6).await;
    let before = count();
    let empty = Empty::new(&app, other(app.engines)).await;
    moved(&app, &both(&empty)).await;
    for writer in writers {
        writer.await.expect("every message is accepted until the installation is read-only");
    }
    assert!(count() > before, "messages are sent while files are copied");
    let target = empty.start().await;
    assert_sound(&app, &target).await;
    let rows = rows_of(&target.platform.config.database).await;
    let messages = serde_json::to_string(&rows["messages"]).expect("rows are JSON");
    for id in sent.lock().expect("nobody panics with it").iter() {
        assert!(messages.contains(&id.replace('-', "")), "the message {id} is lost");
    }
}

async fn the_old_installation_stays_until_it_is_deleted(app: TestApp) {
    let (owner, channel) = fill(&app).await;
    let empty = Empty::new(&app, other(app.engines)).await;
    assert!(delete(&app.platform.config).await.is_err(), "it was not moved");
    moved(&app, &both(&empty)).await;
    // A repeated command changes nothing.
    assert_eq!(moving(&app.platform.config, &both(&empty)).await.expect("it was moved"), None);
    let target = empty.start().await;
    let (rows, objects) = (rows_of(&empty.config.database).await, kept_objects(&target).await);
    owner.send(&channel, "too late", &[]).await.refused(503, "read_only");
    assert!(!owner.messages(&channel).await.is_empty(), "it can be read");
    delete(&app.platform.config).await.expect("it can be deleted");
    assert_eq!(objects_of(&app.platform.storage).await.len(), 0);
    assert!(rows_of(&app.platform.config.database).await.values().all(Vec::is_empty));
    let refused = Platform::open(app.platform.config.clone()).await.err().expect("it must be refused").to_string();
    assert!(refused.contains("was moved to"), "{refused}");
    assert!(rows == rows_of(&empty.config.database).await && objects == kept_objects(&target).await);
}

async fn an_undone_move_leaves_the_old_installation_in_use(app: TestApp) {
    let (owner, channel) = fill(&app).await;
    let empty = Empty::new(&app, other(app.engines)).await;
    assert!(undo(&app.platform.config).await.is_err(), "it was not moved");
    moved(&app, &both(&empty)).await;
    owner.send(&channel, "too late", &[]).await.refused(503, "read_only");
    undo(&app.platform.config).await.expect("it can be undone");
    owner.send(&channel, "work goes on", &[]).await.ok();
    // It can be moved again, to an empty target.
    let empty = Empty::new(&app, other(app.engines)).await;
    moved(&app, &both(&empty)).await;
    assert_moved(&app, &empty.start().await).await;
}

async fn an_unfinished_upload_starts_again(app: TestApp) {
    let (owner, channel) = fill(&app).await;
    let staged = owner.stage(&channel, "begun.txt", "text/plain", b"begun before").await;
    let empty = Empty::new(&app, other(app.engines)).await;
    moved(&app, &both(&empty)).await;
    owner.complete(&staged.id).await.refused(503, "read_only");
    let target = empty.start().await;
    let owner = log_in(&target, "owner@example.com").await;
    owner.complete(&staged.id).await.refused(422, "object_missing");
    owner.fail(&staged.id, "x").await.ok();
    let again = Upload::new(owner.retry(&staged.id).await.ok(), b"begun before");
    again.put().await;
    owner.complete(&again.id).await.ok();
    owner.send(&channel, "sent", &[&again.id]).await.ok();
    assert_eq!(owner.download(&again.id, "").await.bytes, b"begun before");
}
