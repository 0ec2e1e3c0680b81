//! Webhooks: signed deliveries of each event, once, to the owner's URL, with what the owner can view.

use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use futures::future::join;
use serde_json::{Value, json};

use crate::support::{Program, Received, Receiver, Reply, TestApp, User, files, on_both_engines, text};

on_both_engines![
    a_message_is_delivered_and_signed,
    each_kind_of_event_is_sent,
    filters_narrow_what_is_sent,
    only_what_the_owner_can_view_is_sent,
    two_servers_send_an_event_once,
    both_secrets_sign_for_a_day,
    each_secret_signs_for_a_day_after_it_was_replaced,
    the_log_shows_request_and_response,
    a_test_event_is_sent,
    only_the_owner_reads_the_log,
    a_limited_token_has_webhooks_of_its_bucket,
    private_targets_are_rejected,
    wrong_values_name_their_field,
    the_webhooks_of_a_removed_member_end,
];

const ALL: [&str; 7] = [
    "message.created",
    "message.updated",
    "message.deleted",
    "attachment.ready",
    "contact.created",
    "contact.updated",
    "file_request.received",
];
const PUBLIC: &str = "https://8.8.8.8/hook";

async fn run(app: &TestApp) {
    run_due(&app.platform, JOBS).await.expect("jobs can be read");
}

async fn program(user: &User) -> Program {
    user.program(&["webhooks:write", "messages:read", "messages:write", "attachments:read", "contacts:read"]).await
}

/// Runs the jobs. Returns the types of what arrived since, sorted.
async fn types(app: &TestApp, receiver: &Receiver) -> Vec<String> {
    run(app).await;
    let mut types: Vec<_> = receiver.take().iter().map(|received| text(&received.json()["type"])).collect();
    types.sort_unstable();
    types
}

async fn deliveries(program: &Program, webhook: &str) -> Vec<Value> {
    let page = program.get(&format!("/webhooks/{webhook}/deliveries")).await.ok();
    page["deliveries"].as_array().expect("a list").clone()
}

async fn a_message_is_delivered_and_signed(app: TestApp) {
    let app = TestApp::start_with_webhooks(app.engines).await;
    let owner = app.owner().await;
    let (receiver, program) = (Receiver::start().await, program(&owner).await);
    let body = json!({ "url": receiver.url, "events": ["message.created"] });
    let answer = program.post("/webhooks", body).await;
    let location = answer.header("location").to_owned();
    let made = answer.created();
    let secret = text(&made["secret"]);
    assert!(secret.starts_with("whsec_") && location.ends_with(&text(&made["id"])));
    assert_eq!(program.get(&location["/api/v1".len()..]).await.ok()["secret"], Value::Null, "it is shown once");

    let channel = owner.channel("dispatch").await;
    let message = text(&owner.send(&channel, "The boiler hisses", &[]).await.ok()["id"]);
    run(&app).await;
    let all = receiver.all();
    assert_eq!(all.len(), 1);
    let (post, sent) = (&all[0], all[0].json());
    assert_eq!(post.signatures_by(&secret), 1);
    assert_eq!(post.signature.split(' ').count(), 1);
    let age = app.platform.clock.now().0 / 1000 - post.timestamp;
    assert!((0..60).contains(&age), "{age}");
    assert_eq!(sent["type"], "message.created");
    assert_eq!(sent["data"], program.get(&format!("/messages/{message}")).await.ok());
    let [happened, created] = ["/timestamp", "/data/createdAt"].map(|path| text(sent.pointer(path).unwrap()));
    assert_eq!(happened[..10], created[..10]);
    let logged = deliveries(&program, &text(&made["id"])).await;
    assert_eq!((logged.len(), &logged[0]["id"], &logged[0]["state"]), (1, &json!(post.id), &json!("delivered")));
    // Nothing is sent twice.
    run(&app).await;
    assert_eq!(receiver.all().len(), 1);
}

async fn each_kind_of_event_is_sent(app: TestApp) {
    let app = TestApp::start_with_webhooks(app.engines).await;
    let owner = app.owner().await;
    let (receiver, program) = (Receiver::start().await, program(&owner).await);
    program.webhook(&receiver.url, &ALL).await;

    let jane = owner.contact("Jane", "Doe", "+15551234567").await;
    run(&app).await;
    let created = receiver.take()[0].json();
    assert_eq!(created["type"], "contact.created");
    assert_eq!(created["data"], program.get(&format!("/contacts/{}", text(&jane["id"]))).await.ok());
    owner.patch(&format!("/api/contacts/{}", text(&jane["id"])), json!({ "lastName": "Roe" })).await.ok();
    assert_eq!(types(&app, &receiver).await, ["contact.updated"]);

    let channel = text(&jane["channelId"]);
    let file = owner.send_file(&channel, "tap.txt", "text/plain", b"drip").await;
    run(&app).await;
    let both = receiver.take();
    let ready = both.iter().map(Received::json).find(|sent| sent["type"] == "attachment.ready").unwrap();
    let message = text(&owner.messages(&channel).await[0]["id"]);
    assert_eq!((both.len(), &ready["data"]["id"], &ready["data"]["messageId"]), (2, &json!(file), &json!(message)));
    let url = text(&ready["data"]["downloadUrl"]);
    assert_eq!(url, format!("{}/api/v1/attachments/{file}/download", app.base), "URLs are absolute");

    let path = format!("/messages/{message}");
    program.call("PATCH", &path, Some(json!({ "body": "It drips" }))).await.ok();
    assert_eq!(types(&app, &receiver).await, ["message.updated"]);
    owner.delete(&format!("/api/attachments/{file}")).await.ok();
    assert_eq!(types(&app, &receiver).await, ["message.updated"]);
    program.call("DELETE", &path, None).await;
    run(&app).await;
    let deleted = receiver.take()[0].json();
    assert_eq!(deleted["type"], "message.deleted");
    assert_eq!(deleted["data"], json!({ "id": message, "bucketId": channel }));
    owner.poke(&format!("/api/messages/{message}/restore")).await.ok();
    assert_eq!(types(&app, &receiver).await, ["message.updated"]);

    let request =
        owner.post("/api/file-requests", json!({ "channelId": channel, "note": "Photos, please" })).await.ok();
    assert_eq!(types(&app, &receiver).await, ["message.created"]);
    let link = text(&request["url"]);
    let send = format!("/r/{}/send", link.rsplit('/').next().unwrap());
    let answer = app.anonymous().post(&send, json!({ "body": "Here they are", "idempotencyKey": "one" })).await.ok();
    run(&app).await;
    let both = receiver.take();
    let of_request = both.iter().map(Received::json).find(|sent| sent["type"] == "file_request.received");
    let data = of_request.expect("the request received something")["data"].clone();
    assert_eq!((both.len(), &data["id"], &data["message"]["id"]), (2, &request["id"], &answer["id"]));
}

async fn filters_narrow_what_is_sent(app: TestApp) {
    let app = TestApp::start_with_webhooks(app.engines).await;
    let owner = app.owner().await;
    let (receiver, program) = (Receiver::start().await, program(&owner).await);
    let (here, elsewhere) = (owner.channel("here").await, owner.channel("elsewhere").await);
    let body = json!({ "url": receiver.url, "events": ["message.created", "attachment.ready"], "channelId": here, "kinds": ["image"] });
    let made = program.post("/webhooks", body).await.created();
    assert_eq!(
        (&made["channelId"], &made["channelName"], &made["kinds"]),
        (&json!(here), &json!("here"), &json!(["image"]))
    );
    owner.send(&elsewhere, "elsewhere", &[]).await.ok();
    owner.send_file(&here, "notes.txt", "text/plain", b"notes").await;
    owner.send_file(&here, "tap.png", "image/png", &files::picture(8, 8)).await;
    assert_eq!(types(&app, &receiver).await, ["attachment.ready", "message.created", "message.created"]);
    // Without the filters.
    let path = format!("/webhooks/{}", text(&made["id"]));
    program
        .call("PATCH", &path, Some(json!({ "channelId": null, "kinds": null, "events": ["attachment.ready"] })))
        .await
        .ok();
    owner.send_file(&elsewhere, "notes.txt", "text/plain", b"more").await;
    assert_eq!(types(&app, &receiver).await, ["attachment.ready"]);
    // A disabled one starts with the next event.
    program.call("PATCH", &path, Some(json!({ "enabled": false }))).await.ok();
    owner.send_file(&here, "notes.txt", "text/plain", b"while off").await;
    run(&app).await;
    let enabled = program.call("PATCH", &path, Some(json!({ "enabled": true }))).await.ok();
    assert_eq!((&enabled["enabled"], &enabled["disabledReason"]), (&json!(true), &Value::Null));
    assert_eq!(types(&app, &receiver).await, [""; 0]);
    owner.send_file(&here, "notes.txt", "text/plain", b"on again").await;
    assert_eq!(types(&app, &receiver).await, ["attachment.ready"]);
    assert_eq!(program.call("DELETE", &path, None).await.status, 204);
    owner.send_file(&here, "notes.txt", "text/plain", b"deleted").await;
    assert_eq!(types(&app, &receiver).await, [""; 0]);
}

async fn only_what_the_owner_can_view_is_sent(app: TestApp) {
    let app = TestApp::start_with_webhooks(app.engines).await;
    let (owner, admin) = (app.owner().await, app.admin().await);
    let (receiver, program) = (Receiver::start().await, program(&admin).await);
    let (webhook, _) = program.webhook(&receiver.url, &ALL).await;
    let other = app.other_organization().await;
    let foreign = other.channel("foreign").await;
    other.send(&foreign, "of another organization", &[]).await.ok();
    let private = owner.private_channel("private").await;
    owner.send(&private, "secret", &[]).await.ok();
    assert_eq!(types(&app, &receiver).await, [""; 0]);
    assert_eq!(deliveries(&program, &webhook).await.len(), 0);
    let public = owner.channel("public").await;
    let message = text(&owner.send(&public, "deleted at once", &[]).await.ok()["id"]);
    owner.delete(&format!("/api/messages/{message}")).await.ok();
    assert_eq!(types(&app, &receiver).await, ["message.deleted"]);
    let skipped = deliveries(&program, &webhook).await;
    assert_eq!((&skipped[1]["type"], &skipped[1]["state"]), (&json!("message.created"), &json!("skipped")));
    assert_eq!(skipped[1]["request"], Value::Null);
    // Without the permission to have webhooks nothing is sent.
    owner.patch(&format!("/api/members/{}", admin.member_id), json!({ "role": "member" })).await.ok();
    owner.send(&public, "hello", &[]).await.ok();
    assert_eq!(types(&app, &receiver).await, [""; 0]);
    program.get("/webhooks").await.refused(403, "forbidden");
}

async fn two_servers_send_an_event_once(app: TestApp) {
    let app = TestApp::start_with_webhooks(app.engines).await;
    let owner = app.owner().await;
    let (receiver, program) = (Receiver::start().await, program(&owner).await);
    program.webhook(&receiver.url, &["message.created"]).await;
    let channel = owner.channel("dispatch").await;
    let other = app.second_server().await;
    for number in 0..10 {
        owner.send(&channel, &number.to_string(), &[]).await.ok();
        let (one, two) = join(Box::pin(run_due(&app.platform, JOBS)), Box::pin(run_due(&other.platform, JOBS))).await;
        one.and(two).expect("jobs can be read");
    }
    run(&app).await;
    let mut bodies: Vec<_> = receiver.all().iter().map(|received| text(&received.json()["data"]["body"])).collect();
    bodies.sort_unstable();
    assert_eq!(bodies, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
}

async fn both_secrets_sign_for_a_day(app: TestApp) {
    let app = TestApp::start_with_webhooks(app.engines).await;
    let owner = app.owner().await;
    let (receiver, program) = (Receiver::start().await, program(&owner).await);
    let (id, old) = program.webhook(&receiver.url, &["message.created"]).await;
    let rotated = program.call("POST", &format!("/webhooks/{id}/rotate-secret"), None).await.ok();
    let new = text(&rotated["secret"]);
    assert!(new != old && rotated["previousSecretUntil"].is_string());
    let channel = owner.channel("dispatch").await;
    owner.send(&channel, "during the day", &[]).await.ok();
    run(&app).await;
    let post = &receiver.take()[0];
    assert_eq!((post.signatures_by(&new), post.signatures_by(&old)), (1, 1));
    app.advance(Duration::from_hours(25));
    owner.send(&channel, "a day later", &[]).await.ok();
    run(&app).await;
    let post = &receiver.take()[0];
    assert_eq!((post.signatures_by(&new), post.signatures_by(&old)), (1, 0));
    assert_eq!(post.signature.split(' ').count(), 1);
}

async fn each_secret_signs_for_a_day_after_it_was_replaced(app: TestApp) {
    let app = TestApp::start_with_webhooks(app.engines).await;
    let owner = app.owner().await;
    let (receiver, program) = (Receiver::start().await, program(&owner).await);
    let (id, first) = program.webhook(&receiver.url, &["message.created"]).await;
    let path = format!("/webhooks/{id}/rotate-secret");
    let mut secrets = vec![first];
    let signed_by = async |secrets: &[String]| {
        program.call("POST", &format!("/webhooks/{id}/test"), None).await;
        run(&app).await;
        let post = &receiver.take()[0];
        let by: Vec<_> = secrets.iter().map(|secret| post.signatures_by(secret)).collect();
        assert_eq!(post.signature.split(' ').count(), by.iter().sum::<usize>());
        by
    };
    for _ in 0..10 {
        secrets.push(text(&program.call("POST", &path, None).await.ok()["secret"]));
        app.advance(Duration::from_hours(1));
    }
    assert_eq!(signed_by(&secrets).await, [1; 11]);
    let refused = program.call("POST", &path, None).await;
    // The first one was replaced 10 hours ago.
    assert_eq!(refused.header("retry-after").parse::<u32>().unwrap().div_ceil(3600), 14);
    refused.refused(429, "rate_limited");
    app.advance(Duration::from_hours(14) + Duration::from_mins(1));
    assert_eq!(signed_by(&secrets).await, [&[0][..], &[1; 10]].concat());
    secrets.push(text(&program.call("POST", &path, None).await.ok()["secret"]));
    app.advance(Duration::from_hours(25));
    assert_eq!(signed_by(&secrets).await, [&[0; 11][..], &[1]].concat());
    assert_eq!(app.count("webhook_previous_secrets", "").await, 0, "the job has removed them");
}

async fn the_log_shows_request_and_response(app: TestApp) {
    let app = TestApp::start_with_webhooks(app.engines).await;
    let owner = app.owner().await;
    let (receiver, program) = (Receiver::start().await, program(&owner).await);
    let (id, secret) = program.webhook(&receiver.url, &["message.created"]).await;
    let channel = owner.channel("dispatch").await;
    receiver.reply([Reply::Body(200, [&b"thanks\0"[..], &vec![b'x'; 100_000]].concat())]);
    owner.send(&channel, "first", &[]).await.ok();
    run(&app).await;
    let first = receiver.take();
    let logged = deliveries(&program, &id).await[0].clone();
    assert_eq!((&logged["status"], &logged["attempts"]), (&json!(200), &json!(1)));
    assert_eq!(text(&logged["request"]).as_bytes(), first[0].body);
    let response = text(&logged["response"]);
    assert!(response.starts_with("thanks\u{fffd}xxx") && response.chars().count() == 4096, "{}", response.len());
    assert!(!logged.to_string().contains(&secret));
    // It can be sent again, with the same id.
    let path = format!("/webhooks/{id}/deliveries/{}/resend", text(&logged["id"]));
    let answer = program.call("POST", &path, None).await;
    assert_eq!((answer.status, &answer.json()["state"]), (202, &json!("pending")));
    run(&app).await;
    let again = receiver.take();
    assert_eq!((again.len(), &again[0].id, &again[0].body), (1, &first[0].id, &first[0].body));
    assert_eq!(again[0].signatures_by(&secret), 1);
    assert_eq!(deliveries(&program, &id).await[0]["attempts"], 2);
    // Pages, newest first.
    for body in ["second", "third"] {
        owner.send(&channel, body, &[]).await.ok();
    }
    run(&app).await;
    let page = program.get(&format!("/webhooks/{id}/deliveries?limit=2")).await.ok();
    let rest = program.get(&format!("/webhooks/{id}/deliveries?limit=2&before={}", text(&page["next"]))).await.ok();
    assert_eq!((rest["deliveries"].as_array().unwrap().len(), &rest["deliveries"][0]["id"]), (1, &logged["id"]));
    // After a week the log is empty.
    app.advance(Duration::from_hours(8 * 24));
    run(&app).await;
    assert_eq!(deliveries(&program, &id).await, [json!(null); 0]);
    assert_eq!(app.count("events", "").await, 0);
}

async fn a_test_event_is_sent(app: TestApp) {
    let app = TestApp::start_with_webhooks(app.engines).await;
    let program = program(&app.owner().await).await;
    let receiver = Receiver::start().await;
    let (id, secret) = program.webhook(&receiver.url, &["message.created"]).await;
    let answer = program.call("POST", &format!("/webhooks/{id}/test"), None).await;
    assert_eq!((answer.status, &answer.json()["type"]), (202, &json!("webhook.test")));
    run(&app).await;
    let post = &receiver.all()[0];
    assert_eq!(post.json()["type"], "webhook.test");
    assert_eq!(post.json()["data"], json!({ "webhookId": id }));
    assert_eq!(post.signatures_by(&secret), 1);
    let last = &program.get(&format!("/webhooks/{id}")).await.ok()["lastDelivery"];
    assert_eq!((&last["state"], &last["status"]), (&json!("delivered"), &json!(204)));
    program.call("PATCH", &format!("/webhooks/{id}"), Some(json!({ "enabled": false }))).await.ok();
    program.call("POST", &format!("/webhooks/{id}/test"), None).await.refused(409, "conflict");
}

async fn only_the_owner_reads_the_log(app: TestApp) {
    let (owner, admin) = (app.owner().await, app.admin().await);
    let (owners, admins) = (program(&owner).await, program(&admin).await);
    let (id, _) = owners.webhook(PUBLIC, &["message.created"]).await;
    let listed = admins.get("/webhooks").await.ok();
    assert_eq!((&listed["webhooks"][0]["own"], &listed["webhooks"][0]["owner"]), (&json!(false), &json!("Olga Owner")));
    admins.get(&format!("/webhooks/{id}/deliveries")).await.refused(403, "forbidden");
    admins.call("POST", &format!("/webhooks/{id}/rotate-secret"), None).await.refused(403, "forbidden");
    admins.call("POST", &format!("/webhooks/{id}/test"), None).await.refused(403, "forbidden");
    let redirect = json!({ "url": "https://8.8.4.4/mine" });
    admins.call("PATCH", &format!("/webhooks/{id}"), Some(redirect)).await.refused(403, "forbidden");
    let disabled = admins.call("PATCH", &format!("/webhooks/{id}"), Some(json!({ "enabled": false }))).await.ok();
    assert_eq!(disabled["disabledReason"], "manual");
    assert_eq!(admins.call("DELETE", &format!("/webhooks/{id}"), None).await.status, 204);
    owners.get(&format!("/webhooks/{id}")).await.refused(404, "not_found");
}

async fn a_limited_token_has_webhooks_of_its_bucket(app: TestApp) {
    let owner = app.owner().await;
    let (here, elsewhere) = (owner.channel("here").await, owner.channel("elsewhere").await);
    let limited = owner.bound_program(&["webhooks:write"], &here).await;
    let made = limited.post("/webhooks", json!({ "url": PUBLIC, "events": ["message.created"] })).await.created();
    assert_eq!(made["channelId"], here.as_str());
    let wider = json!({ "url": PUBLIC, "events": ["message.created"], "channelId": elsewhere });
    limited.post("/webhooks", wider).await.refused(404, "not_found");
    let widened =
        limited.call("PATCH", &format!("/webhooks/{}", text(&made["id"])), Some(json!({ "channelId": null }))).await;
    assert_eq!(widened.ok()["channelId"], here.as_str());
    let (all, _) = program(&owner).await.webhook(PUBLIC, &["message.created"]).await;
    limited.get(&format!("/webhooks/{all}")).await.refused(404, "not_found");
    assert_eq!(limited.get("/webhooks").await.ok()["webhooks"].as_array().unwrap().len(), 1);
}

async fn private_targets_are_rejected(app: TestApp) {
    let program = program(&app.owner().await).await;
    for url in [
        "http://127.0.0.1:8080/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://0x7f.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://10.0.0.5/",
        "https://user:password@example.com/",
        "http://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "example.com",
        "",
    ] {
        let body = json!({ "url": url, "events": ["message.created"] });
        let refused = program.post("/webhooks", body).await.refused(400, "invalid_url");
        assert_eq!(refused["data"]["field"], "url", "{url}");
    }
    let (id, _) = program.webhook(PUBLIC, &["message.created"]).await;
    let moved = json!({ "url": "https://192.168.0.1/" });
    program.call("PATCH", &format!("/webhooks/{id}"), Some(moved)).await.refused(400, "invalid_url");
    // An operator may allow some.
    let app = TestApp::start_with(app.engines, |config| {
        config.remote_fetch.allowed_hosts = vec!["localhost".to_owned(), "10.0.0.5".to_owned()];
    })
    .await;
    let program = self::program(&app.owner().await).await;
    for url in ["http://localhost:3000/hook", "http://10.0.0.5/"] {
        program.webhook(url, &["message.created"]).await;
    }
    let body = json!({ "url": "http://127.0.0.1/", "events": ["message.created"] });
    program.post("/webhooks", body).await.refused(400, "invalid_url");
}

async fn wrong_values_name_their_field(app: TestApp) {
    let owner = app.owner().await;
    let program = program(&owner).await;
    let missing = "00000000-0000-7000-8000-000000000000";
    program.post("/webhooks", json!({ "url": PUBLIC, "events": [] })).await.refused_field("events");
    for (body, field) in [
        (json!({ "url": PUBLIC, "events": ["message.sent"] }), "events[0]"),
        (json!({ "url": PUBLIC }), "events"),
        (json!({ "events": ["message.created"] }), "url"),
        (json!({ "url": PUBLIC, "events": ["message.created"], "kinds": ["picture"] }), "kinds[0]"),
        (json!({ "url": PUBLIC, "events": ["message.created"], "secret": "mine" }), "secret"),
        (json!({ "url": 7, "events": ["message.created"] }), "url"),
        (json!({ "url": PUBLIC, "events": vec!["message.created"; 1001] }), "events"),
    ] {
        let refused = program.post("/webhooks", body.clone()).await.refused(400, "malformed_request");
        assert!(text(&refused["data"]["field"]).starts_with(field), "{body}: {refused}");
    }
    let elsewhere = json!({ "url": PUBLIC, "events": ["message.created"], "channelId": missing });
    assert_eq!(program.post("/webhooks", elsewhere).await.refused(404, "not_found")["data"]["field"], "channelId");
    program.get(&format!("/webhooks/{missing}")).await.refused(404, "not_found");
    let (id, _) = program.webhook(PUBLIC, &["message.created"]).await;
    let resend = format!("/webhooks/{id}/deliveries/{missing}/resend");
    program.call("POST", &resend, None).await.refused(404, "not_found");
    assert_eq!(app.count("webhooks", "").await, 1);
}

async fn the_webhooks_of_a_removed_member_end(app: TestApp) {
    let app = TestApp::start_with_webhooks(app.engines).await;
    let (owner, admin) = (app.owner().await, app.admin().await);
    let receiver = Receiver::start().await;
    let (id, _) = program(&admin).await.webhook(&receiver.url, &["message.created"]).await;
    let channel = owner.channel("dispatch").await;
    owner.send(&channel, "before", &[]).await.ok();
    owner.delete(&format!("/api/members/{}", admin.member_id)).await.ok();
    owner.send(&channel, "after", &[]).await.ok();
    assert_eq!(types(&app, &receiver).await, [""; 0], "pending deliveries are not sent either");
    let owners = program(&owner).await;
    assert_eq!(owners.get(&format!("/webhooks/{id}")).await.ok()["disabledReason"], "owner_removed");
    let enable = owners.call("PATCH", &format!("/webhooks/{id}"), Some(json!({ "enabled": true }))).await;
    enable.refused(409, "conflict");
}
