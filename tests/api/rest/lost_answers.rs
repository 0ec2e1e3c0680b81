//! Programs whose response is lost: the same request again results in one thing, where the API promises it.

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Program, Receiver, TestApp, lose_answer, on_both_engines, relay, text};

on_both_engines![
    a_request_with_a_key_is_done_once,
    a_contact_is_created_once_by_its_phone,
    a_message_is_sent_once_by_its_external_id,
    a_delivery_is_reported_once,
    a_secret_that_was_rotated_with_a_key_is_returned_again,
];

const SCOPES: [&str; 5] = ["messages:read", "messages:write", "contacts:write", "requests:write", "webhooks:write"];

/// A program behind a line that loses each response.
struct Lossy {
    program: Program,
    behind: Program,
}

impl Lossy {
    async fn new(app: &TestApp) -> Self {
        let program = app.owner().await.program(&SCOPES).await;
        let line = relay(&app.base, lose_answer).await;
        Self { behind: Program::new(&line, &program.secret), program }
    }

    /// Sends a request whose response is lost, and the same again. Returns the response to the second one.
    async fn twice(&self, method: &str, path: &str, key: Option<&str>, body: &Value) -> Answer {
        let method: Method = method.parse().expect("a method");
        let request = |program: &Program| {
            let request = program.request(method.clone(), path);
            let request = key.iter().fold(request, |request, key| request.header("idempotency-key", *key));
            if body.is_null() { request } else { request.json(body) }
        };
        assert!(request(&self.behind).send().await.is_err(), "the response is lost");
        self.program.send_request(request(&self.program)).await
    }
}

async fn a_request_with_a_key_is_done_once(app: TestApp) {
    let owner = app.owner().await;
    let jane = owner.contact("Jane", "Doe", "+15551234567").await;
    let channel = text(&jane["channelId"]);
    let lossy = Lossy::new(&app).await;
    for (path, body, rows) in [
        ("/file-requests", json!({ "channelId": channel, "note": "Photos" }), "file_requests"),
        ("/webhooks", json!({ "url": "https://8.8.8.8/", "events": ["message.created"] }), "webhooks"),
        ("/contacts", json!({ "firstName": "Ann", "company": "Harbor Lane" }), "contacts WHERE first_name = 'Ann'"),
        ("/messages", json!({ "bucketId": channel, "body": "Hello" }), "messages WHERE body = 'Hello'"),
    ] {
        let answer = lossy.twice("POST", path, Some(&format!("key-of-{}", &path[1..])), &body).await;
        assert_eq!(answer.header("idempotency-replayed"), "true", "{path}");
        let created = answer.created();
        assert_eq!(app.count(rows, "").await, 1, "{path}");
        // A link arrives only by the second response.
        if let Some(url) = created["url"].as_str().filter(|_| path == "/file-requests") {
            let token = url.rsplit('/').next().expect("the link ends with its token");
            assert_eq!(app.anonymous().get(&format!("/r/{token}")).await.status, 200);
        }
    }
    assert_eq!(owner.messages(&channel).await.len(), 2, "one card, and one message");
}

async fn a_contact_is_created_once_by_its_phone(app: TestApp) {
    let lossy = Lossy::new(&app).await;
    let contact = json!({ "phone": "+15551234567", "email": "jane@example.com", "firstName": "Jane" });
    let again = lossy.twice("POST", "/contacts", None, &contact).await.ok();
    assert_eq!(again["phones"].as_array().map(Vec::len), Some(1), "{again}");
    assert_eq!(app.counts(&["contacts", "contact_phones"], "").await, [1, 1]);
}

async fn a_message_is_sent_once_by_its_external_id(app: TestApp) {
    let lossy = Lossy::new(&app).await;
    // The contact is new too.
    let contact = json!({ "phone": "+15551234567", "firstName": "Jane" });
    let message = json!({ "contact": contact, "direction": "inbound", "externalId": "SM1", "body": "Hello" });
    let again = lossy.twice("POST", "/messages", None, &message).await.ok();
    assert_eq!(again["externalId"], "SM1");
    assert_eq!(app.counts(&["contacts", "messages", "events WHERE kind = 'message.created'"], "").await, [1, 1, 1]);
}

async fn a_delivery_is_reported_once(app: TestApp) {
    let owner = app.owner().await;
    let channel = text(&owner.contact("Jane", "Doe", "+15551234567").await["channelId"]);
    let sent = text(&owner.send(&channel, "On our way", &[]).await.ok()["id"]);
    let lossy = Lossy::new(&app).await;
    let report = json!({ "status": "delivered", "externalId": "SM1" });
    let again = lossy.twice("PATCH", &format!("/messages/{sent}/delivery"), None, &report).await.ok();
    assert_eq!((&again["deliveryStatus"], &again["externalId"]), (&json!("delivered"), &json!("SM1")));
}

async fn a_secret_that_was_rotated_with_a_key_is_returned_again(app: TestApp) {
    let app = TestApp::start_with_webhooks(app.engines).await;
    let lossy = Lossy::new(&app).await;
    let receiver = Receiver::start().await;
    let (id, before) = lossy.program.webhook(&receiver.url, &["message.created"]).await;
    let path = format!("/webhooks/{id}/rotate-secret");
    let rotated = lossy.twice("POST", &path, Some("rotation-1"), &Value::Null).await;
    assert_eq!(rotated.header("idempotency-replayed"), "true");
    let after = text(&rotated.ok()["secret"]);
    lossy.program.call("POST", &format!("/webhooks/{id}/test"), None).await;
    run_due(&app.platform, JOBS).await.expect("jobs can be read");
    let post = &receiver.all()[0];
    // It was rotated once: the receiver's secret is still valid.
    assert_eq!((post.signatures_by(&before), post.signatures_by(&after)), (1, 1));
}
