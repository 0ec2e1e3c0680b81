//! Secrets that are shown once: the database has their hashes, or what it needs to sign, and never their text.

use attache::platform::db::Db;
use attache::platform::db::rows::hex;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{Answer, PASSWORD, Program, TestApp, on_both_engines, text};

on_both_engines![
    no_column_contains_a_secret_that_was_shown_once,
    stored_responses_are_encrypted,
    responses_of_an_older_version_are_returned,
];

const SCOPES: [&str; 3] = ["messages:write", "requests:write", "webhooks:write"];
/// Routes of the API whose responses contain a secret, with the fields.
const SHOWN: [(&str, &str); 6] = [
    ("POST /auth/login", "accessToken refreshToken"),
    ("POST /auth/refresh", "accessToken refreshToken"),
    ("POST /access-tokens", "secret"),
    ("POST /file-requests", "url"),
    ("POST /webhooks", "secret"),
    ("POST /webhooks/{id}/rotate-secret", "secret"),
];

const BODY: &str = r#"{"bucketId": "deploys", "body": "Hello"}"#;

/// Returns for each table a condition that a column contains `part`.
async fn conditions(app: &TestApp, part: &str) -> Vec<String> {
    let condition = |column: &str, kind: &str| match (&app.platform.db, kind) {
        (Db::Sqlite(_), _) => format!("instr(CAST(\"{column}\" AS BLOB), CAST('{part}' AS BLOB)) > 0"),
        (Db::Postgres(_), "bytea") => format!("position('{part}'::bytea IN \"{column}\") > 0"),
        (Db::Postgres(_), _) => format!("position('{part}' IN \"{column}\"::text) > 0"),
    };
    let columns: Vec<(String, String, String)> = match &app.platform.db {
        Db::Sqlite(pools) => {
            let columns = "SELECT m.name, c.name, c.type FROM sqlite_master m JOIN pragma_table_info(m.name) c
                 WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'search_grams%'";
            sqlx::query_as(columns).fetch_all(&pools.writer).await.expect("the columns")
        }
        Db::Postgres(pools) => {
            let columns = "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns
                 WHERE table_schema = current_schema()";
            sqlx::query_as(columns).fetch_all(&pools.requests).await.expect("the columns")
        }
    };
    let mut tables: Vec<_> = columns.iter().map(|(table, ..)| table).collect();
    tables.sort_unstable();
    tables.dedup();
    let of_table = |table: &String| {
        let columns = columns.iter().filter(|(of, ..)| of == table);
        let any: Vec<_> = columns.map(|(_, column, kind)| condition(column, kind)).collect();
        format!("\"{table}\" WHERE {}", any.join(" OR "))
    };
    tables.into_iter().map(of_table).collect()
}

/// Returns the tables that contain a text.
async fn tables_with(app: &TestApp, part: &str) -> Vec<String> {
    let conditions = conditions(app, part).await;
    let from: Vec<_> = conditions.iter().map(String::as_str).collect();
    let counts = app.counts(&from, "").await;
    let name = |condition: &String| condition.split('"').nth(1).unwrap_or_default().to_owned();
    conditions.iter().zip(counts).filter(|(_, count)| *count > 0).map(|(condition, _)| name(condition)).collect()
}

/// Returns the last component of a URL, or what follows the prefix of a secret.
fn essence(secret: &str) -> String {
    let secret = secret.rsplit('/').next().filter(|_| secret.starts_with("http")).unwrap_or(secret);
    ["zat_", "zrt_", "whsec_"].iter().find_map(|prefix| secret.strip_prefix(prefix)).unwrap_or(secret).to_owned()
}

/// Sends a request with a key twice, and returns the common response.
async fn repeated(program: &Program, path: &str, body: &Value) -> Value {
    let send = async || -> Answer {
        let request = program.request(Method::POST, path).header("idempotency-key", format!("key-of-{path}"));
        program.send_request(if body.is_null() { request } else { request.json(body) }).await
    };
    let (first, again) = (send().await, send().await);
    assert_eq!((first.status, first.text()), (again.status, again.text()), "{path}");
    assert_eq!(again.header("idempotency-replayed"), "true", "{path}");
    assert!(first.status < 300, "{path}: {}", first.text());
    first.json()
}

async fn no_column_contains_a_secret_that_was_shown_once(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("deploys").await;
    let file = owner.send_file(&channel, "a.txt", "text/plain", b"a").await;
    let mut shown = vec![("a session", owner.token().expect("a session"))];

    // The app.
    let webhook = json!({ "url": "https://8.8.8.8/hook", "events": ["message.created"] });
    let token = json!({ "name": "doorbell", "scopes": ["messages:read"] });
    let member = app.member().await;
    let made = owner.post("/api/webhooks", webhook.clone()).await.ok();
    let rotate = format!("/api/webhooks/{}/rotate-secret", text(&made["id"]));
    shown.push(("POST /api/webhooks", text(&made["secret"])));
    for (route, path, field, body) in [
        ("POST /api/access-tokens", "/api/access-tokens", "secret", token.clone()),
        ("POST /api/invites", "/api/invites", "url", json!({ "role": "guest" })),
        ("POST /api/share-links", "/api/share-links", "url", json!({ "attachmentId": file })),
        ("POST /api/file-requests", "/api/file-requests", "url", json!({ "channelId": channel })),
        ("POST /api/webhooks/{id}/rotate-secret", rotate.as_str(), "secret", Value::Null),
        (
            "POST /api/members/{id}/password-reset",
            &format!("/api/members/{}/password-reset", member.member_id),
            "url",
            Value::Null,
        ),
    ] {
        let answer = if body.is_null() { owner.poke(path).await } else { owner.post(path, body).await };
        shown.push((route, text(&answer.ok()[field])));
    }

    // The REST API, with an access token and with that of a log-in.
    let log_in = json!({ "email": owner.email, "password": PASSWORD });
    let pair = app.anonymous().post("/api/v1/auth/login", log_in).await.ok();
    let next = app.anonymous().post("/api/v1/auth/refresh", json!({ "refreshToken": pair["refreshToken"] })).await.ok();
    for (route, pair) in [("POST /auth/login", &pair), ("POST /auth/refresh", &next)] {
        shown.extend(["accessToken", "refreshToken"].map(|field| (route, text(&pair[field]))));
    }
    let person = Program::new(&app.base, &text(&next["accessToken"]));
    let program = owner.program(&SCOPES).await;
    shown.push(("POST /api/access-tokens", program.secret.clone()));
    shown.push(("POST /access-tokens", text(&person.post("/access-tokens", token).await.created()["secret"])));
    for caller in [&program, &person] {
        let request = repeated(caller, "/file-requests", &json!({ "channelId": channel })).await;
        shown.push(("POST /file-requests", text(&request["url"])));
        let made = repeated(caller, "/webhooks", &webhook).await;
        shown.push(("POST /webhooks", text(&made["secret"])));
        let path = format!("/webhooks/{}/rotate-secret", text(&made["id"]));
        let rotated = repeated(caller, &path, &Value::Null).await;
        shown.push(("POST /webhooks/{id}/rotate-secret", text(&rotated["secret"])));
    }
    assert_eq!(app.count("idempotent_requests WHERE answer IS NOT NULL", "").await, 6);

    for (route, secret) in &shown {
        let essence = essence(secret);
        assert!(essence.len() >= 20 && !essence.contains('\''), "{route}: {essence}");
        assert_eq!(tables_with(&app, &essence).await, [""; 0], "{route}");
    }
    // The search would find them.
    assert_eq!(tables_with(&app, "https://8.8.8.8/hook").await, ["webhooks"]);
    for (route, _) in SHOWN {
        assert!(shown.iter().any(|(known, _)| *known == route), "{route} was not requested");
    }
    every_route_with_a_secret_is_known(&app).await;
}

/// Asserts that [`SHOWN`] has each route whose documented response has a field for a secret.
async fn every_route_with_a_secret_is_known(app: &TestApp) {
    let document = app.anonymous().get("/api/v1/openapi.json").await.ok();
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let schemas = operation["responses"].to_string();
            let fields: String = document["components"]["schemas"]
                .as_object()
                .expect("schemas")
                .iter()
                .filter(|(name, _)| schemas.contains(&format!("#/components/schemas/{name}\"")))
                .map(|(_, schema)| schema.to_string())
                .collect();
            let has_link = schemas.contains("CreatedFileRequest");
            if has_link
                || ["secret", "accessToken", "refreshToken"]
                    .iter()
                    .any(|field| fields.contains(&format!("\"{field}\":{{")))
            {
                found.push(format!("{} {}", method.to_uppercase(), path.trim_start_matches("/api/v1")));
            }
        }
    }
    found.sort_unstable();
    let mut known: Vec<_> = SHOWN.iter().map(|(route, _)| (*route).to_owned()).collect();
    known.sort_unstable();
    assert_eq!(found, known);
}

async fn stored_responses_are_encrypted(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("deploys").await;
    let program = owner.program(&SCOPES).await;
    let log_in = json!({ "email": owner.email, "password": PASSWORD });
    let pair = app.anonymous().post("/api/v1/auth/login", log_in).await.ok();
    let person = Program::new(&app.base, &text(&pair["accessToken"]));
    for caller in [&program, &person] {
        repeated(caller, "/messages", &json!({ "bucketId": channel, "body": "Nobody reads this twice" })).await;
    }
    assert_eq!(app.count("idempotent_requests WHERE answer IS NOT NULL AND fingerprint IS NULL", "").await, 2);
    let found = tables_with(&app, "Nobody reads this twice").await;
    assert!(found.contains(&"messages".to_owned()) && !found.contains(&"idempotent_requests".to_owned()), "{found:?}");
    // A person's response is encrypted by the key alone, so the key is not stored.
    assert_eq!(app.count("idempotent_requests WHERE key = 'key-of-/messages'", "").await, 1);
}

async fn responses_of_an_older_version_are_returned(app: TestApp) {
    let owner = app.owner().await;
    owner.channel("deploys").await;
    let program = owner.program(&SCOPES).await;
    let send = async |body: &'static str| {
        let request = program.request(Method::POST, "/messages").header("content-type", "application/json");
        program.send_request(request.header("idempotency-key", "old").body(body)).await
    };
    send(BODY).await.created();
    let fingerprint = Sha256::digest(format!("POST /messages\n{BODY}"));
    let (blob, end) = if app.is_local_disk() { ("x'", "'") } else { ("'\\x", "'::bytea") };
    let (fingerprint, answer) = (hex(&fingerprint), hex(br#"{"id":"stored"}"#));
    let older =
        format!("UPDATE idempotent_requests SET fingerprint = {blob}{fingerprint}{end}, answer = {blob}{answer}{end}");
    assert_eq!(app.sql(&older, "").await, 1);
    assert_eq!(send(BODY).await.created()["id"], "stored");
    send(r#"{"bucketId": "deploys", "body": "Bye"}"#).await.refused_field("Idempotency-Key");
}
