//! Texts with path traversal, in every field of every route that accepts texts: nothing breaks, and nothing is stored
//! in a wrong place.

use futures::TryStreamExt;
use serde_json::{Value, json};

use crate::support::{Answer, Engines, Part, Program, TestApp, User, files, text};

const HOSTILE: [&str; 12] = [
    "../../../../etc/passwd",
    "..\\..\\..\\windows\\win.ini",
    "/etc/passwd",
    "C:\\boot.ini",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "....//....//etc/passwd",
    "..%c0%af..%c0%afetc/passwd",
    "IMAGE/../../x",
    "a.png\u{0}.html",
    "\u{202e}gnp.exe",
    "con",
    "a\r\nSet-Cookie: x=y",
];

/// Returns whether a key is one that the server creates: ids, and names that it has chosen.
fn is_own_key(key: &str) -> bool {
    let known = ["attachments", "staging", "derived", "IMAGE", "ICON", "feed", "view", "poster"];
    key.split('/').all(|part| {
        let stem = part.split('.').next().unwrap_or_default();
        let is_id = stem.len() == 36 && stem.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        let rest = &part[stem.len()..];
        known.contains(&part) || is_id && ["", ".png", ".txt", ".webp"].contains(&rest)
    })
}

/// Returns each text inside, with the name of its field.
fn texts<'a>(value: &'a Value, field: &'a str, found: &mut Vec<(&'a str, &'a str)>) {
    match value {
        Value::String(text) => found.push((field, text)),
        Value::Array(items) => items.iter().for_each(|item| texts(item, field, found)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| texts(value, name, found)),
        _ => {}
    }
}

/// Returns a body with the text in one of its fields.
fn with(base: &Value, field: &str, text: &str) -> Value {
    let mut body = base.clone();
    body[field] = json!(text);
    body
}

async fn in_bodies(program: &Program, hostile: &str, message: &str, bucket: &str, channel: &str) -> Vec<Answer> {
    let mut answers = Vec::new();
    for (method, path, base, fields) in [
        (
            "POST",
            "/messages".to_owned(),
            json!({ "bucketId": "deploys", "body": "x" }),
            &[
                "title",
                "subtitle",
                "body",
                "bucketId",
                "deliveryType",
                "direction",
                "imageUrl",
                "videoUrl",
                "gifUrl",
                "externalId",
                "contact",
            ][..],
        ),
        (
            "POST",
            "/auth/login".to_owned(),
            json!({ "email": "a@example.com", "password": "x" }),
            &["email", "password"],
        ),
        ("POST", "/auth/refresh".to_owned(), json!({}), &["refreshToken"]),
        ("POST", "/auth/logout".to_owned(), json!({}), &["refreshToken"]),
        ("PATCH", format!("/messages/{message}"), json!({}), &["title", "subtitle", "body", "deliveryType"]),
        (
            "PATCH",
            format!("/messages/{message}/delivery"),
            json!({ "status": "failed" }),
            &["status", "error", "externalId"],
        ),
        (
            "POST",
            "/contacts".to_owned(),
            json!({ "firstName": "Jane" }),
            &["firstName", "lastName", "phone", "phones", "email", "company", "note"],
        ),
        ("POST", "/buckets".to_owned(), json!({ "name": "a" }), &["name", "color", "iconAttachmentUuid"]),
        ("PATCH", format!("/buckets/{bucket}"), json!({}), &["name", "color", "iconAttachmentUuid"]),
        (
            "POST",
            "/file-requests".to_owned(),
            json!({ "channelId": channel }),
            &["channelId", "note", "kinds", "password", "expiresIn"],
        ),
        (
            "POST",
            "/attachments/presign".to_owned(),
            json!({ "fileSize": 1 }),
            &["filename", "contentType", "checksumSha256"],
        ),
        (
            "POST",
            "/attachments/download-from-url".to_owned(),
            json!({ "url": "http://127.0.0.1/" }),
            &["url", "filename", "mediaType"],
        ),
    ] {
        for field in fields {
            answers.push(program.call(method, &path, Some(with(&base, field, hostile))).await);
        }
    }
    answers
}

async fn with_files(program: &Program, hostile: &str, stored: &str, png: &[u8]) -> Vec<Answer> {
    let mut answers = Vec::new();
    let url = json!({ "mediaType": "IMAGE", "url": "https://example.com/a.png" });
    for field in ["name", "mediaType", "url", "attachmentUuid"] {
        let body = json!({ "bucketId": "deploys", "attachments": [with(&url, field, hostile)] });
        answers.push(program.post("/messages", body).await);
    }
    answers.push(program.post("/messages", json!({ "bucketId": "deploys", "attachmentUuids": [hostile] })).await);
    let named = json!({ "bucketId": "deploys", "attachments": [{ "attachmentUuid": stored, "name": hostile }] });
    answers.push(program.post("/messages", named).await);
    for field in [
        "title",
        "subtitle",
        "body",
        "bucketId",
        "deliveryType",
        "attachments",
        "attachmentUuids",
        "imageUrl",
        "contact",
        "externalId",
        "x",
    ] {
        let form = [("file", Part::File(hostile, png)), (field, Part::Text(hostile))];
        answers.push(program.form("/messages/with-attachment", &form).await);
    }
    let form = [("file", Part::File(hostile, png)), ("bucketId", Part::Text("deploys"))];
    answers.push(program.form("/messages/with-attachment", &form).await);
    for field in ["filename", "mediaType", "x"] {
        answers.push(
            program
                .form("/attachments/upload", &[("file", Part::File("a.png", png)), (field, Part::Text(hostile))])
                .await,
        );
    }
    answers
}

async fn in_paths_and_tokens(owner: &User, program: &Program, hostile: &str) -> Vec<Answer> {
    let mut answers = Vec::new();
    answers.push(owner.post("/api/access-tokens", json!({ "name": hostile, "scopes": ["messages:read"] })).await);
    let bound = json!({ "name": "a", "scopes": ["messages:read"], "bucketId": hostile });
    answers.push(owner.post("/api/access-tokens", bound).await);
    let quoted: String = form_urlencoded::byte_serialize(hostile.as_bytes()).collect::<String>().replace('+', "%20");
    for path in [
        "/attachments/{}",
        "/attachments/{}/download",
        "/attachments/{}/download?redirect=false",
        "/attachments/{}/download/signed?signature={}",
        "/contacts/{}",
        "/contacts?phone={}",
        "/contacts?email={}",
        "/contacts?search={}",
        "/attachments/message/{}",
        "/messages/{}",
        "/buckets/{}",
        "/messages?bucketId={}",
    ] {
        answers.push(program.get(&path.replace("{}", &quoted)).await);
    }
    answers
}

fn is_harmless(hostile: &str, answer: &Answer) {
    assert!(matches!(answer.status, 200..=299 | 400..=429), "{hostile:?}: {} {}", answer.status, answer.text());
    assert_eq!(answer.header("set-cookie"), "", "{hostile:?}");
    if answer.bytes.is_empty() {
        return;
    }
    let body = answer.json();
    let mut found = Vec::new();
    texts(&body, "", &mut found);
    for (field, text) in found {
        let is_name_of_file = answer.status < 300 && ["filename", "fileName"].contains(&field);
        let leads_away = text.contains(['/', '\\', '\u{0}', '\r', '\n', '\u{202e}']);
        assert!(!(is_name_of_file && leads_away), "{hostile:?} became the file name {text:?}");
    }
}

async fn every_field(engines: Engines) {
    let app = TestApp::start_alone(engines).await;
    let owner = app.owner().await;
    let channel = owner.channel("deploys").await;
    let all = [
        "messages:write",
        "messages:read",
        "attachments:write",
        "attachments:read",
        "attachments:delete",
        "buckets:write",
        "requests:write",
        "contacts:read",
        "contacts:write",
    ];
    let program = owner.program(&all).await;
    let png = files::picture(8, 8);
    let stored = program.upload("a.png", &png).await;
    let message = text(&program.post("/messages", json!({ "bucketId": "deploys", "body": "x" })).await.created()["id"]);
    let bucket = text(&program.post("/buckets", json!({ "name": "door" })).await.created()["id"]);
    for hostile in HOSTILE {
        let mut answers = in_bodies(&program, hostile, &message, &bucket, &channel).await;
        answers.extend(with_files(&program, hostile, &stored, &png).await);
        answers.extend(in_paths_and_tokens(&owner, &program, hostile).await);
        for answer in answers {
            is_harmless(hostile, &answer);
        }
    }
    let keys: Vec<_> = app.platform.storage.list("").map_ok(|object| object.key).try_collect().await.expect("a list");
    assert!(keys.len() > HOSTILE.len(), "{keys:?}");
    assert!(keys.iter().all(|key| is_own_key(key)), "{keys:?}");
}

#[test]
fn own_keys_differ_from_those_of_others() {
    let id = "019f8000-0000-7000-8000-000000000000";
    for own in [id.to_owned(), format!("attachments/{id}/IMAGE/{id}/{id}.png"), format!("staging/{id}/{id}")] {
        assert!(is_own_key(&own), "{own}");
    }
    for other in ["a.png", "../x", "attachments/../x", &format!("{id}.html"), "etc/passwd"] {
        assert!(!is_own_key(other), "{other}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_field_leads_out_on_sqlite_and_local_disk() {
    every_field(Engines::SqliteLocal).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_field_leads_out_on_postgres_and_garage() {
    every_field(Engines::PostgresGarage).await;
}
