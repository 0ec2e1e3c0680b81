//! Hostile values in every field, parameter and path of the routes for contacts, gateways, file requests and webhooks.
//! Each is rejected with its reason and stores nothing, or is stored safely.

use reqwest::Method;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};

use crate::support::hostile::{Attempt, attempts, broken_bodies, fields, with};
use crate::support::{Answer, EventSource, Part, Program, TestApp, on_both_engines, text};

on_both_engines![
    hostile_values_are_rejected_or_stored_safely,
    unknown_fields_are_rejected_by_name,
    bodies_that_are_no_objects_are_rejected,
    hostile_forms_are_rejected,
    hostile_parameters_are_rejected,
    hostile_paths_are_rejected,
    hostile_positions_begin_with_a_resync,
];

const SCOPES: [&str; 6] =
    ["messages:read", "messages:write", "contacts:read", "contacts:write", "requests:write", "webhooks:write"];
const PUBLIC: &str = "https://8.8.8.8/hook";
/// What the requests write.
const TABLES: [&str; 10] = [
    "contacts",
    "contact_phones",
    "channels",
    "messages",
    "attachments",
    "file_requests",
    "webhooks",
    "webhook_deliveries",
    "events",
    "audit_entries",
];
/// Fields of free text, in which any character but NUL is text.
const FREE_TEXTS: [&str; 6] = ["/body", "/title", "/subtitle", "/note", "/error", "/externalId"];
/// Names for a new contact. They have no effect on one that exists, so their length is not checked.
const NEW_NAMES: [&str; 2] = ["/contact/firstName", "/contact/lastName"];
/// Maximum length of the reason of an error.
const REASON_MAX: usize = 500;

/// A request with a valid body.
struct Case {
    method: &'static str,
    path: String,
    body: Value,
    /// What a PATCH changes.
    subject: Option<String>,
}

impl Case {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

fn post(path: &str, body: Value) -> Case {
    Case { method: "POST", path: path.to_owned(), body, subject: None }
}

fn patch(path: String, subject: String, body: Value) -> Case {
    Case { method: "PATCH", path, body, subject: Some(subject) }
}

struct World {
    app: TestApp,
    program: Program,
    channel: String,
    contact: String,
    message: String,
    webhook: String,
}

impl World {
    async fn new(app: TestApp) -> Self {
        let owner = app.owner().await;
        let program = owner.program(&SCOPES).await;
        let jane = owner.contact("Jane", "Doe", "+15551234567").await;
        let channel = text(&jane["channelId"]);
        let message = text(&owner.send(&channel, "Hello", &[]).await.ok()["id"]);
        let (webhook, _) = program.webhook(PUBLIC, &["message.created"]).await;
        Self { app, program, channel, contact: text(&jane["id"]), message, webhook }
    }

    fn cases(&self) -> Vec<Case> {
        let contact = json!({
            "firstName": "Ann", "lastName": "Abe", "phones": [{ "number": "+15557654321", "preferred": true }],
            "email": "ann@example.com", "company": "Harbor Lane", "note": "Ring twice."
        });
        let mut new_contact = contact.clone();
        new_contact["phone"] = json!("+15550001111");
        let message = |contact: Value| json!({ "contact": contact, "direction": "inbound", "body": "Hello" });
        // Without an external id: the second request would only return the first message.
        let mut whole = message(json!({ "id": self.contact }));
        for (field, value) in [("externalId", Value::Null), ("title", json!("Title")), ("subtitle", json!("Subtitle"))]
        {
            whole[field] = value;
        }
        let by_phone = json!({ "phone": "+15557654321", "firstName": "Ann", "lastName": "Abe" });
        let request = json!({
            "channelId": self.channel, "note": "Photos", "expiresIn": 3600, "maxFiles": 3, "maxBytes": 1000,
            "kinds": ["image"], "password": null
        });
        let webhook =
            json!({ "url": PUBLIC, "events": ["message.created"], "channelId": self.channel, "kinds": ["image"] });
        let mut changes = webhook.clone();
        changes["enabled"] = json!(true);
        let (contact_path, message_path) =
            (format!("/contacts/{}", self.contact), format!("/messages/{}", self.message));
        let webhook_path = format!("/webhooks/{}", self.webhook);
        let report = json!({ "status": "failed", "error": "No signal", "externalId": "SM2" });
        vec![
            post("/contacts", new_contact),
            patch(contact_path.clone(), contact_path, contact),
            post("/messages", whole),
            post("/messages", message(by_phone)),
            post("/messages", message(json!({ "email": "ann@example.com" }))),
            post("/messages", json!({ "bucketId": self.channel, "direction": "outbound", "body": "Hello" })),
            patch(format!("{message_path}/delivery"), message_path, report),
            post("/file-requests", request),
            post("/webhooks", webhook),
            patch(webhook_path.clone(), webhook_path, changes),
        ]
    }

    /// Returns the numbers of rows, and what the request would change.
    async fn state(&self, case: &Case) -> (Vec<i64>, Value) {
        let subject = match &case.subject {
            Some(path) => self.program.get(path).await.ok(),
            None => Value::Null,
        };
        (self.app.counts(&TABLES, "").await, subject)
    }

    /// Sends a request. Returns what is wrong with the response or with the data.
    async fn judge(&self, case: &Case, attempt: Attempt) -> Option<String> {
        let before = self.state(case).await;
        let is_unused = NEW_NAMES.contains(&attempt.field.as_str())
            && attempt.body.pointer(&attempt.field).is_some_and(Value::is_string);
        let answer = self.program.call(case.method, &case.path, Some(attempt.body)).await;
        let is_rejected = (400..500).contains(&answer.status);
        let is_stored = is_rejected && self.state(case).await != before;
        let wrong = match answer.status {
            200..300 if attempt.is_wrong && !is_unused => Some("it is accepted".to_owned()),
            200..300 => unsafe_text(&answer, &attempt.field),
            400..500 if is_stored => Some("it is rejected, and something is stored".to_owned()),
            400..500 => without_reason(&answer),
            status => Some(format!("{status}: {}", answer.text())),
        };
        if case.path == "/webhooks" {
            // An organization can have a hundred.
            self.app.sql("DELETE FROM webhooks WHERE id <> {id}", &self.webhook).await;
        }
        wrong
    }
}

/// Returns what is wrong with the stored text of a field.
fn unsafe_text(answer: &Answer, field: &str) -> Option<String> {
    let json = answer.json();
    let stored = json.pointer(field)?.as_str()?;
    let is_free = FREE_TEXTS.contains(&field);
    let changes_direction = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_dangerous = |c: char| c == '\0' || (!is_free && (changes_direction(c) || c.is_control()));
    stored.contains(is_dangerous).then(|| format!("{stored:?} is stored"))
}

/// Returns what is wrong with an error.
fn without_reason(answer: &Answer) -> Option<String> {
    let error = serde_json::from_slice::<Value>(&answer.bytes).unwrap_or_default();
    let length = error["message"].as_str().map_or(0, str::len);
    let is_named = error["data"]["kind"].is_string() && error["code"] == answer.status;
    let has_reason = is_named && (10..REASON_MAX).contains(&length);
    let start: String = answer.text().chars().take(REASON_MAX).collect();
    (!has_reason).then(|| format!("no clear reason in {} bytes: {start}", answer.bytes.len()))
}

/// Shortens a value for the report.
fn shown(value: &Value) -> String {
    value.to_string().chars().take(60).collect()
}

async fn hostile_values_are_rejected_or_stored_safely(app: TestApp) {
    let world = World::new(app).await;
    let mut wrong = Vec::new();
    for case in world.cases() {
        for attempt in attempts(&case.body) {
            let value = attempt.body.pointer(&attempt.field).map_or_else(String::new, shown);
            let what = format!("{}{}: {value}", case.name(), attempt.field);
            wrong.extend(world.judge(&case, attempt).await.map(|reason| format!("{what}: {reason}")));
        }
        // And it was valid.
        let answer = world.program.call(case.method, &case.path, Some(case.body.clone())).await;
        if answer.status >= 300 && answer.status != 409 {
            wrong.push(format!("{}: {}", case.name(), answer.text()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn unknown_fields_are_rejected_by_name(app: TestApp) {
    let world = World::new(app).await;
    for case in world.cases() {
        let mut objects = vec![String::new()];
        objects.extend(
            fields(&case.body).into_iter().filter(|field| case.body.pointer(field).is_some_and(Value::is_object)),
        );
        for object in objects {
            let mut value = case.body.pointer(&object).expect("the body has the field").clone();
            value["color"] = json!("red");
            let body = if object.is_empty() { value } else { with(&case.body, &object, value) };
            let before = world.state(&case).await;
            let answer = world.program.call(case.method, &case.path, Some(body)).await;
            let refused = answer.refused(400, "malformed_request");
            let field = text(&refused["data"]["field"]);
            assert!(field.rsplit('.').next() == Some("color"), "{}{object}: {refused}", case.name());
            assert_eq!(world.state(&case).await, before, "{}", case.name());
        }
    }
}

async fn bodies_that_are_no_objects_are_rejected(app: TestApp) {
    let world = World::new(app).await;
    for case in world.cases() {
        let before = world.state(&case).await;
        let method: Method = case.method.parse().expect("a method");
        let send = async |content_type: &str, body: Vec<u8>| {
            let request = world.program.request(method.clone(), &case.path);
            let request = if content_type.is_empty() { request } else { request.header("content-type", content_type) };
            world.program.send_request(request.body(body)).await
        };
        for (what, body) in broken_bodies(&case.body) {
            let answer = send("application/json", body).await;
            assert_eq!(answer.status, 400, "{} {what}: {}", case.name(), answer.text());
            answer.refused(400, "malformed_request");
        }
        for content_type in ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"] {
            let answer = send(content_type, case.body.to_string().into_bytes()).await;
            answer.refused(415, "unsupported_media_type");
        }
        send("application/json", vec![b' '; 3_000_000]).await.refused(413, "too_large");
        assert_eq!(world.state(&case).await, before, "{}", case.name());
    }
}

async fn hostile_forms_are_rejected(app: TestApp) {
    let world = World::new(app).await;
    let before = world.app.counts(&TABLES, "").await;
    let nested = format!("{{\"phone\": {}", "[".repeat(10_000));
    let long = "x".repeat(90_000);
    for (field, value) in [
        ("contact", "{"),
        ("contact", "[]"),
        ("contact", "\"+15551234567\""),
        ("contact", "{\"phone\": 1}"),
        ("contact", "{\"phone\": \"+15551234567\", \"color\": \"red\"}"),
        ("contact", "{\"phone\": \"call me\"}"),
        ("contact", "{\"email\": \"a\\u0000b@example.com\"}"),
        ("contact", "{\"id\": \"x\"}"),
        ("contact", nested.as_str()),
        ("contact", long.as_str()),
        ("externalId", "a\0b"),
        ("externalId", long.as_str()),
        ("direction", "sideways"),
        ("direction", "inbound\0"),
        ("bucketId", "a\0b"),
        ("color", "red"),
    ] {
        let known = format!("{{\"id\": \"{}\"}}", world.contact);
        let mut form = vec![("body", Part::Text("Hello")), (field, Part::Text(value))];
        if field != "contact" {
            form.push(("contact", Part::Text(&known)));
        }
        form.push(("file", Part::File("a.txt", b"a")));
        let answer = world.program.form("/messages/with-attachment", &form).await;
        let shown: String = value.chars().take(60).collect();
        assert!((400..500).contains(&answer.status), "{field} {shown}: {}", answer.text());
        assert_eq!(without_reason(&answer), None, "{field} {shown}");
    }
    assert_eq!(world.app.counts(&TABLES, "").await, before, "no file is kept");
}

/// Values of parameters, encoded.
fn parameters() -> Vec<String> {
    let texts = [
        "",
        "%00",
        "a%00b",
        "%FF%FE",
        "%E2%80%AEgpj",
        "0",
        "-1",
        "1.5",
        "99999999999999999999999999",
        "NaN",
        "[]",
        "null",
        "%27%20OR%201=1%20--",
        "2026-11-30",
        "2026-13-01T00:00:00Z",
        "2026-11-30T00:00:00%2B99:99",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999Z",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
    ];
    let long = "x".repeat(5000);
    texts.iter().map(|text| (*text).to_owned()).chain([long]).collect()
}

async fn hostile_parameters_are_rejected(app: TestApp) {
    let world = World::new(app).await;
    let log = format!("/webhooks/{}/deliveries", world.webhook);
    let routes: [(&str, &[&str]); 6] = [
        ("/messages", &["bucketId", "before", "after", "since", "limit"]),
        ("/contacts", &["phone", "email", "search", "after", "limit"]),
        ("/file-requests", &["before", "limit"]),
        ("/webhooks", &["before", "limit"]),
        (&log, &["before", "limit"]),
        ("/channels", &["after", "limit"]),
    ];
    let mut wrong = Vec::new();
    for (path, names) in routes {
        for name in names {
            for value in parameters() {
                let path = format!("{path}?{name}={value}");
                let answer = world.program.get(&path).await;
                let reason = match answer.status {
                    200 => None,
                    400..500 => without_reason(&answer),
                    status => Some(format!("{status}: {}", answer.text())),
                };
                wrong.extend(reason.map(|reason| format!("{path}: {reason}")));
            }
        }
        let refused = world.program.get(&format!("{path}?color=red")).await.refused(400, "malformed_request");
        assert_eq!(refused["data"]["field"], "color", "{path}");
        let twice = format!("{path}?{0}=1&{0}=2", names.last().expect("it has parameters"));
        world.program.get(&twice).await.refused(400, "malformed_request");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn hostile_paths_are_rejected(app: TestApp) {
    let world = World::new(app).await;
    let (before, _) = world.state(&post("", Value::Null)).await;
    for (method, path) in [
        ("GET", "/contacts/{id}"),
        ("PATCH", "/contacts/{id}"),
        ("PATCH", "/messages/{id}/delivery"),
        ("POST", "/file-requests/{id}/revoke"),
        ("GET", "/webhooks/{id}"),
        ("PATCH", "/webhooks/{id}"),
        ("DELETE", "/webhooks/{id}"),
        ("POST", "/webhooks/{id}/rotate-secret"),
        ("POST", "/webhooks/{id}/test"),
        ("GET", "/webhooks/{id}/deliveries"),
        ("POST", "/webhooks/{id}/deliveries/{id}/resend"),
    ] {
        for id in
            ["x", "1", "%00", "%FF", "..%2f", "%E2%80%AE", "00000000-0000-7000-8000-00000000000g", &"0".repeat(5000)]
        {
            let answer = world.program.call(method, &path.replace("{id}", id), None).await;
            assert!([400, 404, 415].contains(&answer.status), "{method} {path} {id}: {}", answer.text());
            assert_eq!(without_reason(&answer), None, "{method} {path} {id}");
        }
    }
    assert_eq!(world.state(&post("", Value::Null)).await.0, before);
}

async fn hostile_positions_begin_with_a_resync(app: TestApp) {
    let world = World::new(app).await;
    let long = "9".repeat(5000);
    let positions: [&[u8]; 9] =
        [b"", b" ", b"-1", b"1.5", b"0x1", b"1, 2", b"\xff\xfe", b"9223372036854775808", long.as_bytes()];
    for position in positions {
        let value = HeaderValue::from_bytes(position).expect("a header can have these bytes");
        let request = world.program.request(Method::GET, "/events").header("last-event-id", value);
        let event = EventSource::open(request).await.next().await;
        assert_eq!((event.name.as_str(), &event.data), ("resync", &json!({})), "{position:?}");
    }
}
