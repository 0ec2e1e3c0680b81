//! Deliveries that fail: they are retried with the same id, and after three days the webhook is disabled.

use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use serde_json::{Value, json};

use crate::support::{Program, Receiver, Reply, TestApp, on_both_engines, text};

on_both_engines![
    a_failed_delivery_is_retried_with_the_same_id,
    after_three_days_the_webhook_is_disabled,
    redirects_are_not_followed,
    an_unreachable_endpoint_is_an_error_in_the_log,
    an_event_survives_a_restart,
    a_failing_webhook_delays_no_other,
];

async fn run(app: &TestApp) {
    run_due(&app.platform, JOBS).await.expect("jobs can be read");
}

/// Starts an app with a webhook for messages and a channel. Returns the program, the ids of both, and the secret.
async fn set_up(app: TestApp, receiver: &Receiver) -> (TestApp, Program, String, String, String) {
    let app = TestApp::start_with_webhooks(app.engines).await;
    let owner = app.owner().await;
    let program = owner.program(&["webhooks:write", "messages:write"]).await;
    let channel = owner.channel("dispatch").await;
    let (id, secret) = program.webhook(&receiver.url, &["message.created"]).await;
    (app, program, id, channel, secret)
}

async fn delivery(program: &Program, webhook: &str) -> Value {
    program.get(&format!("/webhooks/{webhook}/deliveries")).await.ok()["deliveries"][0].clone()
}

async fn a_failed_delivery_is_retried_with_the_same_id(app: TestApp) {
    let receiver = Receiver::start().await;
    let (app, program, id, channel, secret) = set_up(app, &receiver).await;
    receiver.reply([
        Reply::Body(500, b"out of order".to_vec()),
        Reply::Status(429),
        Reply::Status(404),
        Reply::Status(201),
    ]);
    app.owner().await.send(&channel, "Hello", &[]).await.ok();
    run(&app).await;
    let logged = delivery(&program, &id).await;
    assert_eq!(
        (&logged["state"], &logged["status"], &logged["response"]),
        (&json!("pending"), &json!(500), &json!("out of order"))
    );
    assert!(logged["nextAttemptAt"].is_string());
    for (number, pause) in [(2, 5), (3, 30), (4, 120)] {
        app.advance(Duration::from_secs(pause - 3));
        run(&app).await;
        assert_eq!(receiver.all().len(), number - 1, "it is too early for attempt {number}");
        app.advance(Duration::from_secs(3));
        run(&app).await;
        assert_eq!(receiver.all().len(), number);
    }
    let all = receiver.all();
    assert!(all.iter().all(|received| received.id == all[0].id && received.signatures_by(&secret) == 1));
    assert!(all[3].timestamp >= all[0].timestamp + 155, "each attempt is signed with its own time");
    let logged = delivery(&program, &id).await;
    assert_eq!(
        (&logged["state"], &logged["attempts"], &logged["id"]),
        (&json!("delivered"), &json!(4), &json!(all[0].id))
    );
    assert_eq!(logged["nextAttemptAt"], Value::Null);
    app.advance(Duration::from_hours(2));
    run(&app).await;
    assert_eq!(receiver.all().len(), 4);
}

async fn after_three_days_the_webhook_is_disabled(app: TestApp) {
    let receiver = Receiver::start().await;
    let (app, program, id, channel, _) = set_up(app, &receiver).await;
    let owner = app.owner().await;
    receiver.reply(vec![Reply::Status(503); 100]);
    owner.send(&channel, "Hello", &[]).await.ok();
    run(&app).await;
    for _ in 0..4 {
        app.advance(Duration::from_mins(10));
        run(&app).await;
    }
    assert_eq!(delivery(&program, &id).await["attempts"], 5);
    let mut events = owner.listen().await;
    for hour in 0..72 {
        let webhook = program.get(&format!("/webhooks/{id}")).await.ok();
        assert_eq!(webhook["enabled"], json!(true), "hour {hour}");
        app.advance(Duration::from_mins(61));
        run(&app).await;
    }
    assert_eq!(receiver.all().len(), 77);
    let webhook = program.get(&format!("/webhooks/{id}")).await.ok();
    assert_eq!((&webhook["enabled"], &webhook["disabledReason"]), (&json!(false), &json!("failing")));
    assert_eq!(delivery(&program, &id).await["state"], "failed");
    // The owner learns of it, at once on open pages.
    events.next_named("access.changed").await;
    assert_eq!(owner.get("/api/auth/session").await.ok()["failingWebhooks"], 1);
    assert_eq!(app.admin().await.get("/api/auth/session").await.ok()["failingWebhooks"], 0);
    let entries = owner.get("/api/audit-entries").await.ok();
    let disabled = |entry: &Value| entry["action"] == "webhook_disabled";
    assert!(entries["entries"].as_array().unwrap().iter().any(disabled), "{entries}");

    owner.send(&channel, "while it is disabled", &[]).await.ok();
    run(&app).await;
    let replies = receiver.all().len();
    assert_eq!(replies, 77);
    program.call("PATCH", &format!("/webhooks/{id}"), Some(json!({ "enabled": true }))).await.ok();
    assert_eq!(owner.get("/api/auth/session").await.ok()["failingWebhooks"], 0);
    owner.send(&channel, "after it works again", &[]).await.ok();
    run(&app).await;
    let last = receiver.all().last().unwrap().json();
    assert_eq!((receiver.all().len(), text(&last["data"]["body"]).as_str()), (78, "after it works again"));
}

async fn redirects_are_not_followed(app: TestApp) {
    let (receiver, other) = (Receiver::start().await, Receiver::start().await);
    let (app, program, id, channel, _) = set_up(app, &receiver).await;
    receiver.reply([Reply::Redirect(other.url.clone())]);
    app.owner().await.send(&channel, "Hello", &[]).await.ok();
    run(&app).await;
    let logged = delivery(&program, &id).await;
    assert_eq!((&logged["state"], &logged["status"]), (&json!("pending"), &json!(307)));
    assert_eq!((receiver.all().len(), other.all().len()), (1, 0));
}

async fn an_unreachable_endpoint_is_an_error_in_the_log(app: TestApp) {
    let receiver = Receiver::start().await;
    let (app, program, id, channel, _) = set_up(app, &receiver).await;
    let nowhere = json!({ "url": "http://127.0.0.1:1/hook" });
    program.call("PATCH", &format!("/webhooks/{id}"), Some(nowhere)).await.ok();
    app.owner().await.send(&channel, "Hello", &[]).await.ok();
    run(&app).await;
    let logged = delivery(&program, &id).await;
    assert_eq!(
        (&logged["state"], &logged["status"], &logged["response"]),
        (&json!("pending"), &Value::Null, &Value::Null)
    );
    assert!(text(&logged["error"]).contains("can't be reached"), "{logged}");
    // It is sent to the new URL, after that was corrected.
    program.call("PATCH", &format!("/webhooks/{id}"), Some(json!({ "url": receiver.url }))).await.ok();
    app.advance(Duration::from_secs(6));
    run(&app).await;
    assert_eq!(receiver.all().len(), 1);
    assert_eq!(delivery(&program, &id).await["error"], Value::Null);
}

async fn an_event_survives_a_restart(app: TestApp) {
    let receiver = Receiver::start().await;
    let (app, _, _, channel, _) = set_up(app, &receiver).await;
    app.owner().await.send(&channel, "before the restart", &[]).await.ok();
    let app = app.restart().await;
    run(&app).await;
    assert_eq!(receiver.all().len(), 1);
    assert_eq!(receiver.all()[0].json()["data"]["body"], "before the restart");
}

async fn a_failing_webhook_delays_no_other(app: TestApp) {
    let (receiver, broken) = (Receiver::start().await, Receiver::start().await);
    let (app, program, _, channel, _) = set_up(app, &receiver).await;
    program.webhook(&broken.url, &["message.created"]).await;
    broken.reply(vec![Reply::Status(500); 20]);
    for number in 0..20 {
        app.owner().await.send(&channel, &number.to_string(), &[]).await.ok();
    }
    run(&app).await;
    assert_eq!((receiver.all().len(), broken.all().len()), (20, 20));
}
