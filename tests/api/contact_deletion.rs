//! Deletion of a contact with everything that is stored of it, and the export of it.

use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::db::Db;
use attache::platform::jobs::run_due;
use attache::platform::storage::{Derived, ObjectKey, StorageError};
use futures::TryStreamExt;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::file_requests::Link;
use crate::support::zip::{names, unzip};
use crate::support::{Answer, TestApp, User, files, meet, on_both_engines, text};

on_both_engines![
    no_row_and_no_object_is_left,
    files_of_other_conversations_stay,
    a_deleted_contact_is_gone_at_once,
    a_deletion_is_confirmed_by_the_name,
    a_deletion_requires_permissions_for_all_that_is_deleted,
    what_arrives_during_a_deletion_fails_or_is_deleted,
    the_audit_log_keeps_the_name,
    a_file_of_a_deleted_message_elsewhere_can_be_restored,
    all_data_is_exported,
];

const SUMS: &str = "SELECT COALESCE(sum(bytes), 0)";

fn contact_path(contact: &Value) -> String {
    format!("/api/contacts/{}", text(&contact["id"]))
}

async fn delete(user: &User, contact: &Value, name: &str) -> Answer {
    user.call("DELETE", &contact_path(contact), Some(json!({ "name": name }))).await
}

async fn run_jobs(app: &TestApp) {
    for _ in 0..3 {
        run_due(&app.platform, JOBS).await.expect("jobs can be read");
    }
}

/// Returns all columns with ids, by the schema.
async fn id_columns(app: &TestApp) -> Vec<(String, String)> {
    let columns = match &app.platform.db {
        Db::Sqlite(pools) => {
            let query = "SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p
                WHERE m.type = 'table' AND upper(p.type) = 'BLOB' AND m.name NOT LIKE 'search\\_grams%' ESCAPE '\\'";
            sqlx::query_as(query).fetch_all(&pools.writer).await
        }
        Db::Postgres(pools) => {
            let query = "SELECT table_name::text, column_name::text FROM information_schema.columns
                WHERE table_schema = 'public' AND data_type = 'uuid'";
            sqlx::query_as(query).fetch_all(&pools.requests).await
        }
    };
    columns.expect("the schema can be read")
}

/// Returns where one of these ids is stored. The audit log keeps them; a job is done or finds nothing.
async fn rows_with(app: &TestApp, ids: &[String]) -> Vec<String> {
    let columns = id_columns(app).await;
    assert!(columns.len() > 60, "{columns:?}");
    let columns: Vec<_> =
        columns.into_iter().filter(|(table, _)| table != "audit_entries" && table != "jobs").collect();
    let conditions: Vec<_> = columns.iter().map(|(table, column)| format!("{table} WHERE {column} = {{id}}")).collect();
    let conditions: Vec<_> = conditions.iter().map(String::as_str).collect();
    let mut found = Vec::new();
    for id in ids {
        let counts = app.counts(&conditions, id).await;
        let rows = conditions.iter().zip(counts).filter(|(_, count)| *count > 0);
        found.extend(rows.map(|(condition, count)| format!("{}: {count}", condition.replace("{id}", id))));
    }
    found
}

async fn has_objects(app: &TestApp, id: &str) -> bool {
    let id: Uuid = id.parse().expect("an id");
    let stored = match app.platform.storage.head(&ObjectKey::Attachment(id)).await {
        Ok(_) => true,
        Err(StorageError::NotFound) => false,
        Err(error) => panic!("{error}"),
    };
    let folder = format!("derived/{id}/");
    let derived: Vec<_> = app.platform.storage.list(&folder).try_collect().await.expect("objects can be listed");
    stored || !derived.is_empty()
}

async fn used_bytes(user: &User) -> Value {
    user.get("/api/storage").await.ok()["usedBytes"].clone()
}

async fn no_row_and_no_object_is_left(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let general = owner.channel("general").await;
    owner.send_file(&general, "kept.txt", "text/plain", b"kept").await;
    let used = used_bytes(&owner).await;
    let jane = owner.contact("Jane", "Doe", "+1 (555) 123-4567").await;
    let guest = app.guest_of(&jane).await;
    let channel = text(&jane["channelId"]);
    let mut ids = vec![text(&jane["id"]), channel.clone()];

    // Messages with everything that refers to them.
    let first = text(&owner.send(&channel, "searchable words", &[]).await.ok()["id"]);
    let reply = json!({ "body": "reply", "attachmentIds": [], "replyTo": first });
    let reply = text(&member.post(&format!("/api/channels/{channel}/messages"), reply).await.ok()["id"]);
    owner.put(&format!("/api/messages/{reply}/reactions"), json!({ "emoji": "👍", "reacted": true })).await.ok();
    guest.post(&format!("/api/channels/{channel}/read"), json!({ "messageId": reply })).await.ok();
    let photo = owner.upload(&channel, "photo.png", "image/png", &files::picture(900, 900)).await;
    let note = owner.upload(&channel, "note.txt", "text/plain", b"note").await;
    let with_files = text(&owner.send(&channel, "two files", &[&photo, &note]).await.ok()["id"]);
    let deleted = owner.send_file(&channel, "deleted.txt", "text/plain", b"deleted").await;
    owner.delete(&format!("/api/attachments/{deleted}")).await.ok();
    let purged = owner.send_file(&channel, "purged.txt", "text/plain", b"purged").await;
    owner.delete(&format!("/api/attachments/{purged}")).await.ok();
    owner.poke(&format!("/api/attachments/{purged}/purge")).await.ok();
    let removed = text(&owner.send(&channel, "removed", &[]).await.ok()["id"]);
    owner.delete(&format!("/api/messages/{removed}")).await.ok();
    let statement =
        "INSERT INTO message_attachments (message_id, position, url, media_type, preview_id, preview, width, height)
         VALUES ({id}, 9, 'https://example.com/a.png', 'IMAGE', {id}, 'ready', 8, 8)";
    app.sql(statement, &first).await;
    let preview = ObjectKey::Derived(first.parse().unwrap(), Derived::Feed);
    app.platform.storage.put_bytes(&preview, "image/webp", vec![0]).await.expect("it is stored");
    // Uploads in every state.
    let unsent = member.upload(&channel, "unsent.txt", "text/plain", b"unsent").await;
    let staged = owner.stage(&channel, "staged.txt", "text/plain", b"staged").await.id;
    let failed = owner.presign(&channel, "failed.txt", "text/plain", b"failed").await.id;
    owner.fail(&failed, "given up").await.ok();
    // Links.
    for body in [json!({ "attachmentId": photo }), json!({ "messageId": with_files })] {
        ids.push(text(&owner.post("/api/share-links", body).await.ok()["id"]));
    }
    let request = Link::create(&app, &owner, &channel, json!({})).await;
    ids.push(request.id.clone());
    let received = request.upload("received.txt", "text/plain", b"received").await;
    run_jobs(&app).await;
    assert!(has_objects(&app, &photo).await);
    assert_ne!(used_bytes(&owner).await, used);
    // Programs that are limited to it. Created last, so that nothing is delivered.
    let webhook = json!({ "url": "https://8.8.8.8/", "events": ["message.created"], "channelId": channel });
    ids.push(text(&owner.post("/api/webhooks", webhook).await.ok()["id"]));

    let all_files = [photo, note, deleted, purged, unsent, staged, failed, received];
    ids.extend([first.clone(), reply, with_files, removed]);
    ids.extend(all_files.iter().cloned());
    assert!(rows_with(&app, &ids).await.len() > ids.len());
    delete(&owner, &jane, "Jane Doe").await.ok();
    run_jobs(&app).await;
    assert_eq!(rows_with(&app, &ids).await, [""; 0]);
    for id in all_files.iter().chain([&first]) {
        assert!(!has_objects(&app, id).await, "{id} has an object");
    }
    assert_eq!(used_bytes(&owner).await, used);
    assert_eq!(app.count("jobs WHERE name = 'remove_contact'", "").await, 0);
    // Sums by conversation, member and type agree with the files that are left.
    app.advance(Duration::from_mins(2));
    run_jobs(&app).await;
    let sums = ["storage_by_channel", "storage_by_member", "storage_by_type"];
    let files = "(SELECT COALESCE(sum(file_size), 0) FROM attachments WHERE status <> 'failed' AND purged_at IS NULL)";
    for table in sums {
        let condition = format!("organizations WHERE ({SUMS} FROM {table}) <> {files}");
        assert_eq!(app.count(&condition, "").await, 0, "{table}");
    }
}

async fn files_of_other_conversations_stay(app: TestApp) {
    let owner = app.owner().await;
    let general = owner.channel("general").await;
    let jane = owner.contact("Jane", "Doe", "").await;
    let channel = text(&jane["channelId"]);
    // One from Jane's conversation that is forwarded, one the other way round, and one that becomes an icon.
    let forwarded = owner.send_file(&channel, "forwarded.txt", "text/plain", b"forwarded").await;
    let shown = text(&owner.send(&general, "look", &[&forwarded]).await.ok()["id"]);
    let own = owner.send_file(&general, "own.txt", "text/plain", b"own").await;
    owner.send(&channel, "look", &[&own]).await.ok();
    let icon = owner.send_file(&channel, "icon.png", "image/png", &files::picture(8, 8)).await;
    let bucket = json!({ "name": "Door", "iconAttachmentUuid": icon });
    let bucket = text(&owner.post("/api/buckets", bucket).await.ok()["id"]);
    let gone = owner.send_file(&channel, "gone.txt", "text/plain", b"gone").await;
    let link = owner.post("/api/share-links", json!({ "attachmentId": forwarded })).await.ok();

    delete(&owner, &jane, "Jane Doe").await.ok();
    assert_eq!(owner.download(&forwarded, "").await.bytes, b"forwarded", "also before the job");
    run_jobs(&app).await;
    for (id, bytes) in [(&forwarded, &b"forwarded"[..]), (&own, &b"own"[..])] {
        let answer = owner.download(id, "").await;
        assert_eq!((answer.status, answer.bytes.as_slice()), (200, bytes));
    }
    assert_eq!(owner.download(&icon, "").await.status, 200);
    assert_eq!(owner.download(&gone, "").await.status, 404);
    assert_eq!(app.count("attachments WHERE id = {id} AND channel_id IS NOT NULL", &icon).await, 1);
    assert_eq!(app.count("channels WHERE id = {id} AND icon_id IS NOT NULL", &bucket).await, 1);
    let message = owner.get(&format!("/api/messages/{shown}")).await.ok();
    assert_eq!(message["attachments"][0]["id"], forwarded.as_str());
    let listed = owner.get(&format!("/api/files?channel={general}")).await.ok();
    assert_eq!(listed["files"].as_array().expect("a list").len(), 2);
    let page = app.anonymous().get(&text(&link["url"])).await;
    assert_eq!(page.status, 200, "a link to a file that stays");
    assert_eq!(rows_with(&app, &[text(&jane["id"]), text(&jane["channelId"]), gone]).await, [""; 0]);
}

async fn a_deleted_contact_is_gone_at_once(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let jane = owner.contact("Jane", "Doe", "+1 (555) 123-4567").await;
    let channel = text(&jane["channelId"]);
    let file = owner.send_file(&channel, "a.txt", "text/plain", b"a").await;
    let message = text(&owner.messages(&channel).await[0]["id"]);
    let staged = owner.stage(&channel, "b.txt", "text/plain", b"b").await.id;
    let link = owner.post("/api/share-links", json!({ "attachmentId": file })).await.ok();
    let request = owner.post("/api/file-requests", json!({ "channelId": channel })).await.ok();
    let program = owner.program(&["messages:write", "contacts:read", "contacts:write"]).await;
    let mut heard = member.listen().await;
    delete(&owner, &jane, "Jane Doe").await.ok();
    heard.next_named("access.changed").await;

    // Before any job.
    for path in [
        contact_path(&jane),
        format!("/api/channels/{channel}"),
        format!("/api/conversations/{channel}"),
        format!("/api/messages/{message}"),
        format!("/api/messages/attachments/{file}"),
        format!("{}/export.zip", contact_path(&jane)),
    ] {
        owner.get(&path).await.refused(404, "not_found");
    }
    assert_eq!(owner.get("/api/contacts").await.ok(), json!([]));
    assert_eq!(owner.get("/api/contacts?search=jane").await.ok(), json!([]));
    assert_eq!(owner.get("/api/conversations?kind=contact").await.ok(), json!([]));
    owner.send(&channel, "late", &[]).await.refused(404, "not_found");
    owner.complete(&staged).await.refused(404, "not_found");
    let late = json!({ "type": "attachment", "channelId": channel, "fileName": "c.txt", "fileSize": 1, "contentType": "text/plain" });
    owner.post("/api/uploads/presign", late).await.refused(404, "not_found");
    delete(&owner, &jane, "Jane Doe").await.refused(404, "not_found");
    for url in [&link["url"], &request["url"]] {
        assert_eq!(app.anonymous().get(&text(url)).await.status, 404, "{url}");
    }
    // The phone is free for another contact, with another conversation.
    let inbound = json!({ "contact": { "phone": "+15551234567" }, "direction": "inbound", "body": "Hello" });
    let again = program.post("/messages", inbound).await.created();
    assert_ne!(again["bucketId"], jane["channelId"]);
    run_jobs(&app).await;
    assert_eq!(owner.get("/api/contacts").await.ok().as_array().expect("a list").len(), 1);
}

async fn a_deletion_is_confirmed_by_the_name(app: TestApp) {
    let owner = app.owner().await;
    let jane = owner.contact("Jane", "Doe", "").await;
    for name in ["", "Jane", "Jane Roe"] {
        delete(&owner, &jane, name).await.refused_field("name");
    }
    owner.call("DELETE", &contact_path(&jane), Some(json!({}))).await.refused(400, "malformed_request");
    assert_eq!(owner.get(&contact_path(&jane)).await.ok(), jane);
    delete(&owner, &jane, " jane  doe ").await.ok();
    let nameless = owner.contact("", "", "+49 30 901820").await;
    delete(&owner, &nameless, "+49 30 901820").await.ok();
}

async fn a_deletion_requires_permissions_for_all_that_is_deleted(app: TestApp) {
    let (owner, admin, member) = (app.owner().await, app.admin().await, app.member().await);
    let jane = owner.contact("Jane", "Doe", "").await;
    let guest = app.guest_of(&jane).await;
    for user in [&member, &guest, &app.guest().await] {
        delete(user, &jane, "Jane Doe").await.refused(403, "forbidden");
    }
    delete(&app.other_organization().await, &jane, "Jane Doe").await.refused(404, "not_found");
    let all = ["Contact:View", "Contact:Edit", "Message:DeleteAny", "Attachment:DeleteAny"];
    for missing in &all[1..] {
        let permissions: Vec<_> = all.iter().filter(|permission| *permission != missing).collect();
        owner.patch("/api/roles", json!({ "role": "member", "permissions": permissions })).await.ok();
        delete(&member, &jane, "Jane Doe").await.refused(403, "forbidden");
    }
    owner.patch("/api/roles", json!({ "role": "member", "permissions": all })).await.ok();
    delete(&member, &jane, "Jane Doe").await.ok();
    let bob = owner.contact("Bob", "", "").await;
    delete(&admin, &bob, "Bob").await.ok();
}

async fn what_arrives_during_a_deletion_fails_or_is_deleted(app: TestApp) {
    const ORGANIZATION: &str =
        "SELECT 1 FROM organizations WHERE id IN (SELECT organization_id FROM members WHERE id = {id})";
    let owner = app.owner().await;
    for round in 0..6 {
        let jane = owner.contact("Jane", "Doe", "").await;
        let channel = text(&jane["channelId"]);
        let (writer, remover, target, to) = (owner.clone(), owner.clone(), jane.clone(), channel.clone());
        let arrival = async move {
            match round % 3 {
                0 => writer.send(&to, "late", &[]).await,
                1 => {
                    let body = json!({ "type": "attachment", "channelId": to, "fileName": "c.txt", "fileSize": 1, "contentType": "text/plain" });
                    writer.post("/api/uploads/presign", body).await
                }
                _ => writer.post("/api/file-requests", json!({ "channelId": to })).await,
            }
        };
        let removal = async move { delete(&remover, &target, "Jane Doe").await };
        let (sent, deleted) = if round < 3 {
            meet(&app, (ORGANIZATION, &owner.member_id), arrival, removal).await
        } else {
            let (deleted, sent) = meet(&app, (ORGANIZATION, &owner.member_id), removal, arrival).await;
            (sent, deleted)
        };
        deleted.ok();
        assert!(matches!(sent.status, 200 | 404), "{}", sent.text());
        run_jobs(&app).await;
        assert_eq!(rows_with(&app, &[text(&jane["id"]), channel]).await, [""; 0], "round {round}");
    }
}

async fn the_audit_log_keeps_the_name(app: TestApp) {
    let owner = app.owner().await;
    let jane = owner.contact("Jane", "Doe", "").await;
    let channel = text(&jane["channelId"]);
    owner.send_file(&channel, "a.txt", "text/plain", b"a").await;
    let entries = async || owner.get(&format!("/api/audit-entries?channel={channel}")).await.ok()["entries"].clone();
    assert_eq!(entries().await[0]["conversation"], "Jane Doe");
    delete(&owner, &jane, "Jane Doe").await.ok();
    for _ in 0..2 {
        let entries = entries().await;
        let entries = entries.as_array().expect("a list");
        assert!(entries.iter().all(|entry| entry["conversation"] == "Jane Doe"), "{entries:?}");
        let deleted = entries.iter().find(|entry| entry["action"] == "contact_deleted").expect("it is logged");
        assert_eq!((&deleted["detail"], &deleted["actor"]["name"]), (&json!("Jane Doe"), &json!("Olga Owner")));
        assert!(entries.iter().any(|entry| entry["action"] == "uploaded" && entry["fileName"] == "a.txt"));
        run_jobs(&app).await;
    }
}

async fn a_file_of_a_deleted_message_elsewhere_can_be_restored(app: TestApp) {
    let owner = app.owner().await;
    let general = owner.channel("general").await;
    let jane = owner.contact("Jane", "Doe", "").await;
    let file = owner.send_file(&text(&jane["channelId"]), "a.txt", "text/plain", b"a").await;
    let message = text(&owner.send(&general, "look", &[&file]).await.ok()["id"]);
    owner.delete(&format!("/api/messages/{message}")).await.ok();
    delete(&owner, &jane, "Jane Doe").await.ok();
    run_jobs(&app).await;
    assert_eq!(owner.download(&file, "").await.status, 404);
    owner.poke(&format!("/api/messages/{message}/restore")).await.ok();
    assert_eq!(owner.download(&file, "").await.bytes, b"a");
}

async fn all_data_is_exported(app: TestApp) {
    let owner = app.owner().await;
    let jane = owner.contact("Jane", "Doe", "+1 (555) 123-4567").await;
    let channel = text(&jane["channelId"]);
    let path = format!("{}/export.zip", contact_path(&jane));
    let empty = unzip(&owner.get(&path).await.bytes);
    assert_eq!(names(&empty), ["contact.json", "messages.json"]);
    assert_eq!(serde_json::from_str::<Value>(&empty[1].text()).unwrap(), json!([]));

    for number in 0..250 {
        owner.send(&channel, &format!("message {number}"), &[]).await.ok();
    }
    let first = owner.send_file(&channel, "a.txt", "text/plain", b"first").await;
    let second = owner.send_file(&channel, "a.txt", "text/plain", b"second").await;
    let odd = owner.send_file(&channel, "contact.json", "application/json", b"{}").await;
    let answer = owner.get(&path).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/zip"));
    assert!(answer.header("content-disposition").contains("Jane Doe data.zip"));
    let entries = unzip(&answer.bytes);
    let expected = [
        "contact.json",
        "files/Jane_15551234567_a.txt",
        "files/Jane_15551234567_a (2).txt",
        "files/Jane_15551234567_contact.json",
        "messages.json",
    ];
    assert_eq!(names(&entries), expected);
    assert_eq!((entries[1].text().as_str(), entries[2].text().as_str()), ("first", "second"));
    let contact: Value = serde_json::from_str(&entries[0].text()).expect("JSON");
    assert_eq!((&contact["firstName"], &contact["phones"]), (&jane["firstName"], &jane["phones"]));
    let messages: Value = serde_json::from_str(&entries[4].text()).expect("JSON");
    let messages = messages.as_array().expect("a list");
    assert_eq!(messages.len(), 253);
    assert_eq!((&messages[0]["body"], &messages[249]["body"]), (&json!("message 0"), &json!("message 249")));
    for (message, (id, path)) in messages[250..].iter().zip([&first, &second, &odd].into_iter().zip(&expected[1..4])) {
        let file = &message["attachments"][0];
        assert_eq!((&file["id"], &file["path"]), (&json!(id), &json!(path)));
    }
    let entries = owner.get("/api/audit-entries?action=contact_exported").await.ok()["entries"].clone();
    assert_eq!((entries.as_array().unwrap().len(), &entries[0]["detail"]), (2, &json!("Jane Doe")));
    assert_eq!(owner.call("HEAD", &path, None).await.status, 200);
    app.guest_of(&jane).await.get(&path).await.refused(403, "forbidden");
    app.other_organization().await.get(&path).await.refused(404, "not_found");
}
