//! The routes for contacts, gateways, file requests and webhooks, for every kind of caller: each role with a token of all
//! scopes, tokens that are bound to a conversation, and one without the scope. `matrix.rs` has every scope of every route.

use attache::programs::access_tokens::model::Scope;
use serde_json::{Value, json};

use crate::support::{Program, TestApp, User, on_both_engines, text};

on_both_engines![every_route_responds_by_the_callers_role];

/// The callers, in the order of the columns. All but the first two are of the same organization.
const COLUMNS: [&str; 10] = [
    "nobody",
    "other organization",
    "guest",
    "assigned guest",
    "member",
    "admin",
    "owner",
    "bound to it",
    "bound elsewhere",
    "without the scope",
];

/// The subjects of a request, created by the owner in the conversation of a contact. New for each request.
struct Subject {
    contact: String,
    channel: String,
    /// Sent by the owner.
    message: String,
    request: String,
    /// For this conversation.
    webhook: String,
    delivery: String,
    /// Increases with each request.
    count: usize,
}

struct Row {
    route: &'static str,
    scope: &'static str,
    expected: [u16; 10],
    path: fn(&Subject) -> String,
    body: fn(&Subject) -> Value,
}

const fn row(
    route: &'static str,
    scope: &'static str,
    expected: [u16; 10],
    path: fn(&Subject) -> String,
    body: fn(&Subject) -> Value,
) -> Row {
    Row { route, scope, expected, path, body }
}

fn nothing(_: &Subject) -> Value {
    Value::Null
}

const REQUESTS: &str = "requests:write";
const VIEW: &str = "contacts:read";
const EDIT: &str = "contacts:write";
const READ: &str = "messages:read";
const WRITE: &str = "messages:write";
const WEBHOOKS: &str = "webhooks:write";

/// For everyone with the scope. The results differ, and are tested elsewhere.
const ALL: [u16; 10] = [401, 200, 200, 200, 200, 200, 200, 200, 200, 403];
const WHO_VIEWS_THE_CONTACT: [u16; 10] = [401, 404, 403, 200, 200, 200, 200, 200, 404, 403];
const WHO_EDITS_THE_CONTACT: [u16; 10] = [401, 404, 403, 403, 200, 200, 200, 200, 404, 403];
/// Members who manage the organization.
const MANAGERS: [u16; 10] = [401, 404, 403, 403, 403, 200, 200, 200, 404, 403];
/// The data that a webhook sends is its owner's.
const WEBHOOK_OWNER: [u16; 10] = [401, 404, 403, 403, 403, 403, 200, 200, 404, 403];

/// Returns the same with another status for success.
const fn with_success(status: u16, mut expected: [u16; 10]) -> [u16; 10] {
    let mut column = 0;
    while column < expected.len() {
        if expected[column] == 200 {
            expected[column] = status;
        }
        column += 1;
    }
    expected
}

#[rustfmt::skip]
const MATRIX: &[Row] = &[
    row("POST /file-requests", REQUESTS, with_success(201, WHO_EDITS_THE_CONTACT), |_| "/file-requests".into(), |s| json!({ "channelId": s.channel })),
    row("GET /file-requests", REQUESTS, ALL, |_| "/file-requests".into(), nothing),
    // For its maker and managers.
    row("POST /file-requests/{id}/revoke", REQUESTS, [401, 404, 404, 404, 404, 200, 200, 200, 404, 403], |s| format!("/file-requests/{}/revoke", s.request), nothing),
    row("GET /contacts", VIEW, ALL, |_| "/contacts".into(), nothing),
    row("GET /contacts?phone=", VIEW, ALL, |_| "/contacts?phone=%2B15551234567".into(), nothing),
    row("GET /contacts/{id}", VIEW, WHO_VIEWS_THE_CONTACT, |s| format!("/contacts/{}", s.contact), nothing),
    row("PATCH /contacts/{id}", EDIT, WHO_EDITS_THE_CONTACT, |s| format!("/contacts/{}", s.contact), |s| json!({ "note": s.count.to_string() })),
    // In another organization it is a new one, and a bound token creates none.
    row("POST /contacts", EDIT, [401, 201, 403, 403, 200, 200, 200, 200, 403, 403], |_| "/contacts".into(), |s| json!({ "phone": "+15551234567", "note": s.count.to_string() })),
    row("POST /contacts, new", EDIT, [401, 201, 403, 403, 201, 201, 201, 403, 403, 403], |_| "/contacts".into(), |s| json!({ "firstName": format!("New {}", s.count) })),
    row("POST /messages, outbound", WRITE, with_success(201, WHO_VIEWS_THE_CONTACT), |_| "/messages".into(), |s| json!({ "contact": { "id": s.contact }, "body": "Hello" })),
    row("POST /messages, inbound", WRITE, with_success(201, WHO_EDITS_THE_CONTACT), |_| "/messages".into(), |s| json!({ "contact": { "id": s.contact }, "direction": "inbound", "externalId": format!("SM{}", s.count), "body": "Hello" })),
    row("POST /messages, new contact", WRITE, [401, 201, 403, 403, 201, 201, 201, 403, 403, 403], |_| "/messages".into(), |s| json!({ "contact": { "phone": format!("+1555{:07}", s.count) }, "direction": "inbound", "body": "Hello" })),
    row("PATCH /messages/{id}/delivery", WRITE, WHO_VIEWS_THE_CONTACT, |s| format!("/messages/{}/delivery", s.message), |_| json!({ "status": "sent" })),
    row("GET /messages", READ, ALL, |_| "/messages".into(), nothing),
    row("GET /messages?bucketId=", READ, WHO_VIEWS_THE_CONTACT, |s| format!("/messages?bucketId={}", s.channel), nothing),
    row("GET /messages/{id}", READ, WHO_VIEWS_THE_CONTACT, |s| format!("/messages/{}", s.message), nothing),
    row("GET /channels", READ, ALL, |_| "/channels".into(), nothing),
    row("GET /me", READ, ALL, |_| "/me".into(), nothing),
    row("GET /events", READ, ALL, |_| "/events".into(), nothing),
    row("POST /webhooks", WEBHOOKS, [401, 201, 403, 403, 403, 201, 201, 201, 201, 403], |_| "/webhooks".into(), |_| json!({ "url": "https://8.8.8.8/", "events": ["message.created"] })),
    row("POST /webhooks, of a conversation", WEBHOOKS, with_success(201, MANAGERS), |_| "/webhooks".into(), |s| json!({ "url": "https://8.8.8.8/", "events": ["message.created"], "channelId": s.channel })),
    row("GET /webhooks", WEBHOOKS, [401, 200, 403, 403, 403, 200, 200, 200, 200, 403], |_| "/webhooks".into(), nothing),
    row("GET /webhooks/{id}", WEBHOOKS, MANAGERS, |s| format!("/webhooks/{}", s.webhook), nothing),
    row("PATCH /webhooks/{id}, a switch", WEBHOOKS, MANAGERS, |s| format!("/webhooks/{}", s.webhook), |_| json!({ "enabled": false })),
    row("PATCH /webhooks/{id}", WEBHOOKS, WEBHOOK_OWNER, |s| format!("/webhooks/{}", s.webhook), |_| json!({ "url": "https://8.8.4.4/" })),
    row("DELETE /webhooks/{id}", WEBHOOKS, with_success(204, MANAGERS), |s| format!("/webhooks/{}", s.webhook), nothing),
    row("POST /webhooks/{id}/rotate-secret", WEBHOOKS, WEBHOOK_OWNER, |s| format!("/webhooks/{}/rotate-secret", s.webhook), nothing),
    row("POST /webhooks/{id}/test", WEBHOOKS, with_success(202, WEBHOOK_OWNER), |s| format!("/webhooks/{}/test", s.webhook), nothing),
    row("GET /webhooks/{id}/deliveries", WEBHOOKS, WEBHOOK_OWNER, |s| format!("/webhooks/{}/deliveries", s.webhook), nothing),
    row("POST /webhooks/{id}/deliveries/{deliveryId}/resend", WEBHOOKS, with_success(202, WEBHOOK_OWNER), |s| format!("/webhooks/{}/deliveries/{}/resend", s.webhook, s.delivery), nothing),
];

/// Creates what the row needs.
async fn subject(app: &TestApp, owner: &User, jane: &Value, row: &Row, count: usize) -> Subject {
    let (contact, channel) = (text(&jane["id"]), text(&jane["channelId"]));
    let mut subject = Subject {
        message: String::new(),
        request: String::new(),
        webhook: String::new(),
        delivery: String::new(),
        contact,
        channel,
        count,
    };
    if row.route.contains("/messages/{id}") {
        subject.message = text(&owner.send(&subject.channel, "Hello", &[]).await.ok()["id"]);
    }
    if row.route.contains("/revoke") {
        let request = owner.post("/api/file-requests", json!({ "channelId": subject.channel })).await.ok();
        subject.request = text(&request["id"]);
    }
    if row.route.contains("/webhooks") {
        // An organization can have a hundred.
        app.sql("DELETE FROM webhooks", "").await;
        let new = json!({ "url": "https://8.8.8.8/", "events": ["message.created"], "channelId": subject.channel });
        subject.webhook = text(&owner.post("/api/webhooks", new).await.ok()["id"]);
        let delivery = owner.poke(&format!("/api/webhooks/{}/test", subject.webhook)).await.ok();
        subject.delivery = text(&delivery["id"]);
    }
    subject
}

async fn every_route_responds_by_the_callers_role(app: TestApp) {
    let owner = app.owner().await;
    let jane = owner.contact("Jane", "Doe", "+15551234567").await;
    let elsewhere = owner.channel("elsewhere").await;
    let all: Vec<_> = Scope::ALL.iter().map(|scope| scope.name()).collect();
    let callers = [
        Program::new(&app.base, "zat_nobody"),
        app.other_organization().await.program(&all).await,
        app.guest().await.program(&all).await,
        app.guest_of(&jane).await.program(&all).await,
        app.member().await.program(&all).await,
        app.admin().await.program(&all).await,
        owner.program(&all).await,
        owner.bound_program(&all, &text(&jane["channelId"])).await,
        owner.bound_program(&all, &elsewhere).await,
    ];
    let (mut wrong, mut count) = (Vec::new(), 0);
    for row in MATRIX {
        let others: Vec<_> = all.iter().copied().filter(|scope| *scope != row.scope).collect();
        let without = owner.program(&others).await;
        let callers = callers.iter().chain([&without]);
        for ((caller, column), expected) in callers.zip(COLUMNS).zip(row.expected) {
            count += 1;
            let subject = subject(&app, &owner, &jane, row, count).await;
            let method = row.route.split(' ').next().expect("a method").parse().expect("a method");
            let request = caller.request(method, &(row.path)(&subject));
            let body = (row.body)(&subject);
            let request = if body.is_null() { request } else { request.json(&body) };
            // Not read to its end: the event stream has none.
            let status = request.send().await.expect("the server answers").status().as_u16();
            if status != expected {
                wrong.push(format!("{} as {column}: {status}, not {expected}", row.route));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
