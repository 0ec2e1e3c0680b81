//! The audit log: an entry for each action, none otherwise, with filters and as CSV.

use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TestApp, User, on_both_engines, text};

on_both_engines![
    each_deed_has_one_entry,
    a_download_is_noted_once_however_it_is_taken,
    a_zip_notes_each_file_that_is_in_it,
    visits_of_a_link_are_logged,
    downloads_of_programs_and_public_downloads_are_logged,
    a_message_takes_its_files_along,
    rejected_requests_are_not_logged,
    the_log_is_filtered,
    the_log_is_paged,
    the_log_requires_managing_the_organization,
    the_csv_contains_the_filtered_entries,
    times_of_the_csv_sort_as_text,
    a_download_does_not_depend_on_the_log,
    changes_of_people_permissions_and_settings_are_logged,
];

/// Returns entries about files and messages, latest first.
async fn log(user: &User, query: &str) -> Vec<Value> {
    let page = user.get(&format!("/api/audit-entries{query}")).await.ok();
    let entries = page["entries"].as_array().expect("a list").clone();
    entries.into_iter().filter(|entry| entry["detail"] == "").collect()
}

/// Returns `action who file`, oldest first.
fn told(entries: &[Value]) -> Vec<String> {
    let line = |entry: &Value| {
        let (action, who) = (text(&entry["action"]), text(&entry["actor"]["name"]));
        format!("{action} {who} {}", text(&entry["fileName"])).trim().to_owned()
    };
    entries.iter().rev().map(line).collect()
}

async fn each_deed_has_one_entry(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let id = member.send_file(&channel, "a.txt", "text/plain", b"a").await;
    member.complete(&id).await.ok();
    owner.get(&format!("/api/messages/attachments/{id}?download=1")).await;
    let link = owner.post("/api/share-links", json!({ "attachmentId": id })).await.ok();
    for _ in 0..2 {
        owner.poke(&format!("/api/share-links/{}/revoke", text(&link["id"]))).await.ok();
    }
    member.delete(&format!("/api/attachments/{id}")).await.ok();
    owner.poke(&format!("/api/attachments/{id}/restore")).await.ok();
    member.delete(&format!("/api/attachments/{id}")).await.ok();
    for _ in 0..2 {
        owner.poke(&format!("/api/attachments/{id}/purge")).await.ok();
    }
    let entries = log(&owner, "").await;
    assert_eq!(
        told(&entries),
        [
            "uploaded Mia Member a.txt",
            "downloaded Olga Owner a.txt",
            "shared Olga Owner a.txt",
            "share_revoked Olga Owner a.txt",
            "deleted Mia Member a.txt",
            "restored Olga Owner a.txt",
            "deleted Mia Member a.txt",
            "purged Olga Owner a.txt",
        ]
    );
    let latest = &entries[0];
    assert_eq!((&latest["attachmentId"], &latest["channelId"]), (&json!(id), &json!(channel)));
    assert_eq!((&latest["conversation"], &latest["actor"]["kind"]), (&json!("#general"), &json!("member")));
    assert_eq!(log(&owner, &format!("?attachment={id}")).await.len(), 8);
}

async fn a_download_is_noted_once_however_it_is_taken(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.txt", "text/plain", b"hello").await;
    let path = format!("/api/messages/attachments/{id}");
    let count = async || log(&owner, "?action=downloaded").await.len();
    // Viewing it, and asking for its size, are not downloads.
    owner.get(&path).await;
    owner.call("HEAD", &format!("{path}?download=1"), None).await;
    assert_eq!(count().await, 0);
    let part = async |range: &str| {
        let request = owner.request(Method::GET, &format!("{path}?download=1")).header("range", range.to_owned());
        owner.send_request(request).await;
    };
    // A download manager requests one byte first, to learn the size.
    part("bytes=0-0").await;
    assert_eq!(count().await, 0);
    part("bytes=0-1").await;
    part("bytes=2-3").await;
    part("bytes=4-").await;
    assert_eq!(count().await, 1);
    owner.get(&format!("{path}?download=true")).await;
    assert_eq!(count().await, 2);
}

async fn a_zip_notes_each_file_that_is_in_it(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let first = owner.upload(&channel, "a.txt", "text/plain", b"a").await;
    let second = owner.upload(&channel, "b.txt", "text/plain", b"b").await;
    let message = text(&owner.send(&channel, "", &[&first, &second]).await.ok()["id"]);
    for path in [format!("/api/messages/{message}/zip"), format!("/api/channels/{channel}/zip")] {
        let head = owner.call("HEAD", &path, None).await;
        assert_eq!((head.status, head.header("content-type")), (200, "application/zip"));
        assert!(head.header("content-disposition").contains("files.zip"));
        let ahead = owner.request(Method::GET, &path).header("sec-purpose", "prefetch");
        owner.send_request(ahead).await.refused(503, "unavailable");
    }
    let ahead = owner.request(Method::GET, &format!("/api/messages/attachments/{first}?download=1"));
    owner.send_request(ahead.header("sec-purpose", "prefetch")).await.refused(503, "unavailable");
    assert_eq!(told(&log(&owner, "?action=downloaded").await), [] as [&str; 0]);
    assert_eq!(owner.get(&format!("/api/messages/{message}/zip")).await.status, 200);
    let entries = log(&owner, "?action=downloaded").await;
    assert_eq!(told(&entries), ["downloaded Olga Owner a.txt", "downloaded Olga Owner b.txt"]);
    assert!(entries.iter().all(|entry| entry["messageId"] == message.as_str()));
}

async fn visits_of_a_link_are_logged(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let first = owner.upload(&channel, "a.txt", "text/plain", b"a").await;
    let second = owner.upload(&channel, "b.txt", "text/plain", b"b").await;
    let message = text(&owner.send(&channel, "", &[&first, &second]).await.ok()["id"]);
    let link = owner.post("/api/share-links", json!({ "messageId": message })).await.ok();
    let page = text(&link["url"]).strip_prefix(&app.base).unwrap().to_owned();
    app.anonymous().get(&page).await;
    app.anonymous().get(&format!("{page}/{second}?download=1")).await;
    app.anonymous().get(&format!("{page}/zip")).await;
    let entries = log(&owner, "?who=visitors").await;
    assert_eq!(
        told(&entries),
        [
            "share_opened Someone with the link a.txt",
            "share_downloaded Someone with the link b.txt",
            "share_downloaded Someone with the link a.txt",
            "share_downloaded Someone with the link b.txt",
        ]
    );
    for entry in &entries {
        assert_eq!((&entry["shareLinkId"], &entry["actor"]["network"]), (&link["id"], &json!("127.0.0.1")));
        assert_eq!((&entry["actor"]["kind"], &entry["actor"]["memberId"]), (&json!("visitor"), &Value::Null));
    }
    // A file and a zip: two downloads.
    assert_eq!(owner.get("/api/share-links").await.ok()[0]["downloadCount"], 2);
}

async fn downloads_of_programs_and_public_downloads_are_logged(app: TestApp) {
    let owner = app.owner().await;
    let program = owner.program(&["messages:write", "attachments:read"]).await;
    let bucket =
        text(&owner.post("/api/buckets", json!({ "name": "deploys", "publicDownloads": true })).await.ok()["id"]);
    let id = owner.send_file(&bucket, "a.txt", "text/plain", b"a").await;
    assert_eq!(program.download(&id).await.bytes, b"a");
    let public = format!("/api/v1/attachments/{id}/download/public");
    app.anonymous().get(&public).await;
    app.anonymous().call("HEAD", &public, None).await;
    let rest = owner.request(Method::GET, &public).header("range", "bytes=1-");
    owner.send_request(rest).await;
    app.anonymous().get("/api/v1/attachments/00000000-0000-7000-8000-000000000000/download/public").await;
    let entries = log(&owner, "?action=downloaded").await;
    assert_eq!(told(&entries), ["downloaded Olga Owner a.txt", "downloaded Anyone with the URL a.txt"]);
    let latest = &entries[0];
    assert_eq!((&latest["actor"]["memberId"], &latest["shareLinkId"]), (&Value::Null, &Value::Null));
    assert_eq!((&latest["actor"]["kind"], &latest["actor"]["network"]), (&json!("visitor"), &json!("127.0.0.1")));
    assert_eq!(told(&log(&owner, "?who=visitors").await), ["downloaded Anyone with the URL a.txt"]);
    let csv = owner.get("/api/audit-entries.csv?who=visitors").await.text();
    assert!(csv.contains("\"Downloaded\",\"Anyone with the URL\",\"visitor\",\"127.0.0.1\",\"a.txt\""), "{csv}");
}

async fn a_message_takes_its_files_along(app: TestApp) {
    // Two days pass in its storage: unfinished uploads of other tests would look abandoned.
    let app = TestApp::start_alone(app.engines).await;
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let id = member.send_file(&channel, "a.txt", "text/plain", b"a").await;
    let message = text(&owner.messages(&channel).await[0]["id"]);
    member.delete(&format!("/api/messages/{message}")).await.ok();
    owner.poke(&format!("/api/messages/{message}/restore")).await.ok();
    let entries = log(&owner, "").await;
    assert_eq!(
        told(&entries),
        [
            "uploaded Mia Member a.txt",
            "deleted Mia Member a.txt",
            "message_deleted Mia Member",
            "restored Olga Owner a.txt",
            "message_restored Olga Owner",
        ]
    );
    assert_eq!(entries[0]["messageId"], message.as_str());
    assert_eq!(entries[1]["attachmentId"], id.as_str());
    // After the retention, a purge has no actor.
    owner.patch("/api/storage/retention", json!({ "retentionDays": 1 })).await.ok();
    member.delete(&format!("/api/attachments/{id}")).await.ok();
    app.advance(Duration::from_hours(49));
    run_due(&app.platform, JOBS).await.unwrap();
    let purged = log(&owner, "?action=purged").await;
    assert_eq!(told(&purged), ["purged Clean-up a.txt"]);
}

async fn rejected_requests_are_not_logged(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let private = owner.private_channel("plans").await;
    let id = owner.send_file(&channel, "a.txt", "text/plain", b"a").await;
    let hidden = owner.send_file(&private, "b.txt", "text/plain", b"b").await;
    member.delete(&format!("/api/attachments/{id}")).await.refused(403, "forbidden");
    member.get(&format!("/api/messages/attachments/{hidden}?download=1")).await.refused(404, "not_found");
    member.poke(&format!("/api/attachments/{id}/purge")).await.refused(403, "forbidden");
    member.post("/api/share-links", json!({ "attachmentId": hidden })).await.refused(404, "not_found");
    app.anonymous().get("/s/nothing").await;
    assert!(log(&owner, "").await.iter().all(|entry| entry["action"] == "uploaded"));
}

async fn the_log_is_filtered(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let general = owner.channel("general").await;
    let jane = text(&owner.contact("Jane", "Doe", "5551234").await["channelId"]);
    owner.send_file(&general, "Übersicht.txt", "text/plain", b"a").await;
    app.advance(Duration::from_hours(1));
    let later = app.platform.clock.now().to_rfc3339();
    let id = member.send_file(&jane, "100%.txt", "text/plain", b"b").await;
    member.get(&format!("/api/messages/attachments/{id}?download=1")).await;
    let found = async |query: String| told(&log(&owner, &query).await);
    let (first, second, third) =
        ("uploaded Olga Owner Übersicht.txt", "uploaded Mia Member 100%.txt", "downloaded Mia Member 100%.txt");
    assert_eq!(found(String::new()).await, [first, second, third]);
    assert_eq!(found(format!("?who={}", member.member_id)).await, [second, third]);
    assert_eq!(found("?action=downloaded".into()).await, [third]);
    assert_eq!(found(format!("?channel={general}")).await, [first]);
    assert_eq!(found(format!("?attachment={id}&action=uploaded")).await, [second]);
    assert_eq!(found("?search=%C3%BCBER".into()).await, [first]);
    assert_eq!(found("?search=100%25".into()).await, [second, third]);
    assert_eq!(found("?search=jane".into()).await, [second, third]);
    assert_eq!(found("?search=GENERAL".into()).await, [first]);
    assert_eq!(found("?search=general%20%C3%BCber".into()).await, [first]);
    assert_eq!(found("?search=100%25%20doe".into()).await, [second, third]);
    assert_eq!(found("?search=general%20doe".into()).await, [] as [&str; 0]);
    assert_eq!(found("?search=555-12".into()).await, [second, third]);
    assert_eq!(found(format!("?since={later}")).await, [second, third]);
    assert_eq!(found(format!("?until={later}")).await, [first]);
    assert_eq!(found("?who=visitors".into()).await, [] as [&str; 0]);
    owner.get("/api/audit-entries?who=me").await.refused(422, "invalid_value");
    owner.get("/api/audit-entries?action=seen").await.refused(422, "invalid_value");
}

async fn the_log_is_paged(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for number in 0..5 {
        owner.upload(&channel, &format!("{number}.txt"), "text/plain", b"a").await;
    }
    let mut names = Vec::new();
    let mut query = "?limit=2".to_owned();
    loop {
        let page = owner.get(&format!("/api/audit-entries{query}")).await.ok();
        let entries = page["entries"].as_array().unwrap();
        assert!(entries.len() <= 2);
        names.extend(entries.iter().map(|entry| text(&entry["fileName"])));
        // New entries don't move the pages.
        owner.upload(&channel, "later.txt", "text/plain", b"a").await;
        let Some(next) = page["next"].as_str() else { break };
        query = format!("?limit=2&before={next}");
    }
    assert_eq!(names, ["4.txt", "3.txt", "2.txt", "1.txt", "0.txt", ""], "the first entry is the sign-up");
}

async fn the_log_requires_managing_the_organization(app: TestApp) {
    let (owner, admin, member) = (app.owner().await, app.admin().await, app.member().await);
    let channel = owner.channel("general").await;
    owner.upload(&channel, "a.txt", "text/plain", b"a").await;
    assert_eq!(log(&admin, "").await.len(), 1);
    for path in ["/api/audit-entries", "/api/audit-entries.csv"] {
        member.get(path).await.refused(403, "forbidden");
        app.anonymous().get(path).await.refused(401, "unauthenticated");
    }
    let other = app.other_organization().await;
    assert_eq!(log(&other, "").await, [] as [Value; 0]);
    assert_eq!(other.get("/api/audit-entries.csv").await.text().lines().count(), 2, "their own sign-up");
}

async fn the_csv_contains_the_filtered_entries(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for number in 0..3 {
        owner.upload(&channel, &format!("=1+{number}.txt"), "text/plain", b"a").await;
    }
    let id = owner.send_file(&channel, "a, b.txt", "text/plain", b"a").await;
    owner.get(&format!("/api/messages/attachments/{id}?download=1")).await;
    let answer = owner.get("/api/audit-entries.csv").await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"audit-log.csv\"");
    let csv = answer.text();
    let lines: Vec<_> = csv.split("\r\n").collect();
    assert_eq!(lines.len(), 8, "a head, five entries, the sign-up, and the end of the last: {csv}");
    assert!(lines[0].starts_with("\u{feff}Time (UTC),Action,Person"));
    assert!(lines[1].contains("\"Downloaded\",\"Olga Owner\",\"member\",\"\",\"a, b.txt\",\"#general\""), "{csv}");
    assert!(lines[3].contains("\"'=1+2.txt\""), "{csv}");
    let one = owner.get("/api/audit-entries.csv?action=downloaded").await.text();
    assert_eq!(one.lines().count(), 2);
    owner.get("/api/audit-entries.csv?channel=x").await.refused(400, "malformed_request");
    owner.get("/api/audit-entries.csv?action=x").await.refused(422, "invalid_value");
}

async fn times_of_the_csv_sort_as_text(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for name in ["c.txt", "b.txt", "a.txt"] {
        owner.upload(&channel, name, "text/plain", b"a").await;
    }
    // Times of one second, whose fractions have three digits, one and none.
    let entries = owner.get("/api/audit-entries").await.ok()["entries"].as_array().unwrap().clone();
    for (entry, fraction) in entries.iter().zip(["120", "500", "000"]) {
        let statement = format!("UPDATE audit_entries SET created_at = 1767605400{fraction} WHERE id = {{id}}");
        assert_eq!(app.sql(&statement, &text(&entry["id"])).await, 1);
    }
    let csv = owner.get("/api/audit-entries.csv").await.text();
    assert!(csv.starts_with('\u{feff}') && csv.matches('\u{feff}').count() == 1, "the mark comes first and once");
    let times: Vec<_> = csv.lines().skip(1).take(3).map(|line| line[..25].trim_matches('"')).collect();
    assert_eq!(times, ["2026-01-05 09:30:00.120", "2026-01-05 09:30:00.500", "2026-01-05 09:30:00.000"]);
    let empty = owner.get("/api/audit-entries.csv?search=nothing-is-called-this").await.text();
    assert!(empty.starts_with('\u{feff}') && empty.lines().count() == 1);
}

async fn a_download_does_not_depend_on_the_log(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.txt", "text/plain", b"a").await;
    app.sql("ALTER TABLE audit_entries RENAME TO elsewhere", "").await;
    assert_eq!(owner.download(&id, "?download=1").await.bytes, b"a");
    // An action that can't be logged is not done.
    assert_eq!(owner.delete(&format!("/api/attachments/{id}")).await.status, 500);
    app.sql("ALTER TABLE elsewhere RENAME TO audit_entries", "").await;
    assert_eq!(owner.download(&id, "").await.bytes, b"a");
}

async fn changes_of_people_permissions_and_settings_are_logged(app: TestApp) {
    let (owner, admin) = (app.owner().await, app.admin().await);
    let wrong = json!({ "email": owner.email, "password": "wrong horse battery" });
    app.anonymous().post("/api/auth/log-in", wrong).await.refused(401, "wrong_credentials");
    let invite = owner.post("/api/invites", json!({ "role": "guest" })).await.ok();
    owner.delete(&format!("/api/invites/{}", text(&invite["id"]))).await.ok();
    owner.post("/api/roles", json!({ "name": "Clerk", "permissions": ["Message:Send"] })).await.ok();
    owner.patch("/api/roles", json!({ "role": "Clerk", "permissions": [] })).await.ok();
    let path = format!("/api/members/{}", admin.member_id);
    owner.patch(&path, json!({ "role": "Clerk" })).await.ok();
    owner.poke(&format!("{path}/password-reset")).await.ok();
    owner.delete(&format!("{path}/sessions")).await.ok();
    owner.delete(&path).await.ok();
    owner.patch("/api/organization", json!({ "name": "Harbour & Sons" })).await.ok();
    owner.patch("/api/photo-location", json!({ "keep": true })).await.ok();
    owner.patch("/api/storage/retention", json!({ "retentionDays": 30 })).await.ok();
    let token = owner.access_token(json!({ "name": "doorbell", "scopes": ["messages:write"] })).await;
    owner.delete(&format!("/api/access-tokens/{}", text(&token["id"]))).await.ok();

    let entries = owner.get("/api/audit-entries").await.ok();
    let entries = entries["entries"].as_array().unwrap();
    let told: Vec<_> = entries
        .iter()
        .rev()
        .map(|entry| {
            format!("{} {}: {}", text(&entry["actor"]["name"]), text(&entry["action"]), text(&entry["detail"]))
        })
        .collect();
    assert_eq!(
        told,
        [
            "Olga Owner signed_up: Harbour",
            "Olga Owner invited: As admin",
            "Adam Admin joined: As admin",
            "Someone sign_in_failed: owner@example.com",
            "Olga Owner invited: As guest",
            "Olga Owner invite_revoked: As guest",
            "Olga Owner role_created: Clerk: Message:Send",
            "Olga Owner role_changed: Clerk: ",
            "Olga Owner role_given: Adam Admin: admin → Clerk",
            "Olga Owner password_reset_created: Adam Admin",
            "Olga Owner sessions_ended: Adam Admin",
            "Olga Owner member_removed: Adam Admin",
            "Olga Owner setting_changed: Name: Harbour & Sons",
            "Olga Owner setting_changed: Locations of photos are kept",
            "Olga Owner setting_changed: Deleted files are kept for 30 days",
            "Olga Owner token_created: doorbell",
            "Olga Owner token_revoked: doorbell",
        ]
    );
    let found = owner.get("/api/audit-entries?search=harbour%20%26").await.ok();
    assert_eq!(found["entries"].as_array().unwrap().len(), 1, "what was changed is found by its words");
}
