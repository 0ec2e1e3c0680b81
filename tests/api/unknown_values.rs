//! A name in the database that this version does not have is an error where it is read, never another name.

use std::collections::BTreeSet;
use std::path::Path;

use attache::jobs::JOBS;
use attache::platform::db::Db;
use attache::platform::jobs::run_due;
use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::support::{TestApp, files, on_both_engines, text};

on_both_engines![
    unknown_names_are_errors,
    the_database_refuses_unknown_states,
    an_unknown_action_is_shown_as_such,
    texts_of_an_unknown_table_are_not_forgotten,
    a_negative_size_is_an_error,
];

const UNKNOWN: &str = "from_the_future";
/// Columns whose values the database itself checks.
const CHECKED: [&str; 4] = ["attachments.status", "moves.state", "pictures.kind", "pictures.status"];
/// Read into no row: filters compare it.
const ONLY_FILTERED: [&str; 1] = ["attachments.kind"];
/// Each has a test of its own.
const OTHERS: [&str; 2] = ["audit_entries.action", "refolds.table_name"];

/// A column with names: which row is changed, what it held, and a path that reads it.
struct Case {
    column: &'static str,
    /// A condition, in which `{id}` stands for the id.
    row: &'static str,
    id: String,
    held: &'static str,
    path: String,
}

async fn cases(app: &TestApp) -> Vec<Case> {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let file = owner.send_file(&channel, "a.txt", "text/plain", b"a").await;
    let message = text(&owner.messages(&channel).await[0]["id"]);
    app.sql(
        "INSERT INTO message_attachments (message_id, position, url, media_type, preview)
         VALUES ({id}, 9, 'https://example.com/a.png', 'IMAGE', 'none')",
        &message,
    )
    .await;
    owner.program(&["messages:read"]).await;
    let webhook = json!({ "url": "https://8.8.8.8/", "events": ["message.created"], "kinds": ["image"] });
    let webhook = text(&owner.post("/api/webhooks", webhook).await.ok()["id"]);
    owner.poke(&format!("/api/webhooks/{webhook}/test")).await.ok();
    let (webhooks, log) = ("/api/webhooks", format!("/api/webhooks/{webhook}/deliveries"));
    let (feed, channels) = (format!("/api/channels/{channel}/messages"), "/api/channels".to_owned());
    let case = |column, (row, id): (_, &str), held, path: &str| Case {
        column,
        row,
        id: id.to_owned(),
        held,
        path: path.to_owned(),
    };
    let (of_file, of_message) = (("id = {id}", file.as_str()), ("id = {id}", message.as_str()));
    let (of_url, of_channel) =
        (("message_id = {id} AND position = 9", message.as_str()), ("id = {id}", channel.as_str()));
    owner.post("/api/file-requests", json!({ "channelId": channel })).await.ok();
    let (guests, all) = (("name = 'guest'", ""), ("1 = 1", ""));
    vec![
        case("attachments.media_type", of_file, "'ICON'", &feed),
        case("attachments.preview", of_file, "NULL", &feed),
        case("attachments.location", of_file, "NULL", &feed),
        case("message_attachments.media_type", of_url, "'IMAGE'", &feed),
        case("message_attachments.preview", of_url, "'none'", &feed),
        case("messages.delivery_type", of_message, "'NORMAL'", &feed),
        case("messages.delivery_status", of_message, "NULL", &feed),
        // A list omits it: nobody can view a channel of an unknown kind.
        case("channels.kind", of_channel, "'team'", &format!("{channels}/{channel}")),
        case("channels.color", of_channel, "NULL", &channels),
        case("members.notify", all, "'all'", "/api/auth/session"),
        case("access_tokens.scopes", all, "'messages:read'", "/api/access-tokens"),
        case("file_requests.kinds", all, "NULL", "/api/file-requests"),
        case("roles.built_in", guests, "'guest'", "/api/roles"),
        case("webhooks.events", all, "'message.created'", webhooks),
        case("webhooks.kinds", all, "'image'", webhooks),
        case("webhooks.disabled_reason", all, "NULL", webhooks),
        case("webhook_deliveries.kind", all, "NULL", &log),
        case("webhook_deliveries.state", all, "'pending'", &log),
        case("roles.permissions", guests, "'Message:Send'", "/api/roles"),
    ]
}

async fn unknown_names_are_errors(app: TestApp) {
    let owner = app.owner().await;
    for Case { column, row, id, held, path } in cases(&app).await {
        let (table, name) = column.split_once('.').unwrap();
        owner.get(&path).await.ok();
        assert!(app.sql(&format!("UPDATE {table} SET {name} = '{UNKNOWN}' WHERE {row}"), &id).await > 0, "{column}");
        let answer = owner.get(&path).await;
        assert_eq!(answer.status, 500, "{column}: {}", answer.text());
        app.sql(&format!("UPDATE {table} SET {name} = {held} WHERE {row}"), &id).await;
        owner.get(&path).await.ok();
    }
}

async fn the_database_refuses_unknown_states(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    owner.send_file(&channel, "a.txt", "text/plain", b"a").await;
    let request = json!({ "type": "user-avatar", "fileName": "a.png" });
    owner.picture(request, &files::png("me")).await;
    let of_move =
        "INSERT INTO moves (id, state, installation, from_database, from_storage) VALUES (1, 'copying', 'a', 'b', 'c')";
    app.sql(of_move, "").await;
    for column in CHECKED {
        let (table, name) = column.split_once('.').unwrap();
        let statement = AssertSqlSafe(format!("UPDATE {table} SET {name} = '{UNKNOWN}'"));
        let done = match &app.platform.db {
            Db::Sqlite(pools) => sqlx::query(statement).execute(&pools.writer).await.map(|_| ()),
            Db::Postgres(pools) => sqlx::query(statement).execute(&pools.requests).await.map(|_| ()),
        };
        let error = done.expect_err(column);
        assert!(
            error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_check_violation),
            "{column}: {error}"
        );
    }
}

async fn an_unknown_action_is_shown_as_such(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    owner.send_file(&channel, "a.txt", "text/plain", b"a").await;
    owner.send_file(&channel, "b.txt", "text/plain", b"b").await;
    app.sql(&format!("UPDATE audit_entries SET action = '{UNKNOWN}' WHERE file_name = 'a.txt'"), "").await;
    let page = owner.get("/api/audit-entries").await.ok();
    let actions: Vec<_> = page["entries"].as_array().unwrap().iter().map(|entry| text(&entry["action"])).collect();
    assert_eq!(actions[..2], ["uploaded", UNKNOWN], "{actions:?}");
    let csv = owner.get("/api/audit-entries.csv").await.text();
    assert!(csv.contains(&format!("\"Unknown action ({UNKNOWN})\"")), "{csv}");
}

async fn texts_of_an_unknown_table_are_not_forgotten(app: TestApp) {
    app.sql("DELETE FROM refolds", "").await;
    let statement = format!("INSERT INTO refolds (table_name, after_id) VALUES ('{UNKNOWN}', {{id}})");
    app.sql(&statement, &uuid::Uuid::nil().to_string()).await;
    run_due(&app.platform, JOBS).await.expect("jobs can be read");
    assert_eq!(app.count("refolds", "").await, 1);
    assert_eq!(app.count("jobs WHERE name = 'refold_texts' AND last_error IS NOT NULL", "").await, 1);
}

async fn a_negative_size_is_an_error(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let file = owner.send_file(&channel, "a.txt", "text/plain", b"a").await;
    app.sql("UPDATE attachments SET file_size = -1 WHERE id = {id}", &file).await;
    assert_eq!(owner.get(&format!("/api/channels/{channel}/messages")).await.status, 500);
}

/// The columns that enums of the product are stored in.
fn stored_enums(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            stored_enums(&path, found);
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap_or_default();
        let source = source.split("#[cfg(test)]").next().unwrap();
        for declared in source.lines().filter(|line| line.contains("pub enum ") && line.contains(" in \"")) {
            let names = declared.split(" in ").nth(1).unwrap();
            found.extend(names.split('"').skip(1).step_by(2).map(str::to_owned));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_column_with_names_is_tried() {
    let mut declared = BTreeSet::new();
    stored_enums(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut declared);
    let app = TestApp::start(crate::support::Engines::SqliteLocal).await;
    let mut tried: BTreeSet<_> = cases(&app).await.iter().map(|case| case.column.to_owned()).collect();
    tried.extend(CHECKED.iter().chain(&ONLY_FILTERED).chain(&OTHERS).map(|column| (*column).to_owned()));
    assert_eq!(declared, tried);
}
